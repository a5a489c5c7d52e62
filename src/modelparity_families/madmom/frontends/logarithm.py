"""Bands on a logarithmic scale: stage ``log``."""

from __future__ import annotations

from collections.abc import Sequence

from modelparity.graph import Graph

from .building import Stage
from .settings import one_of


def logarithm(sizes: Sequence[int], *, base: str = "10", mul: float = 1.0, add: float = 1.0) -> Graph:
    """bands_N (frame, band) -> log_N (frame, band) for each size N: log(mul x + add), float32

    Args:
        sizes: in samples.
        base: "10" or "e".
        mul: what bands are multiplied by before.
        add: what is then added; madmom's CNN for onsets has 2.220446e-16, the spacing of float64 at 1.

    Raises:
        InputError: there is no such base.
    """
    one_of("base", base, ("10", "e"))
    stage = Stage("log")
    more = stage.constant("add", float(add))
    times = stage.constant("mul", float(mul)) if mul != 1 else ""
    for size in sizes:
        x = stage.given(f"bands_{size}", "frame", f"band_{size}")
        if times:
            x = stage.node("mul", (x, times), f"scaled_{size}")
        x = stage.node("add", (x, more), f"raised_{size}")
        stage.node("log10" if base == "10" else "log", x, f"log_{size}")
    return stage.graph(*(f"log_{size}" for size in sizes))
