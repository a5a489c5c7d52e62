"""Recurrent layers as `rnn`, `lstm` and `gru` nodes: directions joined where they are alike."""

from __future__ import annotations

from ....errors import ArtefactError
from ..builder import Builder, Extent
from ..cells import READERS, Direction, direction, stacked
from ..layer_attributes import View
from ..layer_registry import reads


@reads(*READERS)
def memory(builder: Builder, name: str, view: View) -> None:
    """A recurrent layer in one direction."""
    _add(builder, name, (direction(view),), (view,), view.where)


@reads("BidirectionalLayer")
def bidirectional(builder: Builder, name: str, view: View) -> None:
    """Forward and backward layers; the backward one reads and returns time reversed."""
    views = tuple(view.part(side, *READERS) for side in ("fwd_layer", "bwd_layer"))
    _add(builder, name, tuple(map(direction, views)), views, view.where)


def _add(
    builder: Builder, name: str, ways: tuple[Direction, ...], views: tuple[View, ...], origin: str
) -> None:
    """Add one layer: a forward direction, or a forward and a backward one that are joined on the feature axis."""
    for way, view in zip(ways, views, strict=True):
        if builder.rank != 2 or not builder.axes[1].fits(way.width):
            found = "rank " + str(builder.rank) if builder.rank != 2 else builder.axes[1].known
            raise ArtefactError(
                "a recurrent layer does not fit what comes before it",
                where=view.where,
                found=f"{found} from the layer before",
                expected=f"frames of {way.width}",
            )
        builder.unused.update(way.unused)
    first, last = ways[0], ways[-1]
    alike = first.op == last.op and first.attrs == last.attrs and first.hidden == last.hidden
    if alike:
        total = first.hidden * len(ways)
        side = {} if len(ways) == 1 else {"direction": "bidirectional"}
        weights = {part: stacked([way.weights[part] for way in ways]) for part in first.weights}
        builder.node(
            f"{name}_{first.op}",
            first.op,
            origin,
            (builder.axes[0], Extent(total)),
            weights,
            **first.attrs,
            **side,
        )
        return
    source, time, made = builder.tensor, builder.axes[0], []
    for way, view, side_name in zip(ways, views, ("forward", "reverse"), strict=True):
        weights = {part: stacked([array]) for part, array in way.weights.items()}
        made.append(
            builder.node(
                f"{name}_{side_name}_{way.op}",
                way.op,
                view.where,
                (time, Extent(way.hidden)),
                weights,
                source=source,
                **way.attrs,
                direction=side_name,
            )
        )
    builder.concat(f"{name}_concat", origin, made, (time, Extent(first.hidden + last.hidden)))
