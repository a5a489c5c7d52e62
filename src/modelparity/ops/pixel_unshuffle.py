"""Pixel unshuffle: blocks of pixels become channels, channel by channel."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import not_causal, operator
from ..graph import Array
from ._blocks import divided, image


@operator(
    not_causal("it joins neighbouring frames"), plain=True, facts=Facts(rank=rank_of("x"), moves=("x",))
)
def pixel_unshuffle(ar: Arithmetic, x: Array, *, factor: int) -> Array:
    """y[(c * factor + i) * factor + j, h, w] = x[c, h * factor + i, w * factor + j]

    x (batch..., channel, height, width) -> y (batch..., channel * factor^2, height / factor, width / factor), the
    inverse of ``pixel_shuffle``. Exact. Raises `GraphError` if height or width is no multiple of the factor.
    Source: torch.nn.PixelUnshuffle, against which it is checked.
    """
    *batch, c, h, w = image(x)
    h, w = divided(h, factor, "height"), divided(w, factor, "width")
    n = len(batch)
    y = x.reshape(*batch, c, h, factor, w, factor)
    y = y.transpose(*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return y.reshape(*batch, c * factor * factor, h, w)
