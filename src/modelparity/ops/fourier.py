"""Fourier: the discrete Fourier transform along an axis."""

from __future__ import annotations

import math

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..engine.sums import in_parts, in_strand
from ..errors import GraphError
from ..graph import Array
from ._reduction import within
from ._sizes import bounded


def _terms(n: int) -> int:
    """So many products in a sum are as far off as a transform: summed in order, or in stages of products."""
    return max(n, int((3 * math.log2(max(n, 2))) ** 2))


@operator(plain=True)
def fourier(
    ar: Arithmetic,
    x: Array,
    length: Array | None = None,
    *,
    axis: int = -2,
    inverse: bool = False,
    onesided: bool = False,
) -> Array:
    """y[..., k, ...] = sum over n of x[..., n, ...] exp(-2 pi i k n / N), the sign turned and divided by N if inverse

    x (..., n, ..., 1 or 2) real, or real and imaginary part -> y (..., N, ..., 2), or (..., N // 2 + 1, ..., 2) if
    ``onesided``; the inverse of a one-sided spectrum is real, (..., N, ..., 1). length () is N, to which x is cut or
    filled up with zeros; n (for a one-sided spectrum 2 (n - 1)) if left out. Computed in float64 and rounded once.
    Raises `GraphError` for a last axis of another size, the last axis transformed, or a complex one-sided input.
    Source: Cooley and Tukey, 1965; ONNX DFT; checked against scipy.fft and the sum itself.
    """
    (along,) = within(axis, x.ndim)
    if x.ndim < 2 or x.shape[-1] not in (1, 2) or along == x.ndim - 1:
        raise GraphError(
            "not real or complex numbers along another axis", found=x.shape, expected="(..., 1 or 2)"
        )
    x = ar.operand(x, terms=in_strand(ar, _terms(x.shape[along])))
    z = x[..., 0].astype(np.float64) + (1j * x[..., 1] if x.shape[-1] == 2 else 0)
    n = z.shape[along] if not (inverse and onesided) else 2 * (z.shape[along] - 1)
    if length is not None:
        (n,) = bounded(int(length.reshape(-1)[0]))
    if n < 1:
        raise GraphError("nothing is to be transformed", found=n)
    if onesided and not inverse and x.shape[-1] == 2 and x[..., 1].any():
        raise GraphError("a one-sided transform of complex numbers")

    def transform(z: Array) -> Array:
        if inverse and onesided:
            return np.fft.irfft(z, n, axis=along)[..., None].astype(ar.dtype)
        y = (np.fft.ifft if inverse else np.fft.fft)(z, n, axis=along)
        y = np.take(y, np.arange(n // 2 + 1), axis=along) if onesided else y
        return np.stack([y.real, y.imag], axis=-1).astype(ar.dtype)

    def part(places: slice) -> Array:
        only, where = np.zeros_like(z), (slice(None),) * along + (places,)
        only[where] = z[where]
        return transform(only)

    total = in_parts(ar, z.shape[along], part)
    size = np.sqrt(np.square(np.abs(z)).sum(axis=along, keepdims=True))[..., None] / (n if inverse else 1)
    return ar.rounded(ar.cancelled(total, size))
