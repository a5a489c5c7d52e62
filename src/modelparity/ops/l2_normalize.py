"""L2 normalisation: a vector of length one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import operator, untouched
from ..errors import GraphError
from ..graph import Array
from ._reduction import reduced


@operator(untouched(lambda attrs, rank: attrs.get("axes", (-1,))), facts=Facts(rank=rank_of("x")))
def l2_normalize(
    ar: Arithmetic,
    x: Array,
    *,
    axes: Sequence[int] = (-1,),
    epsilon: float = 1e-12,
    guard: str = "sum",
) -> Array:
    """y = x / sqrt(sum of x^2 + epsilon), the sum over ``axes``

    x (...) -> y (...). ``guard`` says what epsilon is: "sum", added to the sum of squares; "floor", the least that
    the root may be. Squares, sum and root stay in the carrier and round once; the quotient rounds.
    Raises `GraphError` for another guard.
    Source: Core ML MIL ``l2_norm`` (sum); torch.nn.functional.normalize (floor), against which it is checked.
    """
    if guard not in ("sum", "floor"):
        raise GraphError(f"unknown guard {guard!r}", expected="sum or floor")
    over = reduced(x, axes)
    terms = ar.operand(x, terms=math.prod(x.shape[axis] for axis in over))
    total = np.square(terms).sum(axis=over, keepdims=True)
    if guard == "sum":
        root = ar.rounded(np.sqrt(total + x.dtype.type(epsilon)))
    else:
        root = ar.rounded(np.maximum(np.sqrt(total), x.dtype.type(epsilon)))
    return ar.rounded(x / root)
