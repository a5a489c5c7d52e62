"""RoI align: regions of images brought to one size, averaged or maximised over points in each cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def roi_align(
    ar: Arithmetic,
    x: Array,
    regions: Array,
    images: Array,
    *,
    size: Sequence[int],
    scale: float = 1.0,
    samples: int = 0,
    mode: str = "average",
    half_pixel: bool = True,
) -> Array:
    """y[r, c, i, j] = the average, or the largest weighted pixel, over points in cell (i, j) of region r

    x (image, channel, height, width), regions (region, 4) as x1, y1, x2, y2, images (region) integers
    -> y (region, channel, size...). Corners are multiplied by ``scale`` and with ``half_pixel`` moved by half a
    pixel, without which a region is at least one pixel wide. ``samples`` points a side lie evenly in a cell (0: as
    many as it has pixels, rounded up); between pixels they are interpolated linearly, beyond one pixel outside they
    are 0. ``mode`` max takes the largest of the four weighted pixels of all points. Computed in float64 and rounded
    once.
    Raises `GraphError` for shapes that do not fit or an image that is not there.
    Source: He et al., "Mask R-CNN", 2017; ONNX RoiAlign; checked against onnxruntime.
    """
    if x.ndim != 4 or regions.shape != (len(images), 4) or mode not in ("average", "max") or len(size) != 2:
        raise GraphError(
            "shapes or settings do not fit", found=f"x {x.shape}, regions {regions.shape}, {mode}"
        )
    if len(images) and not 0 <= images.min() <= images.max() < len(x):
        raise GraphError("an image that is not there", found=images.tolist(), expected=f"0 to {len(x) - 1}")
    height, width = x.shape[2:]
    y = np.zeros(bounded(len(regions), x.shape[1], *size))
    sizes = np.zeros_like(y)
    for r, (region, image) in enumerate(zip(regions.astype(np.float64), images, strict=True)):
        x1, y1, x2, y2 = region * scale - (0.5 if half_pixel else 0.0)
        spans = [y2 - y1, x2 - x1]
        if not half_pixel:
            spans = [max(span, 1.0) for span in spans]
        cells = [span / n for span, n in zip(spans, size, strict=True)]
        counts = [samples if samples > 0 else math.ceil(cell) for cell in cells]
        bounded(*(max(1, n * k) for n, k in zip(size, counts, strict=True)), x.shape[1])
        rows, columns = (
            start + (np.arange(n)[:, None] + (np.arange(k) + 0.5) / max(k, 1)) * cell
            for start, n, k, cell in zip((y1, x1), size, counts, cells, strict=True)
        )
        if 0 in (rows.size, columns.size):
            continue
        lows, highs, shares, inside = zip(
            *(_between(ar, a, n, axis=k) for k, (a, n) in enumerate(((rows, height), (columns, width)))),
            strict=True,
        )
        parts = []
        for row, down in ((lows[0], 1 - shares[0]), (highs[0], shares[0])):
            for column, right in ((lows[1], 1 - shares[1]), (highs[1], shares[1])):
                pixels = x[image][:, row[:, :, None, None], column[None, None]].astype(np.float64)
                weight = (down * inside[0])[:, :, None, None] * (right * inside[1])[None, None]
                parts.append(pixels * weight)  # (channel, i, point, j, point)
        if mode == "average":
            y[r], sizes[r] = sum(parts).mean(axis=(2, 4)), sum(map(np.abs, parts)).mean(axis=(2, 4))
        else:
            y[r] = np.max(parts, axis=0).max(axis=(2, 4))
    return ar.rounded(ar.cancelled(y.astype(ar.dtype), sizes))


def _between(ar: Arithmetic, at: Array, size: int, *, axis: int) -> tuple[Array, Array, Array, Array]:
    """Neighbours of points along an axis, the share of the upper one, and which points count."""
    inside = (at >= -1) & (at <= size)
    at = np.clip(ar.placed(at, axis=axis), 0, size - 1)
    low = np.floor(at).astype(np.int64)
    return low, np.minimum(low + 1, size - 1), at - low, inside
