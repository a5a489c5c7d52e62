"""Along which axis of its inputs a network's blocks come."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import NotCausalError, near
from ..graph import Graph

#: The name that stands for time whatever else is there, and words of names that do.
TIME = "time"
WORDS = ("time", "seq", "frame", "step", "len", "sample")
#: Words and whole names of axes along which blocks do not come.
BATCHES, BATCH = ("n", "b", "bs"), "batch"


def along(graph: Graph, axis: str | None, states: Collection[str]) -> str:
    """``axis``, or the one that is found: a free one before a fixed one, and one whose name says it before others.

    Raises `NotCausalError` where there is none, or several.
    """
    fed = [spec for spec in graph.inputs if spec.name not in states]
    sizes = {one.name: one.size for spec in fed for one in spec.axes}
    if axis is not None:
        if axis not in sizes:
            raise NotCausalError(
                f"no input has an axis {axis!r}",
                where=graph.name,
                found="; ".join(map(str, graph.inputs)),
                expected=near(axis, sizes),
            )
        return axis
    free = [name for name, size in sizes.items() if size is None]
    if TIME in free:
        return TIME
    for names in ([name for name in free if not _batch(name)], free, [n for n in sizes if n not in free]):
        told = [name for name in names if any(word in name.lower() for word in WORDS)]
        for some in (told, names if names and names[0] in free else []):
            if len(some) == 1:
                return some[0]
    raise NotCausalError(
        "which axis blocks come along does not follow from their names"
        if sizes
        else "the graph has no input",
        where=graph.name,
        found="; ".join(map(str, graph.inputs)) or None,
        fix=f"name one: stream(graph, axis={next(iter(free or sizes))!r})" if sizes else None,
    )


def _batch(name: str) -> bool:
    return BATCH in name.lower() or name.lower() in BATCHES
