"""ML Programs: a function of a program as a graph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ....errors import ArtefactError
from ....graph import Graph, Source
from ..blob import Weights
from ..features import Feature, image_in, image_out, spec_of as image_spec
from ..package import Parts
from ..proto import known_fields, near
from .operators import translate
from .scope import Scope, Value, declared, spec_of
from .types import Blobs, Type, read_value

#: Blocks within blocks beyond which a program is taken for hostile; protobuf's own limit is 100 messages.
DEEPEST = 20


#: Sets of operations: those of iOS 15, 16, 17, 18 and 26.
OPSETS = ("CoreML5", "CoreML6", "CoreML7", "CoreML8", "CoreML9")


class Files:
    """The weights files of a package, each mapped once."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self._open = parts, dict[str, Weights]()

    def __call__(self, name: str, offset: int, dtype: str, where: str) -> Any:
        if name not in self._open:
            self._open[name] = Weights(self.parts.file(name, where))
        return self._open[name].blob(offset, dtype, where)


def read(
    program: Any,
    parts: Parts,
    *,
    name: str,
    function: str = "main",
    inputs: Sequence[Feature] = (),
    outputs: Sequence[Feature] = (),
    source: Source | None = None,
) -> Graph:
    """The graph of one function of a ``Program`` message, whose features are the inputs and outputs of the model."""
    where = str(parts.path)
    known_fields(program, where)
    if program.version != 1:
        raise ArtefactError(
            "an ML Program of another version", where=where, found=program.version, expected=1
        )
    files = Files(parts)
    for attribute, value in program.attributes.items():
        if attribute != "buildInfo":  # says who wrote the program, and is no part of it
            raise ArtefactError(
                "an attribute of a program that is not known",
                where=where,
                found=repr(attribute)[:80],
                expected="buildInfo",
            )
        read_value(value, files, f"{where}, {attribute}")
    if function not in program.functions:
        raise ArtefactError(
            f"the program has no function {function!r}",
            where=where,
            found=f"{len(program.functions)} functions",
            expected=near(function, program.functions),
        )
    spec = program.functions[function]
    try:
        return _function(spec, files, name, function, inputs, outputs, source)
    except ArtefactError as error:
        if str(error.where).startswith(function):
            raise ArtefactError(
                error.what,
                where=f"{where}, {error.where}",
                found=error.found,
                expected=error.expected,
                fix=error.fix,
            ) from None
        raise


def _function(
    spec: Any,
    blobs: Blobs,
    name: str,
    label: str,
    features: Sequence[Feature],
    given: Sequence[Feature],
    source: Source | None,
) -> Graph:
    if spec.attributes:
        raise ArtefactError("attributes of a function", where=label, found=", ".join(spec.attributes))
    if spec.opset not in OPSETS:
        raise ArtefactError(
            "the function is written in another set of operations",
            where=label,
            found=repr(spec.opset)[:80],
            expected=", ".join(OPSETS),
            fix="if it comes from a newer Core ML: update coremltools and modelparity",
        )
    if spec.opset not in spec.block_specializations:
        raise ArtefactError(
            "the function has no block for its opset",
            where=label,
            found=spec.opset,
            expected=", ".join(spec.block_specializations) or "a block",
        )
    block = spec.block_specializations[spec.opset]
    if block.inputs:
        raise ArtefactError("a function's block has inputs of its own", where=label)
    inputs = [declared(one, label) for one in spec.inputs]
    scope = Scope(names_of(block) | {one for one, _ in inputs}, blobs)
    by_name = {one.name: one for one in features}
    for one, kind in inputs:
        _enter(scope, one, kind, by_name.pop(one, None), f"{label}, input {one!r}")
    if by_name:
        raise ArtefactError(
            f"the function has no input {next(iter(by_name))!r}",
            where=label,
            found=near("", dict(inputs)),
            expected=near(next(iter(by_name)), dict(inputs)),
        )
    outputs = run_block(scope, block, label)
    for feature in given:
        if feature.name not in outputs:
            raise ArtefactError(
                f"the function has no output {feature.name!r}",
                where=label,
                found=near("", outputs),
                expected=near(feature.name, outputs),
            )
        if feature.kind == "image" and any(feature.name == spec.name for spec in scope.inputs):
            raise ArtefactError(
                "an image that leaves as it came has the name of the input",
                where=label,
                found=feature.name,
                expected="a name of its own",
                fix="rename one of them",
            )
        if feature.kind == "image":
            scope.builder.origin = f"output {feature.name!r}"
            image_out(scope.builder, feature, scope.builder.vacate(feature.name), target=feature.name)
    states = dict(scope.states)
    defaults = {one.name: one.default or 0.0 for one in features if one.optional and one.name not in states}
    return scope.builder.graph(
        name,
        scope.inputs,
        list(dict.fromkeys([*outputs, *states.values()])),
        source=source,
        states=states,
        defaults=defaults,
    )


def _enter(scope: Scope, name: str, kind: Type, one: Feature | None, where: str) -> None:
    """An input of the function as an input of the graph."""
    if kind.kind not in ("tensor", "list", "state") or kind.dtype == "string":
        raise ArtefactError("not a type of an input", where=where, found=str(kind))
    if kind.kind == "state":
        scope.inputs.append(spec_of(name, kind))
        scope.define(name, Value(kind), where)
        scope.states[name] = name
    elif one is not None and one.kind == "image":
        if kind.shape[:2] != (1, one.channels) or len(kind.shape) != 4:
            raise ArtefactError(
                "an image's array",
                where=where,
                found=str(kind),
                expected=f"(1, {one.channels}, height, width)",
            )
        scope.inputs.append(image_spec(one))
        scope.builder.origin = f"input {name!r}"
        array = scope.builder.fresh(f"{name}.array")
        image_in(scope.builder, one, name, target=array, dtype=kind.dtype)
        scope.define(name, Value(kind, tensor=array), where)
    elif one is not None and one.kind not in ("array", "state"):
        raise ArtefactError(
            "an input that is no array", where=where, found=one.kind, expected="an array or image"
        )
    else:
        scope.takes(name, kind, where)


def run_block(scope: Scope, block: Any, label: str) -> list[str]:
    """Translate a block's operations in order; the tensors of its outputs."""
    if block.attributes:
        raise ArtefactError("attributes of a block", where=label, found=", ".join(block.attributes))
    if scope.depth > DEEPEST:
        raise ArtefactError(
            "blocks are nested too deeply", where=label, found=scope.depth, expected=f"at most {DEEPEST}"
        )
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
