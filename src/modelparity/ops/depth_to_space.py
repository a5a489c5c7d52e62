"""Depth to space: channels become blocks of pixels, pixel by pixel."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..graph import Array
from ._blocks import divided, image


@operator(
    not_causal("it spreads a frame over neighbours"), plain=True, facts=Facts(rank=rank_of("x"), moves=("x",))
)
def depth_to_space(ar: Arithmetic, x: Array, *, block: int) -> Array:
    """y[c, h * block + i, w * block + j] = x[(i * block + j) * C + c, h, w]

    x (batch..., block^2 * channel, height, width) -> y (batch..., channel, height * block, width * block), the
    inverse of ``space_to_depth``. Exact. Raises `GraphError` if channels are no multiple of the block's area.
    Source: ONNX DepthToSpace (DCR), TensorFlow depth_to_space; checked against onnxruntime.
    """
    *batch, c, h, w = image(x)
    c = divided(c, block * abs(block), "channels")
    n = len(batch)
    y = x.reshape(*batch, block, block, c, h, w)
    y = y.transpose(*range(n), n + 2, n + 3, n, n + 4, n + 1)
    return y.reshape(*batch, c, h * block, w * block)
