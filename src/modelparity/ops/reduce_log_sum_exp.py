"""Logarithm of a sum of exponentials over axes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._reduction import reduced, reduced_rank, reduction


@operator(reduction, facts=Facts(rank=reduced_rank))
def reduce_log_sum_exp(
    ar: Arithmetic,
    x: Array,
    *,
    axes: Sequence[int] | int | None = None,
    keepdims: bool = False,
    empty: str = "refused",
) -> Array:
    """y = log(sum of exp(x) over ``axes``)

    x (...) -> y without ``axes``, or with unit axes in their place (``keepdims``); ``None`` reduces all.
    Computed as m + log(sum of exp(x - m)) with the maximum m, so that nothing overflows; all of it stays in the
    carrier: one rounding. Whole numbers lose the fraction. Raises `GraphError` if there is nothing to sum,
    unless ``empty`` is "limit": that gives -inf.
    Source: ONNX ReduceLogSumExp; checked against torch.logsumexp.
    """
    over = reduced(x, axes)
    if empty == "limit" and 0 in x.shape:
        limit: Array = np.log(np.exp(x).sum(axis=over, keepdims=keepdims)).astype(x.dtype, copy=False)
        return limit
    if any(x.shape[axis] == 0 for axis in over):
        raise GraphError("there is no sum of nothing", found=x.shape[1:], expected="at least one element")
    terms = ar.operand(x, terms=math.prod(x.shape[axis] for axis in over))
    peak = terms.max(axis=over, keepdims=True)
    peak = np.where(np.isfinite(peak), peak, peak.dtype.type(0))
    total = np.log(np.exp(terms - peak).sum(axis=over, keepdims=keepdims))
    total = total + (peak if keepdims else np.squeeze(peak, axis=over))
    return ar.rounded(np.asarray(total).astype(x.dtype, copy=False))
