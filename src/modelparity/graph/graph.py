"""What an artefact computes, free of any framework: named tensors, nodes, weights, and where each came from.

A `Graph` is immutable. Nodes stand in execution order; every name is defined once and before its use, so a
cyclic or dangling graph is refused when it is built. Constants are read-only arrays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import Any

import numpy as np

from ..errors import GraphError
from .array import Array, digest


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a tensor: its name, its size (``None`` if the caller chooses) and the least size that runs.

    ``most`` is the largest that the artefact takes, if it says; it takes no part in hashes, for it computes nothing.
    """

    name: str
    size: int | None = None
    least: int = 1
    most: int | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.name if self.size is None else f"{self.name}={self.size}"


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A graph input: name, axes and the element type that the artefact declares.

    ``shapes`` are the only ones that the artefact takes, where it lists them. Text is whole numbers (`numbered`), of
    ``words`` that the artefact knows; these take no part in hashes, for any other word is one too.
    """

    name: str
    axes: tuple[Axis, ...]
    dtype: str = "float32"
    shapes: tuple[tuple[int, ...], ...] = field(default=(), repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)

    @property
    def shape(self) -> tuple[int | str, ...]:
        """Sizes where they are fixed, axis names where the caller chooses."""
        return tuple(axis.name if axis.size is None else axis.size for axis in self.axes)

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(map(str, self.axes))}) {'text' if self.words else self.dtype}"


@dataclass(frozen=True)
class Node:
    """One operation.

    ``op`` names a module in `modelparity.ops`; ``inputs`` are tensor names ("" leaves an optional one out);
    ``origin`` says where in the artefact the node was found; ``dtype`` is the element type that the artefact
    declares for the results, if it declares one node by node ("native" arithmetic follows it).
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attrs: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""
    dtype: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "attrs", MappingProxyType(dict(self.attrs)))


@dataclass(frozen=True)
class Source:
    """Where a graph was read from: format name, path as given, SHA-256 of the bytes.

    Where the weights were made from a ``seed``, by nobody's training, ``path`` is the model's name and ``sha256`` is
    the graph's own.
    """

    format: str
    path: str
    sha256: str
    seed: int | None = None


@dataclass(frozen=True, eq=False)
class Graph:
    """A network: inputs, nodes in execution order, constants, and the names of its outputs.

    ``native`` is the arithmetic that the artefact's declared types ask for: a name, or "declared" if nodes say
    it themselves. ``states`` maps an input to the output that becomes its next value; a caller who leaves such an
    input out starts from zeros. ``defaults`` maps an input that may be left out to the number that then fills it, or
    to the array that it then is; axes that it shares with a given input are as long as there, others as short as may
    be. ``unused`` names arrays that the artefact carries but that take no part in the computation, each with the
    reason.
    """

    name: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    source: Source | None = None
    native: str = "float32"
    unused: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, float | Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        frozen = {}
        for name, array in self.constants.items():
            frozen[name] = array = np.asarray(array).view()
            array.flags.writeable = False
        object.__setattr__(self, "constants", MappingProxyType(frozen))
        object.__setattr__(self, "unused", MappingProxyType(dict(self.unused)))
        object.__setattr__(self, "states", MappingProxyType(dict(self.states)))
        object.__setattr__(self, "defaults", MappingProxyType(dict(self.defaults)))
        self._check_names()

    def _check_names(self) -> None:
        known = {spec.name for spec in self.inputs} | set(self.constants)
        if len(known) < len(self.inputs) + len(self.constants):
            raise GraphError(
                "two inputs or constants share a name", where=self.name, fix="rename one of them"
            )
        for node in self.nodes:
            for name in node.inputs:
                if name and name not in known:
                    raise GraphError(
                        f"node {node.name!r} reads {name!r}, which nothing before it defines",
                        where=node.origin or self.name,
                        fix="order the nodes so that producers come first; a cycle has no order to run in",
                    )
            for name in node.outputs:
                if name in known:
                    raise GraphError(f"{name!r} is defined twice", where=node.origin or self.name)
                known.add(name)
        for name in self.outputs:
            if name not in known:
                raise GraphError(f"output {name!r} is defined by no node", where=self.name)
        for taken, given in self.states.items():
            if taken not in {spec.name for spec in self.inputs} or given not in self.outputs:
                raise GraphError(f"state {taken!r} -> {given!r} is no input and output", where=self.name)

        for name in self.defaults:
            if name not in {spec.name for spec in self.inputs}:
                raise GraphError(f"{name!r} has a default and is no input", where=self.name)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over structure and weights: equal for two files that compute the same thing the same way.

        Names of the graph, origins and the source path take no part.
        """
        return hashlib.sha256(repr((self.structure, sorted(self.digests.items()))).encode()).hexdigest()

    @cached_property
    def structure(self) -> str:
        """As `hash`, but blind to the values of the constants: two trainings of one network share it."""
        nodes = [
            (node.op, node.inputs, node.outputs, sorted((k, _stable(v)) for k, v in node.attrs.items()))
            + ((node.dtype,) if node.dtype else ())
            for node in self.nodes
        ]
        constants = sorted((name, a.dtype.name, a.shape) for name, a in self.constants.items())
        kept = (self.states, {name: _stable(value) for name, value in self.defaults.items()})
        states = [sorted(given.items()) for given in kept if given]
        text = repr((self.inputs, self.outputs, self.native, nodes, constants, *states))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of each constant's values, as little-endian bytes in C order."""
        return MappingProxyType({name: digest(a) for name, a in self.constants.items()})

    @property
    def parameters(self) -> int:
        """Number of weights: elements of all floating-point constants."""
        return sum(a.size for a in self.constants.values() if a.dtype.kind == "f")

    def changed(self, **changes: Any) -> Graph:
        """A copy with some fields replaced; the way faults and tests alter a graph."""
        return replace(self, **changes)

    def __repr__(self) -> str:
        ends = ", ".join(map(str, self.inputs)) + " -> " + ", ".join(self.outputs)
        return f"<Graph {self.name}: {ends}; {len(self.nodes)} nodes, {self.parameters:,} parameters>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in ("node", "op", "inputs", "outputs", "origin"))
        rows = (
            (node.name, node.op, ", ".join(node.inputs), ", ".join(node.outputs), node.origin)
            for node in self.nodes
        )
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        return f"<div><code>{escape(repr(self))}</code><table><tr>{head}</tr>{body}</table></div>"


def _stable(value: Any) -> Any:
    """An attribute as something whose `repr` is the same in every process and under every numpy."""
    if isinstance(value, Graph):
        return value.hash
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.dtype.name, value.shape, digest(value)
    if isinstance(value, Mapping):
        return sorted((key, _stable(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return [_stable(item) for item in value]
    return value
