"""Batch to space: images become the blocks of pixels of one."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._blocks import divided, pair


@operator(not_causal("it puts frames together"), plain=True, facts=Facts(rank=rank_of("x"), moves=("x",)))
def batch_to_space(
    ar: Arithmetic, x: Array, *, block: Sequence[int] | int, crops: Sequence[Sequence[int]] = ((0, 0), (0, 0))
) -> Array:
    """y[b, c, h * r + i - top, w * q + j - left] = x[(i * q + j) * B + b, c, h, w]

    x (r * q * batch, channel, height, width), ``block`` r by q, ``crops`` (top, bottom), (left, right)
    -> y (batch, channel, height * r - top - bottom, width * q - left - right), the inverse of
    ``space_to_batch``. Exact. Raises `GraphError` if the batch is no multiple of the blocks, or more is cropped than
    there is.
    Source: TensorFlow batch_to_space; checked against a loop over pixels.
    """
    r, q = pair(block, "block")
    if x.ndim != 4 or len(crops) != 2:
        raise GraphError("this is no image", found=x.shape, expected="(batch, channel, height, width)")
    b, c, h, w = x.shape
    b = divided(b, r * q, "batch")
    y = x.reshape(r, q, b, c, h, w).transpose(2, 3, 4, 0, 5, 1).reshape(b, c, h * r, w * q)
    (top, bottom), (left, right) = crops
    if min(top, bottom, left, right) < 0 or top + bottom > h * r or left + right > w * q:
        raise GraphError("crops do not fit", found=crops, expected=f"within {(h * r, w * q)}")
    return y[:, :, top : h * r - bottom, left : w * q - right]
