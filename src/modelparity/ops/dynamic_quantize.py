"""Dynamic quantisation: an array as whole multiples of a step that its own largest element sets."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator
from ..graph import Array


@operator(plain=True, facts=Facts(rank=rank_of("x")))
def dynamic_quantize(ar: Arithmetic, x: Array, *, bits: int = 8) -> Array:
    """y = step * round(x / step), step = max |x| / (2^(bits - 1) - 1)

    x (...) -> y (...), at most 2^bits - 1 different values; all zeros stay zeros. Rounded once.
    Core ML says that such a layer quantises its input to 8 bits, but not how the step is found; this is the symmetric
    choice over the whole array.
    Source: Core ML NeuralNetwork, int8DynamicQuantize; checked against torch.quantize_per_tensor.
    """
    top = float(np.abs(x).max(initial=0.0))
    if not top or not np.isfinite(top):
        return x.copy()
    step = top / (2 ** (bits - 1) - 1)
    return ar.rounded((np.rint(ar.whole((x / step).astype(x.dtype), alone=True)) * step).astype(x.dtype))
