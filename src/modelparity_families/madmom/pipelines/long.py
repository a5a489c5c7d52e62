"""How front ends are computed block by block where a clip is long: what each stage needs around its frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from modelparity.graph import Graph
from modelparity.stages import FRAMEWISE, Blocks

from .. import frontends
from ..frontends import RATE
from ..frontends.differences import lag_of
from ..frontends.framing import before_of

#: Given the settings of a stage, how it is computed in blocks; None where it is not.
Planned = Callable[..., Blocks | None]


def framewise() -> Blocks:
    """Each frame (or sample) by itself."""
    return FRAMEWISE


def mixed(*, level: str = "as-given") -> Blocks | None:
    """Sample by sample, unless the clip is brought to a level first."""
    return FRAMEWISE if level == "as-given" else None


def framed(
    sizes: Sequence[int],
    *,
    fps: float = 100.0,
    rate: int = RATE,
    origin: str | int = "offline",
    counted: str = "within",
) -> Blocks | None:
    """Frames at whole hops, of which as many begin as hops do."""
    hop = rate / fps
    if hop != int(hop) or hop < 1 or counted != "within":
        return None
    before = [before_of(size, origin) for size in sizes]
    after = [size - start for size, start in zip(sizes, before, strict=True)]
    return Blocks(int(hop), max(*before, 0), max(*after, 1))


def lagging(
    sizes: Sequence[int],
    *,
    ratio: float = 0.5,
    lag: int | None = None,
    fps: float = 100.0,
    rate: int = RATE,
) -> Blocks:
    """Each frame and one that lies a few before it."""
    return Blocks(1, max(lag_of(size, ratio, rate / fps) if lag is None else lag for size in sizes), 1)


#: Stages that are not named here see the whole clip.
LONG: Mapping[Callable[..., Graph], Planned] = {
    frontends.mono: mixed,
    frontends.frames: framed,
    frontends.spectrum: framewise,
    frontends.bands: framewise,
    frontends.logarithm: framewise,
    frontends.difference: lagging,
    frontends.features: framewise,
    frontends.total: framewise,
}
