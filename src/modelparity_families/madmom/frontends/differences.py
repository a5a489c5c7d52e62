"""How much louder each band is than a little before: stage ``difference``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

from .framing import RATE, Fps

#: Mistakes that ports are known to have, likelier ones first.
Ratio = Annotated[float, Mistakes({0.5: "ratio 0.5", 0.25: "ratio 0.25"})]
Lag = Annotated[
    int | None,
    Mistakes({1: "difference to the previous frame for all sizes", 2: "difference to 2 frames before"}),
]
Start = Annotated[str, Mistakes({"zeros": "difference of the first frames to zeros"})]
Positive = Annotated[bool, Mistakes({False: "negative differences kept"})]
Widened = Annotated[
    int,
    Mistakes({1: "no maximum over neighbouring bands", 3: "maximum over 3 neighbouring bands", 5: "over 5"}),
]


def difference(
    sizes: Sequence[int],
    *,
    ratio: Ratio = 0.5,
    lag: Lag = None,
    start: Start = "nothing",
    positive: Positive = True,
    widened: Widened = 1,
    fps: Fps = 100.0,
    rate: int = RATE,
) -> Graph:
    """log_N (frame, band) -> difference_N (frame, band) for each size N

    D[t] = max(0, S[t] - S[t - d]) for t >= d, and 0 for t < d.

    Args:
        sizes: in samples.
        ratio: d is by how many frames the place where the window first exceeds this share of its largest value lies
            before its middle, rounded, at least 1.
        lag: d itself, for all sizes.
        start: what is before the first frame: "nothing" (no difference), or "zeros" to be subtracted.
        positive: whether negative differences are 0.
        widened: S[t - d] is first replaced by the largest of so many neighbouring bands, an odd number; where fewer
            are there, of those (SuperFlux: 3).
        fps: frames a second.
        rate: samples a second.

    Raises:
        InputError: a setting has no such value.
    """
    one_of("start", start, ("nothing", "zeros"))
    stage = GraphBuilder("difference")
    for size in sizes:
        x = stage.given(f"log_{size}", "frame", f"band_{size}")
        past = x
        if widened > 1:
            reach = widened // 2
            past = stage.node("expand_dims", past, f"column_{size}", axes=(2,))
            past = stage.node(
                "max_pool",
                past,
                f"largest_{size}",
                size=(widened,),
                strides=(1,),
                padding=((reach, reach),),
            )
            past = stage.node("squeeze", past, f"widened_{size}", axes=(2,))
        by = lag_of(size, ratio, rate / fps) if lag is None else lag
        # Nothing rises above infinity, so frames that have no past have no difference.
        past = stage.node("delay", past, f"past_{size}", by=by, fill=math.inf if start == "nothing" else 0.0)
        name = f"difference_{size}"
        stage.node("sub", (x, past), f"signed_{size}" if positive or start == "nothing" else name)
        if positive:
            stage.node("relu", f"signed_{size}", name)
        elif start == "nothing":
            # Minus infinity stands for no difference.
            least = stage.constant(f"least_{size}", float(-np.finfo(np.float32).max))
            zero = stage.constant(f"zero_{size}", 0.0)
            there = stage.node("greater", (f"signed_{size}", least), f"there_{size}")
            stage.node("select", (there, f"signed_{size}", zero), name)
    return stage.graph(*(f"difference_{size}" for size in sizes))


def lag_of(size: int, ratio: float, hop: float) -> int:
    """Frames from where the Hann window first exceeds ``ratio`` of its largest value to its middle; at least 1."""
    window = np.hanning(size)
    place = int(np.argmax(window > ratio * window.max()))
    return max(1, round((size / 2 - place) / hop))
