"""Audio as one channel of numbers between -1 and 1: stage ``mono``."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

from .orders import Order, Pcm, kept, sliced_first

MIXES = ("mean", "sum", "left")
FULLS = ("power-of-two", "largest")
#: Mistakes that ports are known to have, likelier ones first.
Mix = Annotated[str, Mistakes({"left": "left channel only", "sum": "sum of the channels"})]
FullScale = Annotated[str, Mistakes({"largest": "whole numbers divided by the largest of their type"})]


def mono(
    *,
    dtype: str = "int16",
    channels: int | None = None,
    order: Order = "original",
    mix: Mix = "mean",
    full_scale: FullScale = "power-of-two",
    pcm: Pcm = "down",
) -> Graph:
    """audio (sample) or (sample, channel) -> mono (sample)

    Args:
        dtype: element type of the audio: whole numbers, which are divided by their full scale, or floats.
        channels: None for audio without an axis of channels.
        order: see `orders.ORDERS`; the original keeps the mean of two channels in 16 bits.
        mix: the "mean" of channels, their "sum", or the "left" one.
        full_scale: "power-of-two" (32768 for 16 bits) or the "largest" number (32767).
        pcm: how numbers become 16 bits: rounded "down", to the "nearest", or not at all ("none").

    Raises:
        InputError: a setting has no such value.
    """
    one_of("mix", mix, MIXES)
    one_of("full_scale", full_scale, FULLS)
    stage, whole = GraphBuilder("mono"), np.dtype(dtype).kind in "iu"
    divisor = 1.0
    if channels is None:
        one = stage.given("audio", "sample", dtype=dtype)
    else:
        audio = stage.given("audio", "sample", ("channel", channels), dtype=dtype)
        if mix == "left":
            left = stage.node("slice", audio, "left", starts=(0,), ends=(1,), axes=(1,))
            one = stage.node("squeeze", left, "one", axes=(1,))
        elif whole:  # a sum of whole numbers, so that nothing is rounded before the quotient
            wide = stage.node("cast", audio, "wide", to="int64")
            one = stage.node("reduce_sum", wide, "one", axes=(1,))
            divisor = channels if mix == "mean" else 1.0
        else:
            one = stage.node("reduce_mean" if mix == "mean" else "reduce_sum", audio, "one", axes=(1,))
    if whole:
        most = int(np.iinfo(dtype).max)
        divisor *= most if full_scale == "largest" else most + 1
        one = stage.node("from_fixed", one, "share", full=float(divisor))
    written = sliced_first(order) and order == "original"
    kept(stage, one, "mono", pcm=pcm, here=written and not (whole and channels in (None, 1)))
    return stage.graph("mono")
