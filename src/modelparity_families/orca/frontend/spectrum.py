"""How strong each frequency is in each frame, by an FFT or by products with cosines and sines."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.graph import Array, GraphBuilder
from modelparity.stages import Mistakes, one_of

#: Name -> (shares of the cosines, whether periodic).
TAPERS = {
    "hann-periodic": ((0.5, 0.5, 0.0), True),
    "hann-symmetric": ((0.5, 0.5, 0.0), False),
    "hamming-periodic": ((0.54, 0.46, 0.0), True),
    "rectangular": ((1.0, 0.0, 0.0), True),
}
#: Both compute the same. Sums of thousands of products are rounded more than an FFT is.
TRANSFORMS = ("fft", "product")
#: Mistakes that ports are known to have, likelier ones first.
Taper = Annotated[
    str,
    Mistakes(
        {
            "hann-symmetric": "symmetric Hann window",
            "hamming-periodic": "Hamming window",
            "rectangular": "no window",
        }
    ),
]


def spectrum(
    stage: GraphBuilder, frames: str, *, n_fft: int, taper: str, exponent: int, transform: str
) -> str:
    """The name of |sum over n of w[n] x[n] exp(-2 pi i k n / N)| ^ exponent (window, frame, bin).

    Raises `InputError` for a taper or a transform that there is not.
    """
    one_of("taper", taper, TAPERS)
    one_of("transform", transform, TRANSFORMS)
    if transform == "fft":
        shares, periodic = TAPERS[taper]
        settings = {"shares": shares, "periodic": periodic, "power": exponent}
        return stage.node("magnitude_spectrum", frames, "spectrum", **settings, single=True)  # as torch does
    parts = stage.node("dense", (frames, stage.constant("waves", waves(n_fft, taper))), "parts")
    squares = stage.node("mul", (parts, parts), "squares")
    bins = n_fft // 2 + 1
    real, imaginary = (
        stage.node("slice", squares, name, starts=(start,), ends=(start + bins,), axes=(2,))
        for name, start in (("real_squared", 0), ("imaginary_squared", bins))
    )
    power = stage.node("add", (real, imaginary), "strength")
    return power if exponent == 2 else stage.node("sqrt", power, "spectrum")


def waves(n_fft: int, taper: str = "hann-periodic") -> Array:
    """(sample, 2 bins) float32: the cosine of every bin, then its sine, all of them tapered."""
    (mean, first, second), periodic = TAPERS[taper]
    n = np.arange(n_fft)
    turn = 2 * np.pi * n / (n_fft if periodic else n_fft - 1)
    weights = mean - first * np.cos(turn) + second * np.cos(2 * turn)
    angles = 2 * np.pi * (n[:, None] * np.arange(n_fft // 2 + 1) % n_fft) / n_fft  # whole steps of a turn
    found: Array = (weights[:, None] * np.concatenate((np.cos(angles), np.sin(angles)), axis=1)).astype(
        np.float32
    )
    return found
