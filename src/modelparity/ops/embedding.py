"""Embedding: rows of a table, looked up by index."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array


@operator(
    first_only(lambda time, shape, attrs: Step(time)),
    facts=Facts(
        rank=lambda ranks, attrs: ranks["indices"] + ranks["table"] - 1, moves=("table",), lookup="table"
    ),
)
def embedding(ar: Arithmetic, indices: Array, table: Array) -> Array:
    """y[...] = table[indices[...]]

    indices (...) integers in [0, entry), table (entry, feature) -> y (..., feature).
    Exact: nothing is rounded.
    Raises `GraphError` for an index below 0 or past the last entry, naming it, and for non-integers.
    Source: torch.nn.functional.embedding, against which it is checked.
    """
    if table.ndim != 3:
        raise GraphError("the table is not (entry, feature)", found=table.shape[1:])
    if indices.dtype.kind not in "iu":
        raise GraphError("indices are not integers", found=indices.dtype)
    entries = table.shape[1]
    wrong = (indices < 0) | (indices >= entries)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise GraphError(
            f"index {int(indices[place])} at {place[1:]} is not in the table",
            expected=f"0 to {entries - 1}",
            fix="check the vocabulary that made the indices; none is clipped or wrapped",
        )
    if table.shape[0] == 1:
        return np.take(table[0], indices, axis=0)
    lanes = np.arange(table.shape[0]).reshape(-1, *(1,) * (indices.ndim - 1))
    rows: Array = table[lanes, indices]
    return rows
