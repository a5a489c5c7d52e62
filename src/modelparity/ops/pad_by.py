"""Pad by widths that an array gives."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import within_order
from ._sizes import sizes_of
from .pad import pad


@operator(plain=True, facts=Facts(windowed=True))
def pad_by(
    ar: Arithmetic,
    x: Array,
    widths: Array,
    axes: Array | None = None,
    *,
    value: float = 0.0,
    mode: str = "constant",
) -> Array:
    """y = x with its last axes made longer, as `pad` does it

    x (...), widths (2 n) integers: before, after of each of the last n axes in order, or of ``axes`` (n) integers
    -> y (...). Negative widths cut. Exact.
    Raises `GraphError` for widths that do not fit, and as `pad` does.
    Source: Core ML MIL ``pad``; checked against torch.nn.functional.pad.
    """
    numbers = [int(n) for n in widths.reshape(-1)]
    if len(numbers) % 2 or len(numbers) > 2 * x.ndim or widths.dtype.kind not in "iu":
        raise GraphError(
            "widths do not fit", found=numbers, expected=f"whole numbers, at most {x.ndim} pairs"
        )
    count = len(numbers) // 2
    over = (
        list(range(x.ndim - count, x.ndim)) if axes is None else within_order([int(n) for n in axes], x.ndim)
    )
    before, after = [0] * x.ndim, [0] * x.ndim
    for axis, first, last in zip(over, numbers[::2], numbers[1::2], strict=True):
        before[axis], after[axis] = first, last
    if min(numbers, default=0) < 0:
        ends = [n + min(0, a) for n, a in zip(x.shape, after, strict=True)]
        x = x[tuple(slice(max(0, -b), max(0, end)) for b, end in zip(before, ends, strict=True))]
        before, after = [max(0, n) for n in before], [max(0, n) for n in after]
    sizes_of((widths[::2].astype(int) + widths[1::2]).clip(0))  # refuses what no memory holds
    y: Array = pad(ar, x[None], before=before, after=after, value=value, mode=mode)[0]
    return y
