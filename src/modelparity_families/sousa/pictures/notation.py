"""One cycle of a rudiment on a line: note heads, accents, grace notes, and below which hand plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rudiments import rudiment
from ..stickings import sticking
from .drawing import COLOURS, TAP, empty

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Room that a stroke takes, and a grace note, in the width of a stroke.
STROKE, GRACE = 1.0, 0.45


def notation(name: str) -> Figure:
    """The rudiment's sticking: strokes from left to right, small where they are grace notes, in their kinds' colours.

    Raises `InputError` naming what is near, and `Unavailable` without matplotlib.
    """
    strokes = sticking(name)
    width = sum(GRACE if one.kind == "grace" else STROKE for one in strokes) + STROKE
    figure = empty((max(4.0, 0.6 * width), 1.8))
    axes = figure.add_subplot()
    axes.axhline(0, color="black", linewidth=0.8, zorder=0)
    place = STROKE / 2
    for one in strokes:
        small = one.kind == "grace"
        place += GRACE / 2 if small else STROKE / 2
        colour = COLOURS[one.kind][1] if one.kind in COLOURS else TAP
        axes.plot([place, place], [0, 0.45 if small else 0.8], color=colour, linewidth=1)
        axes.plot([place], [0], "o", color=colour, markersize=5 if small else 9)
        axes.text(
            place, -0.6, one.hand.lower() if small else one.hand, ha="center", fontsize=7 if small else 11
        )
        if one.kind == "accent":
            axes.text(place, 0.9, ">", ha="center", fontsize=11)
        if one.kind == "buzz":
            axes.text(place, 0.35, "z", ha="center", fontsize=9)
        place += GRACE / 2 if small else STROKE / 2
    axes.set(xlim=(0, width), ylim=(-0.9, 1.4), title=rudiment(name).replace("-", " "))
    axes.axis("off")
    figure.tight_layout()
    return figure
