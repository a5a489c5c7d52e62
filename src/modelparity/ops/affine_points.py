"""Affine points: where the pixels of an image, or of a volume, lie after a linear map."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import sizes_of


@operator(plain=True)
def affine_points(ar: Arithmetic, matrix: Array, size: Array, *, align_corners: bool = False) -> Array:
    """y[b, i...] = matrix[b] (p(i)..., 1), p naming the last spatial axis first

    matrix (batch, r, r + 1), size (r + 2) integers: batch, channel, n_1, ..., n_r with r 2 or 3 -> y (batch,
    n_1, ..., n_r, r). p runs from -1 to 1: from the first to the last centre (``align_corners``), or from edge
    to edge.
    Raises `GraphError` for shapes that do not fit.
    Source: Jaderberg et al., "Spatial transformer networks", 2015; ONNX AffineGrid; checked against
    torch.nn.functional.affine_grid.
    """
    shape = sizes_of(size)
    rank = len(shape) - 2
    if rank not in (2, 3) or matrix.shape != (shape[0], rank, rank + 1):
        raise GraphError("shapes do not fit", found=f"matrix {matrix.shape}, size {shape}")
    lines = []
    for n in shape[2:]:
        i = np.arange(n)
        lines.append((2 * i / (n - 1) - 1 if n > 1 else 0.0 * i) if align_corners else (2 * i + 1) / n - 1)
    grid = np.stack([*reversed(np.meshgrid(*lines, indexing="ij")), np.ones(shape[2:])], axis=-1).astype(
        ar.dtype
    )
    grid = ar.rounded(grid, bounded=True)  # between -1 and 1, off by units of that range
    y = np.matmul(ar.operand(grid.reshape(-1, rank + 1), terms=rank + 1)[None], np.swapaxes(matrix, 1, 2))
    return ar.rounded(y.reshape(shape[0], *shape[2:], rank))
