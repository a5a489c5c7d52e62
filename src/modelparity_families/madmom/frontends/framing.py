"""One channel cut into frames: stage ``frames``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

RATE = 44_100
ORIGINS = ("offline", "online", "online-half", "future")

#: Mistakes that ports are known to have, likelier ones first.
Fps = Annotated[
    float, Mistakes({100.0: "100 frames a second", 10.0: "10 frames a second", 5.0: "5 frames a second"})
]
Origin = Annotated[
    str | int,
    Mistakes(
        {
            "future": "frames that start at the sample in place of being centred",
            "offline": "frames centred as offline",
            "online": "frames that end at the sample, as online",
            "online-half": "frames one sample too early",
        }
    ),
]
Outside = Annotated[
    str, Mistakes({"reflect": "mirrored in place of zeros outside", "edge": "edge repeated outside the clip"})
]
Counted = Annotated[
    str,
    Mistakes({"to-end": "1 + n // h frames in place of ceil(n / h)", "whole": "only frames within the clip"}),
]


def frames(
    sizes: Sequence[int],
    *,
    dtype: str = "int16",
    fps: Fps = 100.0,
    rate: int = RATE,
    origin: Origin = "offline",
    outside: Outside = "zeros",
    counted: Counted = "within",
) -> Graph:
    """mono (sample) -> frames_N (frame, N) for each size N

    Frame i holds the samples from trunc(i h) - N // 2 - origin on, with h = rate / fps, and zeros outside of the
    clip. There are ceil(samples / h) frames whatever the size, so that those of several sizes can be stacked.

    Args:
        sizes: in samples.
        dtype: element type of the samples, which stays as it is.
        fps: frames a second.
        rate: samples a second.
        origin: "offline" for 0 (the sample i h lies in the middle), "online" for trunc((N - 1) / 2) (it is the last
            one, so no frame knows the future), "future" for trunc(-N / 2) (it is the first one), or a number of
            samples. "online-half" is N / 2, one sample too early.
        outside: "zeros", "reflect" or "edge": what lies before the first and behind the last sample.
        counted: which frames there are: those with i h "within" the clip, ceil(samples / h) as in madmom; with i h up
            "to-end", floor(samples / h) + 1; or those of which the "whole" lies before the end.

    Raises:
        InputError: a setting has no such value.
    """
    if isinstance(origin, str):
        one_of("origin", origin, ORIGINS)
    one_of("outside", outside, ("zeros", "reflect", "edge"))
    one_of("counted", counted, ("within", "to-end", "whole"))
    stage = GraphBuilder("frames")
    mono = stage.given("mono", "sample", dtype=dtype)
    hop = rate / fps
    for size in sizes:
        before = before_of(size, origin)
        stage.node(
            "frames",
            mono,
            f"frames_{size}",
            size=size,
            hop=hop,
            before=before,
            outside=outside,
            counted=counted,
        )
    return stage.graph(*(f"frames_{size}" for size in sizes))


def before_of(size: int, origin: str | int) -> int:
    """By how many samples frame i begins before trunc(i h)."""
    return size // 2 + _origin(origin, size)


def _origin(origin: str | int, size: int) -> int:
    """By how many samples frames begin before they would if they were centred."""
    if not isinstance(origin, str):
        return origin
    return {
        "offline": 0,
        "online": (size - 1) // 2,
        "online-half": size // 2,
        "future": -(size // 2),
    }[origin]
