"""Space to depth: blocks of pixels become channels, pixel by pixel."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..graph import Array
from ._blocks import divided, image


@operator(
    not_causal("it joins neighbouring frames"), plain=True, facts=Facts(rank=rank_of("x"), moves=("x",))
)
def space_to_depth(ar: Arithmetic, x: Array, *, block: int) -> Array:
    """y[(i * block + j) * C + c, h, w] = x[c, h * block + i, w * block + j]

    x (batch..., channel, height, width) -> y (batch..., block^2 * channel, height / block, width / block), C
    channels of each pixel of the block after one another. Exact.
    Raises `GraphError` if height or width is no multiple of the block.
    Source: ONNX SpaceToDepth, TensorFlow space_to_depth; checked against onnxruntime.
    """
    *batch, c, h, w = image(x)
    h, w = divided(h, block, "height"), divided(w, block, "width")
    n = len(batch)
    y = x.reshape(*batch, c, h, block, w, block)
    y = y.transpose(*range(n), n + 2, n + 4, n, n + 1, n + 3)
    return y.reshape(*batch, block * block * c, h, w)
