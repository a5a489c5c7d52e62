"""Batch normalisation, in both of its forms."""

from __future__ import annotations

import numpy as np

from .....engine.bound_node import Call
from .....graph import Array
from ..chain import Chain
from ..lowering import lowers
from .linear import per_number


@lowers("batch_norm")
def batch_norm(chain: Chain, call: Call) -> None:
    """RTNeural's own; scale and shift are neutral where the graph has none."""
    found = {key: chain.constant(call, key) for key in ("gamma", "beta", "mean", "variance")}
    scaled = found["gamma"] is not None or found["beta"] is not None
    if scaled:
        found["gamma"] = np.ones(()) if found["gamma"] is None else found["gamma"]
        found["beta"] = np.zeros(()) if found["beta"] is None else found["beta"]
    arrays = [value for value in found.values() if value is not None]
    _add(chain, call, arrays, float(call.attrs["epsilon"]))


@lowers("normalize")
def normalize(chain: Chain, call: Call) -> None:
    """(x - mean) inv_std, then gamma and beta: two layers, so that every weight stays as it is."""
    zero, one = np.zeros(()), np.ones(())
    mean, inverse = chain.weight(call, "mean"), chain.weight(call, "inv_std")
    _add(chain, call, [inverse, zero, mean, one], 0.0)
    gamma, beta = chain.constant(call, "gamma"), chain.constant(call, "beta")
    if gamma is not None or beta is not None:
        scale, shift = one if gamma is None else gamma, zero if beta is None else beta
        if not ((scale == 1).all() and (shift == 0).all()):
            _add(chain, call, [scale, shift, zero, one], 0.0)


def _add(chain: Chain, call: Call, arrays: list[Array], epsilon: float) -> None:
    features, filters = chain.image
    if chain.parts and chain.order and chain.parts[-1].name != chain.order[-1]:
        features = 1  # the filters stand elsewhere: number by number
    # A 2-D layer where there is one statistic a filter, so that no weight is written many times.
    if features > 1 and all(a.size == 1 or a.shape[-1:] == (a.size,) == (filters,) for a in arrays):
        full = [np.broadcast_to(a.reshape(-1), (filters,)) for a in arrays]
        chain.add(
            call, "batchnorm2d", full, epsilon=epsilon, num_filters_in=filters, num_features_in=features
        )
    else:
        chain.add(call, "batchnorm", [per_number(chain, call, a) for a in arrays], epsilon=epsilon)
