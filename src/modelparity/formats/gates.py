"""Gates of recurrent layers, told apart by letters: formats stack the same gates in different orders.

``i`` input, ``f`` forget, ``o`` output, ``g`` the cell's candidate; ``r`` reset, ``z`` update, ``n`` the state's
candidate. Graphs have `LSTM` and `GRU` along the last axis, and peepholes of an LSTM as `PEEPHOLES`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..graph import Array

LSTM, PEEPHOLES, GRU = "ifog", "ifo", "rzn"

#: A bias that holds a sigmoid gate open (or closed, with a minus) whatever else it gets: exp(1000) overflows and
#: exp(-1000) is 0, so that the gate is 1 or 0 exactly.
SATURATED = 1000.0


def gates(array: Array, order: str, axis: int = -1) -> dict[str, Array]:
    """The part of ``array`` that each gate has along ``axis``, where they stand in ``order``.

    Raises `ValueError` if the axis is not divided evenly by so many gates.
    """
    size = array.shape[axis]
    if size % len(order):
        raise ValueError(f"an axis of {size} has no {len(order)} gates of one size ({order})")
    return dict(zip(order, np.split(array, len(order), axis=axis), strict=True))


def ordered(array: Array, have: str, want: str, axis: int = -1, *, negated: Iterable[str] = ()) -> Array:
    """``array`` with the gates along ``axis``, which stand in the order ``have``, brought into the order ``want``.

    ``want`` may leave gates out. Those named in ``negated`` change their sign: as 1 - sigmoid(a) = sigmoid(-a), this
    makes an update gate that keeps the old state of one that replaces it. Raises `ValueError` as `gates` does.
    """
    parts = gates(array, have, axis)
    made: Array = np.concatenate(
        [-parts[gate] if gate in negated else parts[gate] for gate in want], axis=axis
    )
    return made
