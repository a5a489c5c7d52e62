"""Hard sigmoid: a sigmoid of three straight pieces."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, always
from ..engine.operator import operator
from ..graph import Array


@operator(facts=Facts(range=always(0, 1)))
def hard_sigmoid(ar: Arithmetic, x: Array, *, alpha: float = 0.2, beta: float = 0.5) -> Array:
    """y = max(0, min(1, alpha x + beta))

    x (...) -> y (...), each in [0, 1]. One operation. ONNX has alpha 0.2, PyTorch and Core ML's mobile nets 1/6.
    Source: ONNX HardSigmoid; checked against torch.nn.functional.hardsigmoid.
    """
    y = ar.operand(x * x.dtype.type(alpha))
    y = ar.rounded(y + x.dtype.type(beta))
    return np.clip(y, 0, 1, out=y)
