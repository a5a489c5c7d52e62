"""Crop and resize: boxes of images, each resized to one size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._grid import along
from ._sizes import bounded


@operator(plain=True)
def crop_resize(
    ar: Arithmetic,
    x: Array,
    boxes: Array,
    images: Array | None = None,
    *,
    size: Sequence[int],
    grid: str = "align_corners_or_center",
    normalized: bool = False,
    scale: float = 1.0,
    corners: str = "corners",
    width_first: bool = False,
    value: float = 0.0,
) -> Array:
    """y[n, c, i, j] = x[images[n], c] at row p(i), column q(j), interpolated linearly

    x (image, channel, height, width), boxes (box, 4), images (box) integers -> y (box, channel, *size); without
    images every box is cut out of each: y (box, image, channel, *size). A box is
    [top, left, bottom, right] ("corners") or [middle, middle, height, width] ("center_size"), rows before columns
    unless ``width_first``, times ``scale``; ``normalized`` ones count from 0 to 1 between the outermost pixels.
    Rows p and columns q are laid over the box by ``grid``: half_pixel, align_corners, align_corners_or_center,
    asymmetric or offset_corners, a box having end - start + 1 old points. Points outside the image give ``value``.
    Raises `GraphError` for shapes that do not fit, an image that is not there or an unknown setting.
    Source: TensorFlow crop_and_resize, Core ML MIL ``crop_resize``; checked by hand-derived cases.
    """
    if x.ndim != 4 or boxes.ndim != 2 or boxes.shape[1] != 4:
        raise GraphError("shapes do not fit", found=f"{x.shape}, boxes {boxes.shape}")
    if corners not in ("corners", "center_size"):
        raise GraphError(f"unknown kind of box {corners!r}", expected="corners or center_size")
    if images is None:
        picked = [x] * len(boxes)
    elif images.shape == boxes.shape[:1] and not ((images < 0) | (images >= len(x))).any():
        picked = [x[int(n)] for n in images]
    else:
        raise GraphError("an image is not there", found=images.tolist(), expected=f"0 to {len(x) - 1}")
    rows = boxes.astype(np.float64)[:, [1, 0, 3, 2] if width_first else [0, 1, 2, 3]]
    last = np.array(x.shape[2:]) - 1
    rows = rows * np.tile(last, 2) * scale if normalized else rows * scale
    first, second = rows[:, :2], rows[:, 2:]
    if corners == "center_size":
        first, second = first - second / 2, first + second / 2
    shape = bounded(len(boxes), *(x.shape[:2] if images is None else x.shape[1:2]), *size)
    y = np.empty(shape, ar.dtype)
    for n, (start, end) in enumerate(zip(first, second, strict=True)):
        p, q = (along(start[k], end[k], size[k], grid) for k in (0, 1))
        y[n] = _sampled(ar, picked[n], p, q, value)
    return ar.rounded(y)


def _sampled(ar: Arithmetic, image: Array, p: Array, q: Array, value: float) -> Array:
    """An image (..., height, width) at rows p and columns q -> (..., len(p), len(q))."""
    # Positions that rounding put a hair outside lie on the border.
    height, width = (n - 1 + 1e-6 for n in image.shape[-2:])
    inside = np.logical_and.outer((p >= -1e-6) & (p <= height), (q >= -1e-6) & (q <= width))
    between = []
    for axis, at in ((-2, p), (-1, q)):
        last = image.shape[axis] - 1
        at = np.clip(ar.placed(at, axis=axis), 0, last)
        low = np.floor(at).astype(np.int64)
        between.append(
            (axis, low, np.minimum(low + 1, last), (at - low)[:, None] if axis == -2 else at - low)
        )

    def summed(y: Array) -> Array:
        for axis, low, high, share in between:
            y = y.take(low, axis=axis) * (1 - share) + y.take(high, axis=axis) * share
        return y

    y = ar.cancelled(summed(image.astype(np.float64)).astype(ar.dtype), lambda: summed(np.abs(image)))
    return np.where(inside, y, value)
