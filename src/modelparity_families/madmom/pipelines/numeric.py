"""Stages of numbers: those of `frontends.PROCESSORS` as a pipeline has them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from modelparity.graph import Graph
from modelparity.stages import Numeric

from .. import frontends
from ..frontends import RATE, Processor
from ..frontends.framing import Counted, Fps, Origin, Outside
from ..frontends.mono import Level, Mix, element_type
from .long import LONG

T = TypeVar("T")

#: Function of `frontends` that is a fine stage -> what it gives, in a few words. All others give features.
ABOUT: dict[Callable[..., Graph], str] = {
    frontends.mono: "one channel",
    frontends.frames: "overlapping frames of each size",
    frontends.spectrum: "magnitudes of their frequencies",
    frontends.bands: "sums over bands of frequencies",
    frontends.logarithm: "their logarithm",
    frontends.difference: "how much louder each band became",
}


def front_end(processor: Processor, *, features: str = "features") -> tuple[Numeric, ...]:
    """The stages of a processor's front end: fine ones from ``mono`` on, then ``features``, called as it is told."""
    stages: list[Numeric] = []
    both = processor.stages[-1] is frontends.features and processor.settings()["spectra"]
    before: tuple[str, ...] = ("audio",)
    for make in processor.stages:
        fine = make in ABOUT
        name = _name(make) if fine else features
        graph = _with_defaults(frames if make is frontends.frames else make, processor)
        long = LONG.get(make)
        stages.append(
            Numeric(
                name,
                before,
                graph=graph,
                fine=fine,
                about=ABOUT.get(make, "what the networks are given"),
                blocks=None if long is None else _with_defaults(long, processor),
            )
        )
        before = (*before, name) if both and make is frontends.difference else (name,)
    return tuple(stages)


def _name(make: Callable[..., Graph]) -> str:
    """What a function of `frontends` is called as a stage."""
    return "log" if make is frontends.logarithm else make.__name__


def _with_defaults(make: Callable[..., T], processor: Processor) -> Callable[..., T]:
    """A stage's function with the processor's own defaults in place of its own."""
    own = inspect.signature(make).parameters
    return partial(make, **{key: value for key, value in processor.defaults.items() if key in own})


def frames(
    sizes: Sequence[int],
    *,
    dtype: str = "int16",
    channels: int | None = None,
    mix: Mix = "mean-cast",
    level: Level = "as-given",
    fps: Fps = 100.0,
    rate: int = RATE,
    origin: Origin = "offline",
    outside: Outside = "zeros",
    counted: Counted = "within",
) -> Graph:
    """`frontends.frames` of what `frontends.mono` gives with these settings, ``dtype`` being that of the sound."""
    return frontends.frames(
        sizes,
        dtype=element_type(dtype, mix, level, channels),
        fps=fps,
        rate=rate,
        origin=origin,
        outside=outside,
        counted=counted,
    )
