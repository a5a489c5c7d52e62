"""Resize: axes sampled anew at evenly laid points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of, spanned_by
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._grid import in_float32, is_power_of_two, positions, ratio_of
from ._reduction import within
from ._sizes import bounded

MODES = ("linear", "nearest")


@operator(plain=True, facts=Facts(rank=rank_of("x"), range=spanned_by("x")))
def resize(
    ar: Arithmetic,
    x: Array,
    shape: Array | None = None,
    *,
    axes: Sequence[int],
    sizes: Sequence[int] | None = None,
    scales: Sequence[float] | None = None,
    mode: str = "linear",
    grid: str = "half_pixel",
    rounding: str = "floor",
) -> Array:
    """y[..., i, ...] = x at p(i), along each of ``axes`` in turn

    x (..., n, ...) -> y (..., m, ...). m is given by shape (axes) integers, ``sizes`` or ``scales``
    (m = floor(n * scale), in float32); 0 in the first two keeps n. p(i) is laid by ``grid``: half_pixel,
    align_corners, align_corners_or_center, asymmetric or offset_corners, always with the ratio n / m. Linear
    interpolates between neighbours; nearest takes the one at floor(p), or at floor(p + 1/2) with ``rounding``
    "half_up". Linear results are rounded once an axis, and to the nearest whole number if x has such.
    Raises `GraphError` if sizes do not fit, nothing is to be sampled, or for an unknown mode, grid or rounding.
    Source: ONNX Resize, Core ML ``resize_bilinear``; checked against torch.nn.functional.interpolate.
    """
    over = [axis % x.ndim for axis in axes if within(axis, x.ndim)]
    if mode not in MODES or rounding not in ("floor", "half_up"):
        raise GraphError(
            "unknown mode", found=f"{mode}, {rounding}", expected="linear or nearest; floor or half_up"
        )
    olds = [x.shape[axis] for axis in over]
    if shape is not None:
        wanted = [int(n) for n in shape.reshape(-1)]
    elif sizes is not None:
        wanted = list(sizes)
    elif scales is not None and len(scales) == len(over):
        # Files keep factors in float32, of which 0.7 times 10 makes 7 only if that is rounded too.
        wanted = [int(np.floor(np.float32(n) * np.float32(f))) for n, f in zip(olds, scales, strict=True)]
        if 0 in wanted:
            raise GraphError("nothing is left", found=f"{x.shape} by {tuple(scales)}")
    else:
        wanted = []
    if len(wanted) != len(over) or min(wanted, default=0) < 0 or 0 in olds:
        raise GraphError(
            "sizes do not fit", found=tuple(wanted), expected=f"one for each axis of {tuple(over)}"
        )
    news = [m or n for m, n in zip(wanted, olds, strict=True)]
    bounded(*news, *(n for axis, n in enumerate(x.shape) if axis not in over))
    for axis, old, new in zip(over, olds, news, strict=True):
        at, ratio = positions(old, new, grid), ratio_of(old, new, grid)
        if mode == "nearest":
            at = np.clip(ar.chosen(at, partial(in_float32, new, ratio, grid), axis=axis), 0, old - 1)
            picks = np.floor(at + 0.5 if rounding == "half_up" else at).astype(np.int64)
            x = x.take(np.minimum(picks, old - 1), axis=axis)
        elif new != old or (at != np.arange(old)).any():
            moved = at if is_power_of_two(ratio) else np.clip(ar.placed(at, axis=axis), 0, old - 1)
            x = _between(ar, x, moved, axis)
    return x


def _between(ar: Arithmetic, x: Array, at: Array, axis: int) -> Array:
    """x sampled linearly at positions along an axis."""
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, x.shape[axis] - 1)
    share = (at - low).astype(ar.dtype).reshape([-1] + [1] * (x.ndim - 1 - axis))
    data = x.astype(ar.dtype, copy=False)
    first = data.take(low, axis=axis)
    second = data.take(high, axis=axis)
    y = first + share * (second - first)
    y = ar.rounded(ar.cancelled(y, lambda: (1 - share) * np.abs(first) + share * np.abs(second)))
    return y if x.dtype.kind == "f" else np.rint(y).astype(x.dtype)
