"""Write a graph as a file of another format, or build it as another framework's object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, overload

import numpy as np

from ..engine.feeds import expect_graph
from ..engine.rounded_weights import rounded_weights
from ..errors import ConversionError, InputError
from ..files import replacing
from ..formats.registry import Format, attributed, for_suffix, named
from ..graph import Array, Graph
from ..runtimes.registry import runtime, runtime_for
from .accounting import account, unaccounted

#: What ``weights=`` accepts.
PRECISIONS = ("float32", "float16", "bfloat16")


@overload
def convert(
    graph: Graph,
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    weights: str = "float32",
    precision: str = "float32",
) -> Path: ...
@overload
def convert(
    graph: Graph, path: None = None, *, format: str, weights: str = "float32", precision: str = "float32"
) -> Any: ...
def convert(
    graph: Graph,
    path: str | os.PathLike[str] | None = None,
    *,
    format: str | None = None,
    weights: str = "float32",
    precision: str = "float32",
) -> Any:
    """Write ``graph`` to ``path`` and return the path, or build an object (a ``torch.nn.Module``) without one.

    The file is read back and every weight of the graph looked for in it before it takes its name, so an existing
    file is replaced only by a complete one.

    Args:
        graph: the network.
        path: where to write; without one an object is built, in a format that has objects.
        format: its name; by default the suffix of ``path`` says it.
        weights: float16 or bfloat16 rounds the weights' values to that precision; they are stored as float32 all
            the same.
        precision: what the file says that everything between inputs and outputs is computed and stored in, where
            a format has a choice: float16 besides float32 for Core ML's ``.mlpackage``.

    Returns:
        The path, or the object.

    Raises:
        ConversionError: the format has no form of something, or a weight went missing.
        Unavailable: the format's package is not installed.
    """
    expect_graph(graph)
    target = Path(path) if path is not None else None
    chosen = _format(target, format)
    if precision not in chosen.precisions:
        raise ConversionError(
            f"{chosen.name} does not come in {precision}",
            where=target,
            expected=", ".join(chosen.precisions),
            fix="weights= rounds the weights alone" if precision in PRECISIONS else None,
        )
    rounded = _rounded(graph, weights)
    if target is None:
        if chosen.build is None:
            raise ConversionError(f"{chosen.name} is written to a file", fix="give a path")
        built = chosen.build(rounded)
        _account(rounded, built, chosen.name)
        return built
    if chosen.write is None:
        reason = "is built as an object, not written" if chosen.build else "can be read but not written"
        raise ConversionError(
            f"{chosen.name} {reason}", where=target, fix="leave the path out" if chosen.build else None
        )
    own = target.suffix.lower()
    suffix = own if own in chosen.suffixes else chosen.suffixes[0]
    options = {"precision": precision} if len(chosen.precisions) > 1 else {}
    with replacing(target, ConversionError, suffix=suffix) as draft:
        with attributed(chosen, "writing", target):
            chosen.write(rounded, draft, **options)
        _account(rounded, draft, chosen.name)
    return target


def _format(path: Path | None, name: str | None) -> Format:
    if name is not None:
        return named(name)
    if path is None:
        raise ConversionError(
            "neither a path nor a format was given", fix='say format="torch", or give a path'
        )
    return for_suffix(path)


def _rounded(graph: Graph, precision: str) -> Graph:
    if precision not in PRECISIONS:
        raise ConversionError(f"unknown precision of weights {precision!r}", expected=", ".join(PRECISIONS))
    if precision == "float32":
        return graph
    rounded = rounded_weights(graph, precision)
    for name, array in graph.constants.items():
        if array.dtype.kind == "f" and (np.isfinite(array) & ~np.isfinite(rounded.constants[name])).any():
            raise ConversionError(
                f"weights of {name!r} are too large for {precision}",
                where=graph.name,
                found=float(np.abs(array).max()),
                fix="keep float32, or bfloat16",
            )
    return rounded.changed(source=graph.source)


def _account(graph: Graph, artefact: object, format: str) -> None:
    """Raise `ConversionError` unless every weight of the graph is in what was written or built."""
    wrong = unaccounted(account(graph, _arrays(artefact, format)))
    if wrong:
        raise ConversionError(
            f"weights went missing while writing {format}",
            where=graph.name,
            found="\n".join(map(str, wrong)),
            expected="every weight of the source",
            fix="this is a bug in the writer; nothing was left on disk",
        )


def _arrays(artefact: object, format: str) -> Mapping[str, Array]:
    """Every array of what was written or built, as its runtime tells, or as this package reads it."""
    try:
        arrays = runtime_for(artefact).weights(artefact)
        engine = runtime("engine")
        if arrays is None and engine.accepts(artefact):
            arrays = engine.weights(artefact)
    except InputError:  # nobody runs it
        arrays = None
    if arrays is None:
        raise ConversionError(
            f"the weights written as {format} are not accounted for: nothing reads them back",
            fix="the format's author gives it a reader (read=), or its runtime weights()",
        )
    return arrays
