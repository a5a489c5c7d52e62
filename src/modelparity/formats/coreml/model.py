"""Which kind of model a Core ML file holds, and its graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import ArtefactError
from ...graph import Graph, Source
from .features import described, feature
from .package import Parts, parts
from .proto import known_fields, near, parse

NETWORKS = ("neuralNetwork", "neuralNetworkClassifier", "neuralNetworkRegressor")
PIPELINES = ("pipeline", "pipelineClassifier", "pipelineRegressor")
#: Pipelines within pipelines.
DEEPEST = 8


def read(path: Path, *, function: str | None = None) -> Graph:
    """The graph of an ``.mlmodel`` or ``.mlpackage``; of a pipeline, its models joined.

    ``function`` chooses one of several functions of an ML Program; left out, the model's own default counts.
    Raises `ArtefactError` for what is damaged, hostile, newer, or no network.
    """
    found = parts(path)
    spec = parse(found.model, found.data())
    return graph_of(spec, found, function=function)


def graph_of(
    spec: Any,
    found: Parts,
    *,
    function: str | None = None,
    name: str | None = None,
    depth: int = 0,
    source: Source | None = None,
) -> Graph:
    """The graph of a ``Model`` message whose files are ``found``; ``depth`` counts the pipelines around it."""
    source = source or Source("coreml", str(found.path), found.sha256())
    name = name or found.path.stem
    known_fields(spec.description, f"{found.path}, description")
    kind = spec.WhichOneof("Type")
    if kind == "mlProgram":
        return _program(spec, found, function, name, source)
    if function is not None:
        raise ArtefactError("only ML Programs have functions", where=found.path, found=kind)
    if kind in NETWORKS:
        from .nn.reader import read as network

        graph: Graph = network(spec, found, name=name, source=source)
        return graph
    if kind in PIPELINES:
        from .pipeline import joined

        inner = spec.pipeline if kind == "pipeline" else getattr(spec, kind).pipeline
        if depth >= DEEPEST:
            raise ArtefactError(
                "pipelines are nested too deeply", where=found.path, expected=f"at most {DEEPEST}"
            )
        graphs = [
            (label, one.description, graph_of(one, found, name=label, depth=depth + 1, source=source))
            for label, one in named(inner, f"{found.path}, {kind}")
        ]
        return joined(graphs, spec.description, where=str(found.path), name=name, source=source)
    raise ArtefactError(
        "a kind of model that is no network" if kind else "a model that holds nothing",
        where=found.path, found=kind, expected=", ".join(("mlProgram", *NETWORKS, *PIPELINES)),
    )  # fmt: skip


def _program(spec: Any, found: Parts, function: str | None, name: str, source: Source) -> Graph:
    from .mil.reader import read as program

    description, chosen = spec.description, function or spec.description.defaultFunctionName or "main"
    if description.functions:
        by_name = {one.name: one for one in description.functions}
        if chosen not in by_name:
            raise ArtefactError(
                f"the model has no function {chosen!r}", where=found.path, expected=near(chosen, by_name)
            )
        description = by_name[chosen]
    ends = {
        side: [feature(one, f"{found.path}, {side}s") for one in getattr(description, side)]
        for side in ("input", "output", "state")
    }
    graph = program(
        spec.mlProgram, found, name=name, function=chosen, source=source,
        inputs=[*ends["input"], *ends["state"]], outputs=ends["output"],
    )  # fmt: skip
    return described(graph, ends["input"], str(found.path))


def named(pipeline: Any, where: str) -> list[tuple[str, Any]]:
    """The models of a pipeline with their names, or numbers if it gives them none."""
    if not pipeline.models:
        raise ArtefactError("a pipeline without models", where=where)
    if pipeline.names and len(pipeline.names) != len(pipeline.models):
        raise ArtefactError(
            "a pipeline has not as many names as models",
            where=where, found=len(pipeline.names), expected=len(pipeline.models),
        )  # fmt: skip
    names = list(pipeline.names) or [f"model {place}" for place in range(len(pipeline.models))]
    return list(zip(names, pipeline.models, strict=True))
