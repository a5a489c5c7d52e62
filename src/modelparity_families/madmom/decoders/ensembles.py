"""Ensembles: what several networks said of one clip, joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Span, checked


@checked
def mean(members: Sequence[Array]) -> Array:
    """The arithmetic mean of arrays of one shape, summed in their order and type: (frame, ...) each -> (frame, ...).

    Source: madmom 0.16.1 (ml.nn.average_predictions), members in the order of their files' names.
    """
    arrays = [np.asarray(member) for member in members]
    if not arrays:
        raise InputError("an ensemble has no member", where="mean")
    for number, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            raise InputError(
                "members of an ensemble have several shapes",
                where=f"member {number}",
                found=array.shape,
                expected=arrays[0].shape,
            )
    total = arrays[0]
    for array in arrays[1:]:
        total = total + array
    return np.asarray(total / len(arrays))


@checked
def without_column(given: Array, *, column: Annotated[int, Span(0)] = 0) -> Array:
    """(frame, column) without one column: of (no beat, beat, downbeat) those of beat and downbeat stay."""
    values = np.asarray(given)
    if values.ndim != 2 or column >= values.shape[1]:
        raise InputError(
            "there is no such column",
            where="without_column",
            found=values.shape,
            expected=f"a column {column}",
        )
    return np.delete(values, column, axis=1)
