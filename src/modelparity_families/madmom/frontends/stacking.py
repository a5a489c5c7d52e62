"""Everything that a network is given of a frame, side by side: stage ``features``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

LAYOUTS = ("by-size", "differences-first", "by-kind")

#: Mistakes that ports are known to have, likelier ones first.
Layout = Annotated[
    str,
    Mistakes(
        {"by-kind": "all spectra, then all differences", "differences-first": "differences before spectra"}
    ),
]
Repeated = Annotated[str, Mistakes({"zeros": "padded with zeros in place of repeated frames"})]
Surroundings = Annotated[str, Mistakes({"edge": "frames outside the clip repeat its edge"})]
Flattened = Annotated[str, Mistakes({"frequency-first": "context flattened (frequency, time)"})]
Before = Annotated[int, Mistakes({14: "context of past frames only", 0: "no context before"})]
After = Annotated[int, Mistakes({14: "context of future frames only", 0: "no context after"})]


def features(
    sizes: Sequence[int], *, differences: bool = True, spectra: bool = True, layout: Layout = "by-size"
) -> Graph:
    """log_N, difference_N (frame, band) -> features (frame, feature)

    Args:
        sizes: in samples, in the order in which they stand.
        differences: whether they are there.
        spectra: whether they are there.
        layout: "by-size" has spectrum and difference of the first size, then those of the second; "differences-first"
            turns each pair, "by-kind" has all spectra and then all differences.

    Raises:
        InputError: there is no such layout.
    """
    one_of("layout", layout, LAYOUTS)
    stage = GraphBuilder("features")
    kinds = [kind for kind, there in (("log", spectra), ("difference", differences)) if there]
    if layout == "differences-first":
        kinds.reverse()
    pairs = [[(kind, size) for kind in kinds] for size in sizes]
    if layout == "by-kind":
        pairs = [[(kind, size) for size in sizes] for kind in kinds]
    names = [stage.given(f"{kind}_{size}", "frame", f"band_{size}") for some in pairs for kind, size in some]
    if len(names) == 1:
        stage.node("identity", names, "features")
    else:
        stage.node("concat", names, "features", axis=1)
    return stage.graph("features")


def depth(sizes: Sequence[int], *, repeated: int = 7, surroundings: Repeated = "repeat") -> Graph:
    """log_N (frame, band) -> features (repeated + frame + repeated, band, size): one image, a layer for each size

    The first and the last frame stand ``repeated`` times more before and after, or with ``surroundings`` "zeros"
    zeros. A clip without frames has none of either.
    """
    one_of("surroundings", surroundings, ("repeat", "zeros"))
    stage = GraphBuilder("features")
    x = stage.node("stack", [stage.given(f"log_{size}", "frame", "band") for size in sizes], "image", axis=2)
    if surroundings == "zeros":
        stage.node("pad", x, "features", before=(repeated, 0, 0), after=(repeated, 0, 0))
        return stage.graph("features")
    first = stage.node("slice", x, "first", starts=(0,), ends=(1,), axes=(0,))
    last = stage.node("slice", x, "last", starts=(-1,), ends=(None,), axes=(0,))
    before = stage.node("tile", first, "before", repeats=(repeated, 1, 1))
    after = stage.node("tile", last, "after", repeats=(repeated, 1, 1))
    stage.node("concat", (before, x, after), "features", axis=0)
    return stage.graph("features")


def context(
    sizes: Sequence[int],
    *,
    before: Before = 7,
    after: After = 7,
    surroundings: Surroundings = "zeros",
    flattened: Flattened = "time-first",
) -> Graph:
    """log_N (frame, band) -> features (frame, frames around it x band), flattened "time-first" or "frequency-first"

    Each frame with ``before`` frames before and ``after`` after it; outside of the clip stand "zeros" or its "edge".
    """
    one_of("flattened", flattened, ("time-first", "frequency-first"))
    one_of("surroundings", surroundings, ("zeros", "edge"))
    stage, (size,) = GraphBuilder("features"), sizes
    x = stage.given(f"log_{size}", "frame", "band")
    around = before + 1 + after
    x = stage.node("frames", x, "around", size=around, hop=1.0, before=before, outside=surroundings)
    if flattened == "frequency-first":
        x = stage.node("transpose", x, "turned", axes=(0, 2, 1))
    stage.node("flatten", x, "features", axis=1)
    return stage.graph("features")


def margin(sizes: Sequence[int], *, frames: int = 11, surroundings: Surroundings = "zeros") -> Graph:
    """log_N (frame, band) -> features (frames + frame + frames, band), with "zeros" or the "edge" outside"""
    one_of("surroundings", surroundings, ("zeros", "edge"))
    stage, (size,) = GraphBuilder("features"), sizes
    x = stage.given(f"log_{size}", "frame", "band")
    mode = "constant" if surroundings == "zeros" else "edge"
    stage.node("pad", x, "features", before=(frames, 0), after=(frames, 0), mode=mode)
    return stage.graph("features")


def total(sizes: Sequence[int]) -> Graph:
    """difference_N (frame, band) -> features (frame, 1): the sum over bands"""
    stage, (size,) = GraphBuilder("features"), sizes
    x = stage.given(f"difference_{size}", "frame", "band")
    stage.node("reduce_sum", x, "features", axes=(1,), keepdims=True)
    return stage.graph("features")
