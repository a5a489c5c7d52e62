"""Normalize: batch normalisation with a stored inverse standard deviation."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import aligned, operator
from ..graph import Array


@operator()
def normalize(
    ar: Arithmetic,
    x: Array,
    mean: Array,
    inv_std: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
) -> Array:
    """y = (x - mean) (gamma inv_std) + beta

    x (..., channel) -> y (..., channel); the others broadcast against its last axes: (channel),
    (frequency, channel) or scalar.
    ``inv_std`` is one over the standard deviation, epsilon included: not the variance.
    Source: Ioffe and Szegedy, "Batch normalization", 2015, alg. 2, in madmom's form; checked against
    torch.nn.functional.batch_norm.
    """
    scale = (
        inv_std if gamma is None else ar.rounded(np.multiply(*aligned(_real(x, gamma), _real(x, inv_std))))
    )
    x, mean, scale = aligned(x, _real(x, mean), _real(x, scale))
    y = ar.rounded(x - mean, inner=beta is not None)
    y = ar.rounded(
        np.multiply(y, scale, out=y if y.shape == np.broadcast_shapes(y.shape, scale.shape) else None),
        inner=beta is not None,
    )
    if beta is not None:
        shift = aligned(y, _real(x, beta))[1]
        y = ar.rounded(
            np.add(y, shift, out=y if y.shape == np.broadcast_shapes(y.shape, shift.shape) else None)
        )
    return y


def _real(x: Array, parameter: Array) -> Array:
    # Artefacts hold 0 and 1 as integers; those would lift float32 to float64.
    return parameter.astype(x.dtype, copy=False)
