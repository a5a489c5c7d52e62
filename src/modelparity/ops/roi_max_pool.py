"""RoI max pooling: the largest elements in the cells of regions of images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def roi_max_pool(
    ar: Arithmetic, x: Array, regions: Array, *, size: Sequence[int], scale: float = 1.0
) -> Array:
    """y[r, c, i, j] = the largest element of cell (i, j) of region r, 0 in an empty cell

    x (image, channel, height, width), regions (region, 5) as image, x1, y1, x2, y2 -> y (region, channel, size...).
    Corners are multiplied by ``scale`` and rounded; both ends count. Exact.
    Raises `GraphError` for shapes that do not fit or an image that is not there.
    Source: Girshick, "Fast R-CNN", 2015; ONNX MaxRoiPool; checked against onnxruntime.
    """
    if x.ndim != 4 or regions.ndim != 2 or regions.shape[1] != 5 or len(size) != 2:
        raise GraphError(
            "shapes do not fit", found=f"x {x.shape}, regions {regions.shape}, size {tuple(size)}"
        )
    y = np.zeros(bounded(len(regions), x.shape[1], *size), x.dtype)
    for r, region in enumerate(regions.astype(np.float64)):
        image = int(region[0])
        if not 0 <= image < len(x):
            raise GraphError("an image that is not there", found=image, expected=f"0 to {len(x) - 1}")
        left, top, right, bottom = (int(np.floor(n * scale + 0.5)) for n in region[1:])
        rows, columns = (
            _cells(start, max(end - start + 1, 1), n, limit)
            for start, end, n, limit in (
                (top, bottom, size[0], x.shape[2]),
                (left, right, size[1], x.shape[3]),
            )
        )
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                if row.start < row.stop and column.start < column.stop:
                    y[r, :, i, j] = x[image, :, row, column].max(axis=(1, 2))
    return y


def _cells(start: int, length: int, count: int, limit: int) -> list[slice]:
    cell = length / count
    ends = [(int(np.floor(k * cell)), int(np.ceil((k + 1) * cell))) for k in range(count)]
    return [slice(min(max(a + start, 0), limit), min(max(b + start, 0), limit)) for a, b in ends]
