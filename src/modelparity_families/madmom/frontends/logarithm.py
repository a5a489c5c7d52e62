"""Bands on a logarithmic scale: stage ``log``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

#: Mistakes that ports are known to have, likelier ones first.
Base = Annotated[str, Mistakes({"e": "natural logarithm", "10": "logarithm of base 10"})]
Mul = Annotated[float, Mistakes({1.0: "bands not multiplied", 5.0: "bands times 5", 10.0: "bands times 10"})]
Add = Annotated[
    float,
    Mistakes(
        {
            1.0: "1 added",
            1e-10: "1e-10 added",
            1e-7: "1e-7 added",
            1e-5: "1e-5 added",
            1e-6: "1e-6 added",
            1e-8: "1e-8 added",
            1.1920928955078125e-07: "the spacing of float32 at 1 added",
            2.220446049250313e-16: "the spacing of float64 at 1 added",
        }
    ),
]


def logarithm(sizes: Sequence[int], *, base: Base = "10", mul: Mul = 1.0, add: Add = 1.0) -> Graph:
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
    stage = GraphBuilder("log")
    more = stage.constant("add", float(add))
    times = stage.constant("mul", float(mul)) if mul != 1 else ""
    for size in sizes:
        x = stage.given(f"bands_{size}", "frame", f"band_{size}")
        if times:
            x = stage.node("mul", (x, times), f"scaled_{size}")
        x = stage.node("add", (x, more), f"raised_{size}")
        stage.node("log10" if base == "10" else "log", x, f"log_{size}")
    return stage.graph(*(f"log_{size}" for size in sizes))
