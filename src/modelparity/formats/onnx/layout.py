"""Layouts: how a graph's tensor lies in memory while ONNX computes with it.

===========  ==========================================================================
plain        as the graph says
first<n>     channels before n spatial axes, with a batch axis: (batch, channel, s1..sn)
sequence     (time, batch, feature), with a batch axis of 1 if the graph has none
steps        what a recurrent node yields: (time, direction, batch, hidden)
===========  ==========================================================================

A chain of convolutions or of recurrent nodes stays in its own layout and is brought back once, at its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..layouts import PLAIN, spatial_axes

if TYPE_CHECKING:
    from .builder import Builder

SEQUENCE, STEPS = "sequence", "steps"


def direct(source: str, form: str) -> bool:
    """Whether `convert` takes one layout to another without the plain one between."""
    return PLAIN in (source, form) or (source == STEPS and form == SEQUENCE)


def convert(b: Builder, name: str, source: str, form: str, rank: int, out: str) -> str:
    """Emit what takes a tensor of ``rank`` axes from one layout to another, under the name ``out``."""
    if source == STEPS:
        if rank == 3:  # (time, direction, batch, hidden): features of one frame belong together
            name = b.emit("Transpose", [name], perm=[0, 2, 1, 3])
            return b.emit("Reshape", [name, b.ints(0, 0, -1)], out=out)
        return b.emit("Reshape", [name, b.ints(0, 1, -1) if form == SEQUENCE else b.ints(0, -1)], out=out)
    if form == SEQUENCE:
        return name if rank == 3 else b.emit("Unsqueeze", [name, b.ints(1)], out=out)
    n = spatial_axes(form) or spatial_axes(source)
    if rank == n + 2:
        perm = [0, *range(2, n + 2), 1] if form == PLAIN else [0, n + 1, *range(1, n + 1)]
        return b.emit("Transpose", [name], perm=perm, out=out)
    if form == PLAIN:
        image = b.emit("Squeeze", [name, b.ints(0)])
        return b.emit("Transpose", [image], perm=[*range(1, n + 1), 0], out=out)
    return b.emit("Unsqueeze", [b.emit("Transpose", [name], perm=[n, *range(n)]), b.ints(0)], out=out)
