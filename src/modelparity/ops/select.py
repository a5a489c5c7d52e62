"""Select: from one array where a condition holds, from another elsewhere."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import aligned, operator
from ..graph import Array


@operator(facts=Facts(moves=("x", "y")))
def select(ar: Arithmetic, condition: Array, x: Array, y: Array) -> Array:
    """z = x where ``condition`` is true (or not 0), else y

    condition (...), x (...), y (...) -> z (...), broadcast from the right. Exact.
    Source: ONNX Where; checked against torch.where.
    """
    condition, x, y = aligned(condition, x, y)
    z: Array = np.where(condition.astype(bool, copy=False), x, y)
    return z
