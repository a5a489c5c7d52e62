"""Pixel shuffle: channels become blocks of pixels, channel by channel."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..graph import Array
from ._blocks import divided, image


@operator(
    not_causal("it spreads a frame over neighbours"), plain=True, facts=Facts(rank=rank_of("x"), moves=("x",))
)
def pixel_shuffle(ar: Arithmetic, x: Array, *, factor: int) -> Array:
    """y[c, h * factor + i, w * factor + j] = x[(c * factor + i) * factor + j, h, w]

    x (batch..., channel * factor^2, height, width) -> y (batch..., channel, height * factor, width * factor).
    Exact. Raises `GraphError` if channels are no multiple of factor^2.
    Source: Shi et al. 2016, torch.nn.PixelShuffle, against which it is checked.
    """
    *batch, c, h, w = image(x)
    c = divided(c, factor * abs(factor), "channels")
    n = len(batch)
    y = x.reshape(*batch, c, factor, factor, h, w)
    y = y.transpose(*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return y.reshape(*batch, c, h * factor, w * factor)
