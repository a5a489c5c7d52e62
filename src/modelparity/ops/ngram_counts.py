"""N-gram counts: how often sequences of whole numbers occur."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def ngram_counts(
    ar: Arithmetic,
    x: Array,
    *,
    ngrams: Sequence[Sequence[int]],
    places: Sequence[int],
    most_skipped: int = 0,
    weights: Sequence[float] | None = None,
    mode: str = "TF",
) -> Array:
    """y[..., places[g]] = how often n-gram g stands in x, its members up to ``most_skipped`` elements apart

    x (n) or (batch, n) integers -> y (m) or (batch, m), m being one more than the largest place. ``mode`` TF counts,
    IDF gives ``weights`` (1 if left out) where an n-gram occurs, TFIDF their product. Single elements are counted
    once, whatever may be skipped; an n-gram without members never occurs. Exact.
    Raises `GraphError` for another rank, an unknown mode or lists that do not fit.
    Source: ONNX TfIdfVectorizer; checked against counting by hand.
    """
    if x.ndim not in (1, 2) or mode not in ("TF", "IDF", "TFIDF") or len(places) != len(ngrams):
        raise GraphError(
            "x or a setting does not fit", found=f"x {x.shape}, mode {mode}, {len(places)} places"
        )
    if weights is not None and len(weights) != len(ngrams):
        raise GraphError("weights do not fit", found=len(weights), expected=len(ngrams))
    rows = x.reshape(1, -1) if x.ndim == 1 else x
    y = np.zeros(bounded(len(rows), max(places, default=-1) + 1))
    for gram, place, weight in zip(ngrams, places, weights or (1.0,) * len(ngrams), strict=True):
        counts = np.zeros(len(rows))
        for gap in range(1, most_skipped + 2 if len(gram) > 1 else 2):
            reach = (len(gram) - 1) * gap
            if gram and reach < rows.shape[1]:
                hit = np.ones((len(rows), rows.shape[1] - reach), bool)
                for k, member in enumerate(gram):
                    hit &= rows[:, k * gap : rows.shape[1] - reach + k * gap] == member
                counts += hit.sum(axis=1)
        y[:, place] = {"TF": counts, "IDF": (counts > 0) * weight, "TFIDF": counts * weight}[mode]
    return ar.rounded((y[0] if x.ndim == 1 else y).astype(ar.dtype))
