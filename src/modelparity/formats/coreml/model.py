"""Which kind of model a Core ML file holds, and its graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import ArtefactError, GraphError, clipped
from ...graph import Graph, Source
from .features import described, features
from .package import Parts, parts
from .proto import known_fields, near, parse

NETWORKS = ("neuralNetwork", "neuralNetworkClassifier", "neuralNetworkRegressor")
PIPELINES = ("pipeline", "pipelineClassifier", "pipelineRegressor")
#: What to do with a file that contradicts itself.
AGAIN = "export or download the model again; if that gives the same file, the fault is in the program that wrote it"
#: Pipelines within pipelines.
DEEPEST = 8


def read(path: Path, *, function: str | None = None) -> Graph:
    """The graph of an ``.mlmodel`` or ``.mlpackage``; of a pipeline, its models joined.

    ``function`` chooses one of several functions of an ML Program; left out, the model's own default counts.
    Raises `ArtefactError` for what is damaged, hostile, newer, or no network.
    """
    try:
        found = parts(path)
        spec = parse(found.model, found.data())
        return graph_of(spec, found, function=function)
    except ArtefactError as error:
        raise _complete(error, path) from error.__cause__
    except GraphError as error:  # what was read makes no graph
        raise _complete(error, path) from error
    except RecursionError:
        raise ArtefactError(
            "something is nested too deeply", where=path, expected="what Python's stack holds", fix=AGAIN
        ) from None
    except MemoryError as error:
        raise ArtefactError(
            "memory does not suffice to read it",
            where=path,
            found=str(error) or None,
            fix="read it where there is more memory",
        ) from error


def _complete(error: ArtefactError | GraphError, path: Path) -> ArtefactError:
    """The error with the file it is about and what to do, if whoever raised it said neither."""
    where = str(path) if error.where is None else str(error.where)
    kind = type(error) if isinstance(error, ArtefactError) else ArtefactError
    return kind(
        str(clipped(error.what)),
        where=clipped(where if str(path) in where else f"{path}, {where}"),
        found=clipped(error.found),
        expected=clipped(error.expected),
        fix=error.fix or AGAIN,
    )


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
                "pipelines are nested too deeply",
                where=found.path,
                found=f"more than {DEEPEST}",
                expected=f"at most {DEEPEST}",
            )
        graphs = [
            (label, one.description, graph_of(one, found, name=label, depth=depth + 1, source=source))
            for label, one in named(inner, f"{found.path}, {kind}")
        ]
        return joined(graphs, spec.description, where=str(found.path), name=name, source=source)
    raise ArtefactError(
        "a kind of model that is no network" if kind else "a model that holds nothing",
        where=found.path,
        found=kind or "none of the kinds that are known",
        expected=", ".join(("mlProgram", *NETWORKS, *PIPELINES)),
        fix="only networks and programs can be compared" if kind else None,
    )


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
    interface = {
        side: features(getattr(description, side), f"{found.path}, {side}s")
        for side in ("input", "output", "state")
    }
    graph = program(
        spec.mlProgram,
        found,
        name=name,
        function=chosen,
        source=source,
        inputs=[*interface["input"], *interface["state"]],
        outputs=interface["output"],
    )
    return described(graph, interface["input"], str(found.path))


def named(pipeline: Any, where: str) -> list[tuple[str, Any]]:
    """The models of a pipeline with their names, or numbers if it gives them none."""
    if not pipeline.models:
        raise ArtefactError("a pipeline without models", where=where, found="none", expected="models")
    if pipeline.names and len(pipeline.names) != len(pipeline.models):
        raise ArtefactError(
            "a pipeline has not as many names as models",
            where=where,
            found=len(pipeline.names),
            expected=len(pipeline.models),
        )
    names = list(pipeline.names) or [f"model {place}" for place in range(len(pipeline.models))]
    return list(zip(names, pipeline.models, strict=True))
