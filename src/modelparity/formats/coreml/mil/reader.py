"""ML Programs: a function of a program as a graph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ....errors import ArtefactError
from ....graph import Graph, Source
from ..blob import Weights
from ..package import Parts
from ..proto import known_fields, near
from .operators import translate
from .scope import Scope, Value, declared, spec_of
from .types import Blobs, Type, read_value

#: Blocks within blocks beyond which a program is taken for hostile; protobuf's own limit is 100 messages.
DEEPEST = 20


class Files:
    """The weights files of a package, each mapped once."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self._open = parts, dict[Path, Weights]()

    def __call__(self, name: str, offset: int, dtype: str, where: str) -> Any:
        path = self.parts.file(name)
        if path not in self._open:
            self._open[path] = Weights(path)
        return self._open[path].blob(offset, dtype, where)


def read(
    program: Any, parts: Parts, *, name: str, function: str = "main", source: Source | None = None
) -> Graph:
    """The graph of one function of a ``Program`` message."""
    where = str(parts.path)
    known_fields(program, where)
    if program.version != 1:
        raise ArtefactError(
            "an ML Program of another version", where=where, found=program.version, expected=1
        )
    for attribute, value in program.attributes.items():
        if attribute != "buildInfo":  # says who wrote the program, and is no part of it
            raise ArtefactError(f"attribute {attribute!r} of a program", where=where, expected="buildInfo")
        read_value(value, Files(parts), f"{where}, {attribute}")
    if function not in program.functions:
        raise ArtefactError(
            f"the program has no function {function!r}",
            where=where,
            expected=near(function, program.functions),
        )
    return _function(program.functions[function], Files(parts), name=name, label=function, source=source)


def _function(spec: Any, blobs: Blobs, *, name: str, label: str, source: Source | None) -> Graph:
    if spec.attributes:
        raise ArtefactError("attributes of a function", where=label, found=", ".join(spec.attributes))
    if spec.opset not in spec.block_specializations:
        raise ArtefactError(
            "the function has no block for its opset",
            where=label, found=spec.opset, expected=", ".join(spec.block_specializations) or "a block",
        )  # fmt: skip
    block = spec.block_specializations[spec.opset]
    if block.inputs:
        raise ArtefactError("a function's block has inputs of its own", where=label)
    inputs = [declared(one, label) for one in spec.inputs]
    scope = Scope(names_of(block) | {one for one, _ in inputs}, blobs)
    for one, kind in inputs:
        if kind.kind == "state":
            scope.inputs.append(spec_of(one, kind))
            scope.define(one, Value(kind), label)
            scope.states[one] = one
        elif kind.kind in ("tensor", "list"):
            scope.takes(one, kind, label)
        else:
            raise ArtefactError(f"a {kind.kind} as input", where=f"{label}, {one!r}")
    outputs = run_block(scope, block, label)
    states = dict(scope.states)
    return scope.builder.graph(
        name, scope.inputs, list(dict.fromkeys([*outputs, *states.values()])), source=source, states=states
    )


def run_block(scope: Scope, block: Any, label: str) -> list[str]:
    """Translate a block's operations in order; the tensors of its outputs."""
    if block.attributes:
        raise ArtefactError("attributes of a block", where=label, found=", ".join(block.attributes))
    if scope.depth > DEEPEST:
        raise ArtefactError("blocks are nested too deeply", where=label, expected=f"at most {DEEPEST}")
    for place, spec in enumerate(block.operations):
        translate(scope, spec, f"{label}/op {place} ({spec.type}{_named(spec)})")
    return [scope.tensor(name, f"{label}, outputs") for name in block.outputs]


def subgraph(
    scope: Scope, block: Any, label: str, inputs: Sequence[tuple[str, Type]], states: Sequence[str] = ()
) -> tuple[Graph, dict[str, str]]:
    """A nested block as a graph: its inputs, then the states, then what it reads of the blocks around it.

    Its outputs are those of the block, then the states. Returns also {input that was captured: tensor outside}.
    """
    inner = Scope(names_of(block) | {name for name, _ in inputs}, scope.blobs, scope, scope.depth + 1)
    for name, kind in inputs:
        inner.takes(name, kind, label)
    for name in states:
        kind = scope.lookup(name, label).type
        inner.states[name] = inner.builder.fresh(name)
        inner.inputs.append(spec_of(inner.states[name], kind))
    outputs = run_block(inner, block, label)
    outputs += [inner.states[name] for name in states]
    return inner.builder.graph(label, inner.inputs, outputs), inner.captured


def names_of(block: Any) -> set[str]:
    """Every name that operations of a block (not of blocks within) give."""
    return {one.name for spec in block.operations for one in spec.outputs}


def _named(spec: Any) -> str:
    """The operation's own name, if it has one that can be shown."""
    if "name" not in spec.attributes:
        return ""
    strings = spec.attributes["name"].immediateValue.tensor.strings.values
    return f' "{re.sub(r"[^ -~]", "?", strings[0])[:120]}"' if len(strings) == 1 else ""
