"""Top k: the largest or smallest elements, and where they stood."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of, spanned_by
from ..engine.operator import operator, untouched
from ..errors import GraphError
from ..graph import Array
from ._order import ranked
from ._reduction import reduced


@operator(
    untouched(lambda attrs, rank: (attrs.get("axis", -1),)),
    facts=Facts(rank=rank_of("x"), range=spanned_by("x")),
)
def topk(
    ar: Arithmetic,
    x: Array,
    count: Array | None = None,
    *,
    k: int | None = None,
    axis: int = -1,
    largest: bool = True,
    ordered: bool = True,
) -> tuple[Array, Array]:
    """values, places = the k largest (or smallest) elements along ``axis``, the most extreme first

    x (..., n, ...), count () integer or ``k`` -> values (..., k, ...), places (..., k, ...) int32. -1 means all. Of
    equal elements the one that stands first comes first. Without ``ordered`` they come in the order in which they
    stand in x. Exact.
    Raises `GraphError` for a k that is more than there is.
    Source: ONNX TopK; checked against torch.topk.
    """
    (along,) = reduced(x, axis)
    if (k is None) == (count is None):
        raise GraphError("k is not given once", expected="an input or an attribute")
    k = int(count.reshape(-1)[0]) if count is not None else k
    number = x.shape[along] if k == -1 else k
    if number is None or not 0 <= number <= x.shape[along]:
        raise GraphError("k does not fit", found=k, expected=f"0 to {x.shape[along]}, or -1 for all")
    places = ranked(ar.ranked(x, along), along, descending=largest).take(np.arange(number), axis=along)
    if not ordered:
        places = np.sort(places, axis=along)
    return np.take_along_axis(x, places, axis=along), places.astype(np.int32)
