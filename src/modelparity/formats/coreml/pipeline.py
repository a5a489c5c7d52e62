"""Pipelines: models one after another, joined into one graph by the names of what they take and give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...errors import ArtefactError
from ...graph import Array, Graph, Node, Source, TensorSpec
from ..graph_builder import Builder
from .features import Feature, feature, features, spec_of
from .proto import near


def joined(
    models: Sequence[tuple[str, Any, Graph]],
    description: Any,
    *,
    where: str,
    name: str,
    source: Source | None,
) -> Graph:
    """One graph of (name, description, graph) of each model; tensors of the i-th are called ``i/...``.

    What an earlier model gives, or the pipeline itself takes, is what a model takes of that name; an optional input
    that nobody gives stays an input. Raises `ArtefactError` for an input that nobody gives.
    """
    inputs = features(description.input, f"{where}, inputs")
    outputs = features(description.output, f"{where}, outputs")
    specs = {one.name: _spec(one, models, where) for one in inputs}
    builder = Builder([*specs, *(one.name for one in outputs)])
    given = {one: (one, spec.dtype) for one, spec in specs.items()}
    states: dict[str, str] = {}
    defaults: dict[str, float | Array] = {one.name: one.default or 0.0 for one in inputs if one.optional}
    for place, (label, inner, graph) in enumerate(models):
        names = {tensor: f"{place}/{tensor}" for tensor in _tensors(graph)}
        builder.origin = f"model {place} ({label})"
        for spec in graph.inputs:
            if spec.name in given:
                names[spec.name] = _fitting(builder, given[spec.name], spec, names[spec.name])
            elif spec.name in graph.states or spec.name in graph.defaults:
                specs[names[spec.name]] = replace(spec, name=names[spec.name])
            else:
                raise ArtefactError(
                    f"nothing gives {spec.name!r}, which a model takes",
                    where=f"{where}, {builder.origin}",
                    found=near("", given),
                    expected=spec.name[:80],
                )
        builder.constants.update({names[one]: array for one, array in graph.constants.items()})
        builder.nodes += [_renamed(node, names, builder.origin) for node in graph.nodes]
        states |= {names[taken]: names[result] for taken, result in graph.states.items()}
        defaults |= {names[one]: value for one, value in graph.defaults.items() if names[one] in specs}
        kinds = {one.name: feature(one, f"{where}, {builder.origin}") for one in inner.output}
        given |= {one: (names[one], kinds[one].dtype) for one in graph.outputs if one in kinds}
    builder.origin = "outputs of the pipeline"
    for one in outputs:
        if one.name not in given:
            raise ArtefactError(
                f"no model gives {one.name!r}",
                where=f"{where}, outputs",
                found=near("", given),
                expected=one.name[:80],
            )
        if given[one.name][0] != one.name:
            builder.emit("identity", [given[one.name][0]], [one.name])
    return builder.graph(
        name,
        list(specs.values()),
        list(dict.fromkeys([*(one.name for one in outputs), *states.values()])),
        source=source,
        states=states,
        defaults=defaults,
    )


def _spec(one: Feature, models: Sequence[tuple[str, Any, Graph]], where: str) -> TensorSpec:
    """An input of the pipeline: as the first model that takes it has it."""
    for _, _, graph in models:
        for spec in graph.inputs:
            if spec.name == one.name:
                return spec
    if one.kind not in ("array", "image"):
        raise ArtefactError("an input that no model takes", where=where, found=one.name)
    return spec_of(one)


def _fitting(builder: Builder, given: tuple[str, str], spec: TensorSpec, name: str) -> str:
    """What is given, as the kind of number that the model takes."""
    tensor, dtype = given
    if (dtype[:1] == "f") == (spec.dtype[:1] == "f") or not dtype:
        return tensor
    to = "float" if spec.dtype[:1] == "f" else spec.dtype
    return builder.emit("cast", [tensor], [name], dtype=spec.dtype, to=to)[0]


def _tensors(graph: Graph) -> list[str]:
    """Every tensor that the graph names."""
    made = [name for node in graph.nodes for name in node.outputs]
    return [*(spec.name for spec in graph.inputs), *graph.constants, *made]


def _renamed(node: Node, names: dict[str, str], origin: str) -> Node:
    return replace(
        node,
        name=names.get(node.name, f"{origin}/{node.name}"),
        inputs=tuple(name and names[name] for name in node.inputs),
        outputs=tuple(names[name] for name in node.outputs),
        origin=f"{origin}/{node.origin}",
    )
