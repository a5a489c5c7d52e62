"""Gates brought into the graph's order while a file is read: see `modelparity.formats.gates` for the letters."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..gates import ordered
from .translating import Operation


def gathered(op: Operation[Any], tensor: str, have: str, want: str, size: int, *, axis: int) -> str:
    """As `ordered`, of a tensor that is known only when the model runs, with gates of ``size`` elements."""
    if have == want:
        return tensor
    places = ordered(np.arange(len(have) * size, dtype=np.int32), have, want, axis=0)
    return op.temp("gather", [tensor, op.constant(places, "gates")], axis=axis)
