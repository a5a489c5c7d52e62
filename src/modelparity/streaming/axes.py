"""Along which axis of its inputs a network's blocks come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from ..describe.shapes import free_axes, shapes
from ..errors import InputError, ModelparityError, near
from ..graph import Graph, TensorSpec

#: The name that stands for time whatever else is there, and words of names that do.
TIME = "time"
WORDS = ("time", "seq", "frame", "step", "len", "sample")
#: Words and whole names of axes along which blocks do not come.
BATCHES, BATCH = ("n", "b", "bs"), "batch"


def along(graph: Graph, axis: str | None, states: Collection[str]) -> str:
    """``axis``, or the one that is found: a free one before a fixed one, and one whose name says it before others.

    Of fixed axes whose names say nothing it is the one that the network could run at another length, which weights
    or the rest of the file do not settle. Raises `InputError` where there is none, or several.
    """
    fed = [spec for spec in graph.inputs if spec.name not in states]
    sizes = {one.name: one.size for spec in fed for one in spec.axes}
    if axis is not None:
        if axis not in sizes:
            raise InputError(
                f"no input has an axis {axis!r}",
                where=graph.name,
                found="; ".join(map(str, graph.inputs)),
                expected=near(axis, sizes),
            )
        return axis
    free = [name for name, size in sizes.items() if size is None]
    fixed = [name for name in sizes if name not in free]
    if TIME in free:
        return TIME
    for names in ([name for name in free if not _batch(name)], free, fixed):
        told = [name for name in names if any(word in name.lower() for word in WORDS)]
        for some in (told, names if names is not fixed else []):
            if len(some) == 1:
                return some[0]
    open_ones = free or [name for name in fixed if not _batch(name) and _varies(graph, name, states)]
    long = [name for name in open_ones if sizes[name] not in (None, 1)]
    if not free and 1 in (len(long), len(open_ones)):
        return (long if len(long) == 1 else open_ones)[0]
    raise InputError(
        "which axis blocks come along does not follow from their names"
        if sizes
        else "the graph has no input",
        where=graph.name,
        found="; ".join(map(str, graph.inputs)) or None,
        fix=f"name one: stream(graph, axis={_likeliest(fed, open_ones)!r})" if sizes else None,
    )


def _batch(name: str) -> bool:
    return BATCH in name.lower() or name.lower() in BATCHES


def _varies(graph: Graph, name: str, states: Collection[str]) -> bool:
    """Whether the network runs at another length of an axis that the file fixes, its states as they are."""
    inputs = tuple(
        replace(
            spec,
            axes=tuple(
                replace(one, size=(one.size or 0) + 1, least=0) if one.name == name else one
                for one in spec.axes
            ),
            shapes=(),
        )
        if spec.name not in states
        else spec
        for spec in graph.inputs
    )
    changed = graph.changed(inputs=inputs)
    try:
        shapes(changed, free_axes(changed))
    except ModelparityError:
        return False
    return True


def _likeliest(fed: Sequence[TensorSpec], open_ones: Sequence[str]) -> str:
    """An axis to give as an example: the longest, of those that may be it if any may."""
    axes = [one for spec in fed for one in spec.axes]
    some = [one for one in axes if one.name in open_ones] or axes
    return max(some, key=lambda one: one.size or 0).name
