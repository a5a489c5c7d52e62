"""What the network sees at a time: stage ``windows``."""

from __future__ import annotations

import numpy as np

from modelparity.graph import Graph, GraphBuilder

from .orders import Order, sliced_first
from .resampling import RATE, Rate, Seconds, cut


def windows(
    *,
    order: Order = "original",
    window: Seconds = 2.0,
    hop: Seconds = 1.0,
    strict: bool = True,
    sample_rate: Rate = RATE,
) -> Graph:
    """resampled (sample) -> windows (window, sample); as they are where they were cut before

    Without ``strict`` windows may be shorter at the end, with zeros behind; windows_length (window) then says how
    long each is. Settings as for `resampled`.

    Raises:
        InputError: a setting has no such value.
    """
    stage, outputs = GraphBuilder("windows"), ["windows"]
    if sliced_first(order):
        stage.node("identity", stage.given("resampled", "window", "sample"), "windows")
        if not strict:
            lengths = stage.given("resampled_length", "window", dtype="int64")
            outputs.append(stage.node("identity", lengths, "windows_length"))
        return stage.graph(*outputs)
    x = stage.given("resampled", "sample")
    rate = stage.constant("rate_of_windows", np.asarray(sample_rate, np.int64))
    found, lengths = cut(stage, x, rate, "cut", window=window, hop=hop, strict=strict)
    stage.node("identity", found, "windows")
    if not strict:
        outputs.append(stage.node("identity", lengths, "windows_length"))
    return stage.graph(*outputs)
