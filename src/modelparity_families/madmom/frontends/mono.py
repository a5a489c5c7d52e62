"""Audio as it is given to one channel: stage ``mono``."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

MIXES = ("mean-cast", "mean-floor", "mean-round", "mean-float", "sum", "left")
LEVELS = ("as-given", "peak")

#: Mistakes that ports are known to have, likelier ones first.
Mix = Annotated[
    str,
    Mistakes(
        {
            "mean-float": "mean of the channels as a float",
            "left": "left channel only",
            "sum": "sum of the channels",
            "mean-floor": "mean of the channels rounded down",
            "mean-round": "mean of the channels rounded to the nearest",
        }
    ),
]
Level = Annotated[str, Mistakes({"peak": "sound normalised to its peak"})]


def mono(
    *, dtype: str = "int16", channels: int | None = None, mix: Mix = "mean-cast", level: Level = "as-given"
) -> Graph:
    """audio (sample) or (sample, channel) -> mono (sample)

    madmom takes the mean over channels and casts it back to the element type of the audio: for whole numbers that
    cuts off the fraction (a mean of -0.5 becomes 0). It does not scale, and removes no direct current.

    Args:
        dtype: element type of the audio, whole numbers or floats.
        channels: None for audio without an axis of channels.
        mix: how channels become one; madmom's is "mean-cast". Others: the mean rounded down, to the nearest, or kept
            as a float; the sum; the first channel.
        level: "peak" makes the clip as loud as its type allows (1 for floats), which madmom does not.

    Raises:
        InputError: a setting has no such value.
    """
    one_of("mix", mix, MIXES)
    one_of("level", level, LEVELS)
    stage, whole = GraphBuilder("mono"), np.dtype(dtype).kind in "iu"
    if channels is None:
        one = stage.given("audio", "sample", dtype=dtype)
    else:
        audio = stage.given("audio", "sample", ("channel", channels), dtype=dtype)
        if mix == "left":
            left = stage.node("slice", audio, "left", starts=(0,), ends=(1,), axes=(1,))
            one = stage.node("squeeze", left, "one", axes=(1,))
        elif mix == "sum":
            one = stage.node("reduce_sum", audio, "one", axes=(1,))
        else:
            # A sum of the largest whole numbers has no place in their own type; the original adds up in float64.
            wide = whole and np.dtype(dtype).itemsize == 8
            summed = stage.node("cast", audio, "numbers", to="float") if wide else audio
            one = stage.node("reduce_mean", summed, "mean", axes=(1,))
            if whole and mix in ("mean-floor", "mean-round"):
                one = stage.node(mix.removeprefix("mean-"), one, "whole")
            if whole and mix != "mean-float":
                one = stage.node("cast", one, "one", to=dtype)
    if level == "peak":
        numbers = stage.node("cast", one, "loudness", to="float")
        size = stage.node("abs", numbers, "size")
        peak = stage.node("reduce_max", size, "peak", axes=(0,), keepdims=True)
        full = stage.constant("full", float(np.iinfo(dtype).max) if whole else 1.0)
        shares = stage.node("div", (numbers, peak), "shares")
        stage.node("mul", (shares, full), "mono")
    else:
        stage.node("identity", one, "mono")
    return stage.graph("mono")


def element_type(dtype: str, mix: str, level: str, channels: int | None) -> str:
    """The element type of what `mono` gives with these settings."""
    if level == "peak" or (mix == "mean-float" and channels is not None):
        return dtype if np.dtype(dtype).kind == "f" else "float64"
    return dtype
