"""Where the points of a resized axis lie on the old one."""

from __future__ import annotations

import math

import numpy as np

from ..errors import GraphError
from ..graph import Array

#: How points of the new axis are laid over the old one; `positions` has the formulas.
GRIDS = ("half_pixel", "align_corners", "align_corners_or_center", "asymmetric", "offset_corners")


def positions(old: int, new: int, grid: str) -> Array:
    """For each of ``new`` points where it lies among ``old`` ones, in float64 and in [0, old - 1].

    ========================  ======================================================
    half_pixel                (i + 1/2) old / new - 1/2
    align_corners             i (old - 1) / (new - 1); 0 if there is one
    align_corners_or_center   the same; the middle (old - 1) / 2 if there is one
    asymmetric                i old / new
    offset_corners            (i + 1/2) max(1, old - 1) / new
    ========================  ======================================================
    """
    return np.clip(along(0.0, old - 1.0, new, grid), 0, max(old - 1, 0))


def along(start: float, end: float, new: int, grid: str) -> Array:
    """As `positions`, for the stretch from ``start`` to ``end`` of an axis; it has end - start + 1 old points.

    Points stay inside the stretch, unless it runs backwards.
    """
    if grid not in GRIDS:
        raise GraphError(f"unknown grid {grid!r}", expected=", ".join(GRIDS))
    i, span = np.arange(new, dtype=np.float64), end - start
    if grid.startswith("align_corners"):
        if new == 1:
            return np.array([start if grid == "align_corners" else (start + end) / 2])
        return start + i * span / (new - 1)
    if grid == "half_pixel":
        at = (i + 0.5) * (span + 1) / new - 0.5
    elif grid == "asymmetric":
        at = i * (span + 1) / new
    else:
        at = (i + 0.5) * max(1.0, span) / new
    return start + (np.clip(at, 0, span) if span >= 0 else at)


def ratio_of(old: int, new: int, grid: str) -> float:
    """How far apart points of the new axis lie on the old one."""
    if grid.startswith("align_corners"):
        return (old - 1) / (new - 1) if new > 1 else 0.0
    return (max(1, old - 1) if grid == "offset_corners" else old) / new


def is_power_of_two(ratio: float) -> bool:
    """Whether positions laid by this ratio come out alike however they are computed."""
    return ratio > 0 and math.frexp(ratio)[0] == 0.5


def in_float32(new: int, ratio: float, grid: str, *, shift: float = 0.0) -> list[Array]:
    """As `positions`, with the roundings of the common ways: times the ratio of sizes, or by its inverse.

    Not held to where there are elements. Where a position lies half way between two elements, or on one, these decide
    which is the nearest. ``ratio`` is old / new, or (old - 1) / (new - 1) where corners are aligned.
    """
    one, i = np.float32, np.arange(new, dtype=np.float32)
    half = one(0.0 if grid.startswith("align_corners") or grid == "asymmetric" else 0.5)
    back = one(0.0) if grid == "offset_corners" else half
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = one(1 / ratio) if ratio else one(np.inf)
        ways = [(i + half) * one(ratio), (i + half) / inverse, (i + half) * (one(1) / inverse)]
    return [(at - back + one(shift)).astype(np.float64) for at in ways if np.isfinite(at).all()]
