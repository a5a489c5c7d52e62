"""What names mean inside a block: values of its function, constants, and values of the blocks around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....errors import ArtefactError
from ....graph import Axis, TensorSpec
from ...graph_builder import Builder
from ..proto import near
from .types import HELD, Blobs, Packed, Type, read_type

#: Names of MIL values.
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_@/.:\-]*\Z")


@dataclass
class Value:
    """What a name stands for: a tensor of the graph, something known when the file is read, or both."""

    type: Type
    tensor: str | None = None
    known: Any = None


class Scope:
    """One block while it is read: its names, and the builder of its graph.

    A block inside another takes what it reads of the outer one as further inputs of its graph, listed in
    ``captured`` (name of the input -> tensor outside).
    """

    def __init__(self, names: set[str], blobs: Blobs, parent: Scope | None = None, depth: int = 0) -> None:
        self.builder = Builder(tuple(names))
        self.blobs, self.parent, self.depth = blobs, parent, depth
        self.values: dict[str, Value] = {}
        self.states: dict[str, str] = {}
        self.inputs: list[TensorSpec] = []
        self.captured: dict[str, str] = {}

    def define(self, name: str, value: Value, where: str) -> None:
        """Give a name its meaning; each may be given once a block."""
        if not IDENTIFIER.match(name):
            found, expected = repr(name)[:80], "letters, digits and _ @ / . : -, not starting with a digit"
            raise ArtefactError("not a name of a value", where=where, found=found, expected=expected)
        if name in self.values and name not in self.captured:
            raise ArtefactError(
                f"{name!r} is defined twice", where=where, found="a second definition", expected="one a block"
            )
        self.values[name] = value

    def takes(self, name: str, kind: Type, where: str) -> str:
        """A new input of this block's graph, of that name."""
        self.inputs.append(spec_of(name, kind))
        self.define(name, Value(kind, tensor=name), where)
        return name

    def lookup(self, name: str, where: str) -> Value:
        """What ``name`` means here. Raises `ArtefactError` naming what is near."""
        if name in self.values:
            return self.values[name]
        if self.parent is None:
            raise ArtefactError(
                f"{name!r} is defined by nothing before it",
                where=where,
                found=repr(name)[:80],
                expected=f"one of {near(name, self.values)}",
                fix="operations may only read what stands before them; a cycle has no order to run in",
            )
        outer = self.parent.lookup(name, where)
        if outer.tensor is None or outer.known is not None:
            self.values[name] = Value(outer.type, None, outer.known)
        else:
            inner = self.builder.fresh(name)
            self.inputs.append(spec_of(inner, outer.type))
            self.captured[inner] = self.parent.tensor(name, where)
            self.values[name] = Value(outer.type, inner)
        return self.values[name]

    def tensor(self, name: str, where: str) -> str:
        """The tensor of this block's graph that holds the value; a constant becomes one when first asked for."""
        value = self.lookup(name, where)
        if value.tensor is None:
            value.tensor = self.stored(value, name, where)
        return value.tensor

    def stored(self, value: Value, name: str, where: str) -> str:
        """A known value as a constant of the graph, of that name if nobody else has it; unpacked by a node."""
        own = name in self.values and name not in self.builder.constants
        if isinstance(value.known, Packed):
            raw = self.builder.constant(value.known.raw, f"{name}.packed")
            outputs = [name] if own else [self.builder.fresh(name)]
            attrs = value.known.attrs
            return self.builder.emit("unpack_bits", [raw], outputs, dtype=value.type.dtype, **attrs)[0]
        if not isinstance(value.known, np.ndarray):
            raise ArtefactError(
                f"{name!r} is not a tensor", where=where, found=str(value.type), expected="a tensor"
            )
        if not own:
            return self.builder.constant(value.known, name)
        self.builder.constants[name] = value.known
        return name

    def state(self, name: str, where: str) -> str:
        """The tensor that holds a state's present value."""
        if name not in self.states:
            if self.parent is None:
                raise ArtefactError(f"{name!r} is no state", where=where, expected=near(name, self.states))
            outer, kind = self.parent.state(name, where), self.parent.lookup(name, where).type
            inner = self.builder.fresh(name)
            self.inputs.append(spec_of(inner, kind))
            self.captured[inner] = outer
            self.states[name] = inner
        return self.states[name]


def spec_of(name: str, kind: Type) -> TensorSpec:
    """A graph's input of that type."""
    if not kind.ranked:
        raise ArtefactError(
            "the number of axes of an input is not known",
            where=name,
            found=str(kind),
            expected="a known rank",
        )
    axes = tuple(Axis(f"{name}_{place}", size, least=0) for place, size in enumerate(kind.shape))
    return TensorSpec(name, axes, HELD.get(kind.dtype, kind.dtype))


def declared(spec: Any, where: str) -> tuple[str, Type]:
    """A ``NamedValueType``: its name and type."""
    return spec.name, read_type(spec.type, f"{where}, {spec.name!r}")
