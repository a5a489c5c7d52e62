"""Pad by widths that an array gives."""

from __future__ import annotations

from ..arithmetic import Arithmetic
from ..errors import GraphError
from ..graph import Array
from ..operator import operator
from ._sizes import sizes_of
from .pad import pad


@operator(plain=True)
def pad_by(ar: Arithmetic, x: Array, widths: Array, *, value: float = 0.0, mode: str = "constant") -> Array:
    """y = x with its last axes made longer, as `pad` does it

    x (...), widths (2 n) integers: before, after of each of the last n axes in order -> y (...). Exact.
    Raises `GraphError` for widths that do not fit, and as `pad` does.
    Source: Core ML MIL ``pad``; checked against torch.nn.functional.pad.
    """
    numbers = [int(n) for n in widths.reshape(-1)]
    if len(numbers) % 2 or len(numbers) > 2 * x.ndim or widths.dtype.kind not in "iu":
        raise GraphError(
            "widths do not fit", found=numbers, expected=f"whole numbers, at most {x.ndim} pairs"
        )
    untouched = [0] * (x.ndim - len(numbers) // 2)
    before, after = untouched + numbers[::2], untouched + numbers[1::2]
    sizes_of((widths[::2].astype(int) + widths[1::2]).clip(0))  # refuses what no memory holds
    y: Array = pad(ar, x[None], before=before, after=after, value=value, mode=mode)[0]
    return y
