"""Where the points of a resized axis lie on the old one."""

from __future__ import annotations

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
