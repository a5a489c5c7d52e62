"""Space to batch: blocks of pixels become images of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._blocks import divided, pair
from ._sizes import bounded


@operator(not_causal("it takes frames apart"), plain=True)
def space_to_batch(
    ar: Arithmetic,
    x: Array,
    *,
    block: Sequence[int] | int,
    padding: Sequence[Sequence[int]] = ((0, 0), (0, 0)),
) -> Array:
    """y[(i * q + j) * B + b, c, h, w] = p[b, c, h * r + i, w * q + j], p being x padded with zeros

    x (batch, channel, height, width), ``block`` r by q, ``padding`` (top, bottom), (left, right)
    -> y (r * q * batch, channel, (height + top + bottom) / r, (width + left + right) / q). Exact.
    Raises `GraphError` if the padded image does not fall into whole blocks.
    Source: TensorFlow space_to_batch; checked against a loop over pixels.
    """
    r, q = pair(block, "block")
    if x.ndim != 4 or len(padding) != 2:
        raise GraphError("this is no image", found=x.shape, expected="(batch, channel, height, width)")
    bounded(*x.shape[:2], *(n + sum(p) for n, p in zip(x.shape[2:], padding, strict=True)))
    p = np.pad(x, ((0, 0), (0, 0), tuple(padding[0]), tuple(padding[1])))
    b, c, h, w = p.shape
    h, w = divided(h, r, "padded height"), divided(w, q, "padded width")
    y = p.reshape(b, c, h, r, w, q).transpose(3, 5, 0, 1, 2, 4)
    return y.reshape(r * q * b, c, h, w)
