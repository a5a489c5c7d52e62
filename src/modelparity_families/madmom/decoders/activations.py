"""What a decoder is given: shapes and types of activations, checked before anything is decoded."""

from __future__ import annotations

from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

#: As an axis's size: any.
ANY = -1


def activations(given: Any, where: str, shape: tuple[int, ...], axes: str) -> Array:
    """``given`` as an array of floats of ``shape``, whose axes are called ``axes``; `ANY` stands for any size.

    Whole numbers become float64, floats keep their type, because a decoder computes in it. Raises `InputError`.
    """
    array = np.asarray(given)
    if array.dtype.kind not in "fiu":
        raise InputError(
            "activations are not real numbers", where=where, found=array.dtype, expected="an array of floats"
        )
    fits = array.ndim == len(shape) and all(w in (ANY, s) for s, w in zip(array.shape, shape, strict=True))
    if not fits:
        wanted = ", ".join(
            name if size == ANY else f"{name} {size}" for name, size in zip(axes.split(), shape, strict=True)
        )
        raise InputError(
            "activations have another shape",
            where=where,
            found=array.shape,
            expected=f"({wanted})",
            fix="take the one column, as in activations[:, 0]"
            if shape == (ANY,) and array.ndim == 2
            else None,
        )
    return array if array.dtype.kind == "f" else array.astype(np.float64)
