"""Bands on a scale of decibels: stage ``decibels``."""

from __future__ import annotations

from typing import Annotated

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, Span, one_of

#: Mistakes that ports are known to have, likelier ones first.
Multiplier = Annotated[float, Span(0, 1000, above=True), Mistakes({20.0: "20 log10 in place of 10 log10"})]
Least = Annotated[float, Span(1e-30, 1e6), Mistakes({1e-5: "the least power of librosa's amplitudes"})]
Range = Annotated[
    Annotated[float, Span(0, 1e4)] | None,
    Mistakes({80.0: "a range of 80 dB, librosa's default", None: "no limit below the loudest cell"}),
]
LAYOUTS = ("mel-time", "time-mel-read-as-mel-time", "mel-time-read-as-time-mel")
Layout = Annotated[
    str,
    Mistakes(
        {
            "time-mel-read-as-mel-time": "bytes of (time, mel) read as (mel, time)",
            "mel-time-read-as-time-mel": "bytes of (mel, time) read as (time, mel)",
        }
    ),
]


def decibels(
    *,
    db_multiplier: Multiplier = 10.0,
    db_amin: Least = 1e-10,
    db_reference: Annotated[str, Mistakes({"max": "decibels under the largest"})] = "one",
    top_db: Range = 100.0,
    top_db_over: Annotated[str, Mistakes({"batch": "limited under the largest of all windows"})] = "window",
    layout: Layout = "mel-time",
) -> Graph:
    """power (window, mel, time) -> decibels (window, mel, time): 10 log10(max(power, amin)), then cut off below

    Nothing lies lower than ``top_db`` below the loudest cell of its window. Of windows whose loudest cell is below
    0 dB, ``db_amin`` is the limit instead.

    Args:
        db_multiplier: 10 for power; 20 for magnitudes.
        db_amin: the least power.
        db_reference: what 0 dB is: power "one", or the "max" of each window.
        top_db: in dB; None cuts nothing off.
        top_db_over: whether the loudest cell is that of each "window" or of all together, the "batch".
        layout: "mel-time" where bytes are read in the order in which they lie. Upstream's arrays lie in memory as
            (time, mel): dumped without their strides, they are "time-mel-read-as-mel-time".

    Raises:
        InputError: a setting has no such value.
    """
    one_of("db_reference", db_reference, ("one", "max"))
    one_of("top_db_over", top_db_over, ("window", "batch"))
    one_of("layout", layout, LAYOUTS)
    stage = GraphBuilder("decibels")
    x = stage.given("power", "window", "mel", "time")
    held = stage.node("clip", x, "held", min=db_amin)
    times = stage.constant("times", float(db_multiplier))
    y = stage.node("mul", (stage.node("log10", held, "log"), times), "level")
    if db_reference == "max":
        loudest = stage.node("reduce_max", y, "reference", axes=(1, 2), keepdims=True, empty="limit")
        y = stage.node("sub", (y, loudest), "below")
    if top_db is not None:
        axes = (1, 2) if top_db_over == "window" else (0, 1, 2)
        peak = stage.node("reduce_max", y, "peak", axes=axes, keepdims=True, empty="limit")
        least = stage.node("sub", (peak, stage.constant("range", float(top_db))), "least")
        y = stage.node("maximum", (y, least), "cut_off")
    _laid(stage, y, layout)
    return stage.graph("decibels")


def _laid(stage: GraphBuilder, y: str, layout: str) -> None:
    """decibels: y (window, mel, time), its bytes read as ``layout`` says."""
    if layout == "mel-time":
        stage.node("identity", y, "decibels")
        return
    turned = stage.node("transpose", y, "turned", axes=(0, 2, 1))
    if layout == "time-mel-read-as-mel-time":
        stage.node("reshape_like", (turned, y), "decibels", begins=(0,), ends=(None,))
        return
    read = stage.node("reshape_like", (y, turned), "read", begins=(0,), ends=(None,))
    stage.node("transpose", read, "decibels", axes=(0, 2, 1))
