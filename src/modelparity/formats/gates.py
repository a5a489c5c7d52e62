"""Gates of recurrent layers, told apart by letters: formats stack the same gates in different orders.

=======  ==============================================  ==========================================
letter   gate                                            order in a graph
=======  ==============================================  ==========================================
i f o g  input, forget, output, candidate of an LSTM     as the operator declares: ``facts.gates``
i f o    peepholes of an LSTM                            `PEEPHOLES`
r z n    reset, update, candidate of a GRU               as the operator declares
h        the only "gate" of a plain RNN
=======  ==============================================  ==========================================

Formats call the candidate c, z, n, o or g; here it is always g (LSTM) or n (GRU), so that two orders compare.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..graph import Array

PEEPHOLES = "ifo"

#: A bias that holds a sigmoid gate open (or closed, with a minus) whatever else it gets: exp(1000) overflows and
#: exp(-1000) is 0, so that the gate is 1 or 0 exactly.
SATURATED = 1000.0


def gates(array: Array, order: str, *, axis: int) -> dict[str, Array]:
    """The part of ``array`` that each gate has along ``axis``, where they stand in ``order``.

    Raises `ValueError` if the axis is not divided evenly by so many gates.
    """
    size = array.shape[axis]
    if size % len(order):
        raise ValueError(f"an axis of {size} has no {len(order)} gates of one size ({order})")
    return dict(zip(order, np.split(array, len(order), axis=axis), strict=True))


def ordered(array: Array, have: str, want: str, *, axis: int, negated: Iterable[str] = ()) -> Array:
    """``array`` with the gates along ``axis``, which stand in the order ``have``, brought into the order ``want``.

    Those named in ``negated`` change their sign: as 1 - sigmoid(a) = sigmoid(-a), this makes an update gate that
    keeps the old state of one that replaces it. The array itself if nothing changes. Raises `ValueError` if the two
    orders are not of the same letters, and as `gates` does.
    """
    if sorted(have) != sorted(want):
        raise ValueError(f"gates {have!r} do not become {want!r}")
    if have == want and not negated:
        return array
    parts = gates(array, have, axis=axis)
    made: Array = np.concatenate(
        [-parts[gate] if gate in negated else parts[gate] for gate in want], axis=axis
    )
    return made
