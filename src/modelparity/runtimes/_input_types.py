"""Arrays in the type that a runtime takes, if that changes no value: both sides must see the same."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from ..graph import Array


def unchanged(array: Array, wanted: str, *, name: str, taker: str, kinds: str = "fiub") -> Array:
    """``array`` as elements of type ``wanted``. Raises `InputError` if a value changes, or its kind is none of these.

    ``name`` is the input's and ``taker`` the runtime's, for the message; ``kinds`` are numpy's letters.
    """
    array = np.asarray(array)
    with np.errstate(over="ignore", invalid="ignore"):
        cast = array.astype(wanted)
    if array.dtype.kind not in kinds or not np.array_equal(cast, array, equal_nan=array.dtype.kind == "f"):
        raise InputError(
            f"input {name!r} has values that {taker} does not take unchanged",
            found=array.dtype,
            expected=wanted,
            fix=f"convert it with .astype({wanted!r}), so that both sides see the same values",
        )
    return cast
