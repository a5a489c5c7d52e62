"""Results that are no arrays of numbers, lists of arrays say, taken apart for a message and put together again."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Array


def apart(value: Any, arrays: dict[str, Array]) -> Any:
    """``value`` as JSON, in which numbers name the arrays that were added to ``arrays``."""
    if isinstance(value, np.generic):
        value = np.asarray(value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        return {"complex": [apart(value.real, arrays), apart(value.imag, arrays)]}
    if isinstance(value, np.ndarray):
        arrays[name := str(len(arrays))] = value
        return {"array": name}
    if isinstance(value, dict):
        return {"dict": [[apart(key, arrays), apart(one, arrays)] for key, one in value.items()]}
    if isinstance(value, list | tuple):
        return {"list": [apart(one, arrays) for one in value]}
    return {"value": value if value is None or isinstance(value, bool | int | float | str) else str(value)}


def together(form: Any, arrays: dict[str, Array]) -> Any:
    """What `apart` was given; tuples have become lists."""
    ((kind, held),) = form.items()
    if kind == "array":
        return arrays[held]
    if kind == "complex":
        real, imaginary = (together(one, arrays) for one in held)
        whole = np.empty(real.shape, np.result_type(real.dtype, np.complex64))
        whole.real, whole.imag = real, imaginary
        return whole
    if kind == "dict":
        return {together(key, arrays): together(one, arrays) for key, one in held}
    return [together(one, arrays) for one in held] if kind == "list" else held
