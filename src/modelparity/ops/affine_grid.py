"""Affine grid: the coordinates that an affine map sends the pixels of an image to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def affine_grid(ar: Arithmetic, matrix: Array, *, size: Sequence[int], align_corners: bool = False) -> Array:
    """y[b, h, w] = (a_0 u + a_1 v + a_2, a_3 u + a_4 v + a_5), (u, v) being where pixel (h, w) lies

    matrix (batch, 6) of rows a, ``size`` height and width -> y (batch, height, width, 2), coordinates from -1 to 1.
    These are the centres of the outermost pixels (``align_corners``) or their outer edges; a single pixel lies
    at 0. Rounded once. Raises `GraphError` for another shape.
    Source: Jaderberg et al. 2015, Core ML MIL ``affine``; checked against torch.nn.functional.affine_grid.
    """
    if matrix.ndim != 2 or matrix.shape[1] != 6 or len(size) != 2 or min(size) < 1:
        raise GraphError(
            "shapes do not fit", found=f"matrix {matrix.shape}, size {tuple(size)}", expected="(batch, 6)"
        )
    bounded(len(matrix), *size)
    v, u = (
        np.linspace(-1, 1, n) if align_corners and n > 1 else (2 * np.arange(n) + 1) / n - 1 for n in size
    )
    at = np.stack(np.broadcast_arrays(u[None, :], v[:, None], 1.0), axis=-1)
    at = ar.rounded(at.astype(ar.dtype), bounded=True).astype(np.float64)  # off by units of the range
    y = np.einsum("hwk,brk->bhwr", at, matrix.reshape(-1, 2, 3).astype(np.float64))
    return ar.rounded(y.astype(ar.dtype))
