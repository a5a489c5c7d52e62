"""One channel at the rate of the network: stage ``resampled``."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, Span, one_of

from .orders import Order, Pcm, kept, sliced_first

RATE = 20_000
#: Upstream lays windows on milliseconds.
GRID = 1000
Seconds = Annotated[float, Span(0, 1e5, above=True)]
Rate = Annotated[int, Span(1, 10_000_000)]
WAYS = ("polyphase", "fourier", "linear")
#: Mistakes that ports are known to have, likelier ones first.
Way = Annotated[
    str, Mistakes({"fourier": "resampled by an FFT", "linear": "resampled along lines, without a filter"})
]


def resampled(
    *,
    order: Order = "original",
    window: Seconds = 2.0,
    hop: Seconds = 1.0,
    strict: bool = True,
    sample_rate: Rate = RATE,
    resample_way: Way = "polyphase",
    resample_half: Annotated[int, Span(1, 1000)] = 10,
    resample_beta: Annotated[float, Span(0, 100)] = 5.0,
    normalize: bool = False,
    pcm: Pcm = "down",
) -> Graph:
    """mono (sample), rate () -> resampled (sample), or (window, sample) where windows are cut before

    Without ``strict`` windows may be shorter at the end; resampled_length (window) then says how long each is.

    Args:
        order: see `orders.ORDERS`.
        window: seconds in a window.
        hop: seconds from one to the next.
        strict: whether only whole windows count.
        sample_rate: the rate afterwards, in Hz.
        resample_way: by a filter ("polyphase"), by an FFT that is cut off ("fourier"), or along lines ("linear").
        resample_half: of the filter, how many samples of the lower rate lie on either side of its middle.
        resample_beta: the shape of its Kaiser window.
        normalize: whether the loudest sample becomes 1, of the file, or of each window where they are cut before.
        pcm: how numbers become 16 bits, as for `mono`.

    Raises:
        InputError: a setting has no such value.
    """
    one_of("resample_way", resample_way, WAYS)
    stage = GraphBuilder("resampled")
    x, rate = stage.given("mono", "sample"), stage.given("rate", dtype="int64")
    first, outputs = sliced_first(order), ["resampled"]
    if first:
        x, own = cut(stage, x, rate, "own", window=window, hop=hop, strict=strict)
        if not strict:
            outputs.append(_lengths(stage, own, rate, sample_rate))
        x = stage.node("transpose", x, "own_time", axes=(1, 0))
    of_filter = {"half": resample_half, "beta": resample_beta} if resample_way == "polyphase" else {}
    x = stage.node(f"resample_{resample_way}", (x, rate), "anew", to=sample_rate, **of_filter)
    if first:
        x = stage.node("transpose", x, "anew_windows", axes=(1, 0))
    if normalize:
        size = stage.node("abs", x, "size")
        axes, least = ((1,) if first else (0,)), stage.constant("least", 1e-38)
        peak = stage.node("reduce_max", size, "peak", axes=axes, keepdims=True, empty="limit")
        x = stage.node("div", (x, stage.node("maximum", (peak, least), "loudest")), "level")
    kept(stage, x, "resampled", pcm=pcm, here=order != "port_sliced")
    return stage.graph(*outputs)


def cut(
    stage: GraphBuilder, x: str, rate: str, name: str, *, window: float, hop: float, strict: bool
) -> tuple[str, str]:
    """The names of windows (window, sample) of a signal, and of their lengths."""
    outputs = (f"{name}_windows", f"{name}_lengths")
    stage.node("cut", (x, rate), outputs, window=window, hop=hop, partial=not strict, grid=GRID)
    return outputs


def _lengths(stage: GraphBuilder, own: str, rate: str, to: int) -> str:
    """How long windows are afterwards: ceil(length to / rate)."""
    wide = stage.node("mul", (own, stage.constant("to", np.asarray(to, np.int64))), "wide")
    short = stage.node("sub", (rate, stage.constant("one", np.asarray(1, np.int64))), "short")
    return stage.node("floor_div", (stage.node("add", (wide, short), "over"), rate), "resampled_length")
