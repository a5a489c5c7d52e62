"""Mistakes in a value that need no setting: frames late or missing, an axis in another order, another factor.

Each is made to the reference's value; where that is then the candidate's, it is the cause.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..graph import Array
from ..verdict.bands import LIMIT
from ..verdict.cause import Cause
from ..verdict.compare import compare
from .value_ways import Made, ways

#: Faults by which frames are missing or too many.
COUNTED = ("missing", "beyond")


def value_faults(
    got: Mapping[str, Array], truth: Mapping[str, Array], floors: Mapping[str, Array], stage: str
) -> Cause | None:
    """The first mistake, alike in all tensors of a stage, with which the reference's value is the candidate's."""
    names = list(got)
    if any(got[name].dtype.kind not in "fiub" for name in names):
        return None
    before = _away(got, truth, floors, None)
    for made in ways(got[names[0]], truth[names[0]]):
        after = _away(got, truth, floors, made)
        if after is not None and after <= LIMIT:
            return Cause(
                fault=f"value {made.fault}",
                nodes=(stage,),
                before=before,
                after=after,
                text=f"{made.text}: undone, {_size(before)} becomes {_size(after)}",
                repair=made.repair,
                variant=made.variant,
            )
    return None


def _size(floors: float | None) -> str:
    return "another shape" if floors is None or math.isinf(floors) else f"{floors:.2g} times the floor"


def _away(
    got: Mapping[str, Array], truth: Mapping[str, Array], floors: Mapping[str, Array], made: Made | None
) -> float | None:
    """The largest distance in floors; None where a mistake that was made is not the cause.

    It is not where it does not fit, too little of the value is left to compare, or it changes nothing in any tensor.
    """
    most, same = 0.0, made is not None
    for name, array in got.items():
        try:
            want, floor = _made(truth[name], made), _made(floors[name], made)
            if made is not None:
                want, floor = want * made.factor, floor * abs(made.factor)
                array = array[made.turn[1]]
        except (IndexError, ValueError):
            return None
        if made is not None and want.size < truth[name].size / 4:
            return None
        off = compare(name, array, want, floor, dtypes=(str(array.dtype),)).floors
        if made is not None and off > LIMIT:
            return None
        same = same and _same(truth[name], want, floors[name], made)
        most = max(most, off)
    return None if same else most


def _made(array: Array, made: Made | None) -> Array:
    if made is None:
        return array
    if made.swapped:
        return np.transpose(array, made.swapped)
    if made.moved:
        return np.stack([np.roll(row, by, axis=-1) for row, by in zip(array, made.moved, strict=True)])
    return array[made.turn[0]]


def _same(truth: Array, want: Array, floor: Array, made: Made | None) -> bool:
    """Whether a mistake changes nothing beyond the floor, so that whatever departs is not because of it.

    Only the frames are compared that both have: where these are the same ones late or not, as those of a steady tone
    are, what departs stands elsewhere. Where all frames are alike, no place is told from another. Nor is a factor
    where there is but one number beside 0.
    """
    if made is None:
        return False
    if made.factor != 1.0:
        return _near(truth[truth != 0], truth[truth != 0][:1], floor[truth != 0])
    if made.fault in COUNTED:
        return _near(want, want[:1], floor[made.turn[0]])
    there, near = truth[made.turn[1]], floor[made.turn[1]]
    return _near(want[: len(there)], there[: len(want)], near[: len(want)])


def _near(one: Array, other: Array, floor: Array) -> bool:
    """Whether numbers are the same, or at least within the floor."""
    if one.size == 0:
        return True
    other = np.broadcast_to(other, one.shape)
    return compare("", one, other, floor, dtypes=(str(one.dtype),)).floors <= LIMIT
