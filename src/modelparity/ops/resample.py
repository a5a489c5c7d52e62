"""Resample: axes sampled anew, by factors or to sizes, in every way that ONNX's Resize has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._grid import in_float32, is_power_of_two, ratio_of
from ._reduction import within_order
from ._sizes import bounded

GRIDS = (
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
)
NEAREST: dict[str, Callable[[Array], Array]] = {
    "round_prefer_floor": lambda at: np.ceil(at - 0.5),
    "round_prefer_ceil": lambda at: np.floor(at + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}


@operator(plain=True)
def resample(
    ar: Arithmetic,
    x: Array,
    roi: Array | None = None,
    scales: Array | None = None,
    sizes: Array | None = None,
    *,
    axes: Sequence[int] | None = None,
    mode: str = "nearest",
    grid: str = "half_pixel",
    nearest: str = "round_prefer_floor",
    cubic: float = -0.75,
    exclude_outside: bool = False,
    extrapolation: float = 0.0,
    antialias: bool = False,
    policy: str = "stretch",
) -> Array:
    """y[..., i, ...] = sum over the neighbours k of p(i) of w(p(i) - k) x[..., k, ...], along each of ``axes``

    x (..., n, ...), scales (axes) factors or sizes (axes) integers, roi (2 axes) -> y (..., m, ...), with m =
    floor(n scale). p(i) is laid by ``grid`` with the factor itself, not with m / n; all axes are meant if none are
    named. ``mode`` is nearest (rounded as ``nearest`` says), linear or cubic (Keys' kernel with coefficient
    ``cubic``); ``antialias`` widens the kernel where the axis gets shorter. Neighbours outside are the edge, or with
    ``exclude_outside`` do not count; points outside of roi's part are ``extrapolation`` for grid tf_crop_and_resize.
    ``policy`` not_larger and not_smaller keep the ratio of the axes within or around ``sizes``. Weights are computed
    in float64; each axis is rounded once, and to the nearest whole number if x has such.
    Raises `GraphError` for settings that do not fit or are not known.
    Source: ONNX Resize (version 19); Keys, "Cubic convolution interpolation", 1981; checked against onnxruntime and
    torch.nn.functional.interpolate.
    """
    if mode not in ("nearest", "linear", "cubic") or grid not in GRIDS or nearest not in NEAREST:
        raise GraphError("unknown setting", found=f"{mode}, {grid}, {nearest}", expected=", ".join(GRIDS))
    over = within_order(range(x.ndim) if axes is None else axes, x.ndim)
    olds = [x.shape[axis] for axis in over]
    if sizes is not None and sizes.size:
        wanted = [int(n) for n in sizes.reshape(-1)]
        if len(wanted) != len(over) or 0 in olds:
            raise GraphError("sizes do not fit", found=wanted, expected=f"{len(over)} numbers")
        factors = [m / n for m, n in zip(wanted, olds, strict=True)]
        if policy != "stretch":
            one = (min if policy == "not_larger" else max)(factors)
            factors = [one] * len(over)
            wanted = [int(np.floor(one * n + 0.5)) for n in olds]
    elif scales is not None and scales.size == len(over):
        factors = [float(f) for f in scales.reshape(-1)]
        # Files keep factors in float32, of which 0.7 times 10 makes 7 only if that is rounded too.
        wanted = [int(np.floor(np.float32(n) * np.float32(f))) for n, f in zip(olds, factors, strict=True)]
    else:
        raise GraphError("neither factors nor sizes fit the axes", expected=f"{len(over)} of either")
    bounded(*(n for n in wanted if n))  # an empty axis does not make the others small
    bounded(*wanted)
    if grid == "tf_crop_and_resize" and (roi is None or roi.size != 2 * len(over)):
        raise GraphError("the part to crop is not given", expected=f"roi of {2 * len(over)} numbers")
    beyond: list[tuple[int, Array]] = []
    for k, (axis, old, new, factor) in enumerate(zip(over, olds, wanted, factors, strict=True)):
        if new == old and factor == 1.0 and grid != "tf_crop_and_resize":
            continue
        ends = (0.0, 1.0) if roi is None or not roi.size else (float(roi[k]), float(roi[k + len(over)]))
        at = positions(old, new, factor, grid, ends)
        cropped = grid == "tf_crop_and_resize"
        if cropped:
            beyond.append((axis, (at < 0) | (at > old - 1)))
        ratio = ratio_of(old, new, grid) if grid == "align_corners" else 1 / factor
        if mode == "nearest" and not cropped and new > 1:
            shift = old / 2 * (1 - new / (factor * old)) if grid == "half_pixel_symmetric" else 0.0
            at = ar.chosen(at, partial(in_float32, new, ratio, grid, shift=shift), axis=axis)
        elif mode != "nearest" and (cropped or not is_power_of_two(ratio)):
            at = ar.placed(at, axis=axis)
        x = _along(ar, x, at, axis, factor, mode, nearest, cubic, exclude_outside, antialias)
    for axis, outside in beyond:
        if outside.any():
            x = x.copy()
            np.moveaxis(x, axis, 0)[outside] = extrapolation
    return x


def positions(old: int, new: int, factor: float, grid: str, ends: tuple[float, float] = (0.0, 1.0)) -> Array:
    """Where each of ``new`` points lies among ``old`` ones; not held to where there are any."""
    i = np.arange(new, dtype=np.float64)
    # Half way between two elements must be seen as just that: whole numbers first, then one division.
    whole = factor == new / old
    if grid == "asymmetric":
        return i * old / new if whole else i / factor
    if grid == "align_corners":
        return i * ((old - 1) / (new - 1)) if new > 1 else np.zeros(new)
    if grid == "tf_crop_and_resize":
        start, end = ends
        if new > 1:
            return start * (old - 1) + i * ((end - start) * (old - 1) / (new - 1))
        return np.full(new, 0.5 * (start + end) * (old - 1))
    at: Array = ((i + 0.5) * old / new if whole else (i + 0.5) / factor) - 0.5
    if grid == "pytorch_half_pixel" and new == 1:
        return np.zeros(1)
    if grid == "half_pixel_symmetric":
        at += old / 2 * (1 - new / (factor * old))
    return at


def _along(
    ar: Arithmetic,
    x: Array,
    at: Array,
    axis: int,
    factor: float,
    mode: str,
    nearest: str,
    cubic: float,
    exclude: bool,
    antialias: bool,
) -> Array:
    size = x.shape[axis]
    if mode == "nearest":
        taken: Array = x.take(np.clip(NEAREST[nearest](at), 0, size - 1).astype(np.int64), axis=axis)
        return taken
    stretch = min(factor, 1.0) if antialias else 1.0
    reach = (1 if mode == "linear" else 2) / stretch
    base, first = np.floor(at).astype(np.int64), int(np.floor(-reach)) + 1
    steps = np.arange(first, 2 - first if mode == "linear" else 3 - first)
    places = base[:, None] + steps
    weights = _kernel((places - at[:, None]) * stretch, mode, cubic)
    if exclude:
        weights = np.where((places >= 0) & (places < size), weights, 0)
    if exclude or antialias:
        weights = weights / weights.sum(axis=1, keepdims=True)
    places = np.clip(places, 0, size - 1)
    data, used = x.astype(np.float64, copy=False), [k for k in range(len(steps)) if weights[:, k].any()]
    # Polynomials cancel: numbers of some size stand between those that come out.
    shares = [ar.placed(weights[:, k], axis=k, reach=2.0) if mode == "cubic" else weights[:, k] for k in used]

    def summed(data: Array, shares: Iterable[Array]) -> Array:
        total = np.zeros((*x.shape[:axis], len(at), *x.shape[axis + 1 :]))
        for k, share in zip(used, shares, strict=True):
            total += data.take(places[:, k], axis=axis) * share.reshape([-1] + [1] * (x.ndim - 1 - axis))
        return total

    total = summed(data, shares)
    if x.dtype.kind != "f":
        info = np.iinfo(x.dtype)
        whole: Array = np.clip(np.rint(total), info.min, info.max).astype(x.dtype)
        return whole
    return ar.rounded(ar.cancelled(total.astype(ar.dtype), lambda: summed(np.abs(data), map(np.abs, shares))))


def _kernel(d: Array, mode: str, a: float) -> Array:
    d = np.abs(d)
    if mode == "linear":
        triangle: Array = np.maximum(1 - d, 0)
        return triangle
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    weights: Array = np.where(d <= 1, near, np.where(d < 2, far, 0))
    return weights
