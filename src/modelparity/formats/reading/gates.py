"""The order of the gates in a recurrent layer's weights, written as letters.

=======  ==============================================  ================
letter   gate                                            core order
=======  ==============================================  ================
i f o g  input, forget, output, candidate of an LSTM     ``LSTM`` ifog
i f o    peepholes of an LSTM                            ``PEEPHOLES`` ifo
r z n    reset, update, candidate of a GRU               ``GRU`` rzn
h        the only "gate" of a plain RNN                  ``RNN`` h
=======  ==============================================  ================

Formats call the candidate c, z, n, o or g; here it is always g (LSTM) or n (GRU), so that two orders compare.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph import Array
from .translating import Operation

LSTM, PEEPHOLES, GRU, RNN = "ifog", "ifo", "rzn", "h"


def ordered(array: Array, have: str, want: str, axis: int = 0) -> Array:
    """Gates that lie one after the other along an axis in the order ``have``, in the order ``want``.

    (..., gate * size, ...) -> the same; the array itself if the orders are one. Raises `ValueError` if the two
    orders are not of the same letters, or the axis does not split.
    """
    if have == want:
        return array
    gates = dict(zip(have, np.split(array, len(have), axis=axis), strict=True))
    if sorted(have) != sorted(want) or len(gates) < len(have):
        raise ValueError(f"gates {have!r} do not become {want!r}")
    made: Array = np.concatenate([gates[letter] for letter in want], axis=axis)
    return made


def gathered(op: Operation[Any], tensor: str, have: str, want: str, size: int, *, axis: int) -> str:
    """As `ordered`, of a tensor that is known only when the model runs, with gates of ``size`` elements."""
    if have == want:
        return tensor
    places = ordered(np.arange(len(have) * size, dtype=np.int32), have, want)
    return op.temp("gather", [tensor, op.constant(places, "gates")], axis=axis)
