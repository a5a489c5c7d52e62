"""Magnitudes of each frame's frequencies: stage ``spectrum``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

#: Name -> (shares of the cosines, whether periodic).
WINDOWS = {
    "hann-symmetric": ((0.5, 0.5, 0.0), False),
    "hann-periodic": ((0.5, 0.5, 0.0), True),
    "hamming-symmetric": ((0.54, 0.46, 0.0), False),
    "hamming-periodic": ((0.54, 0.46, 0.0), True),
    "rectangular": ((1.0, 0.0, 0.0), False),
}
MEASURES = {"magnitude": 1, "power": 2}
#: Name -> (first bin, bins more than half the frame size).
BINS = {"without-nyquist": (0, 0), "without-zero": (1, 0), "all": (0, 1)}
SCALES = ("largest", "power-of-two", "none")

#: Mistakes that ports are known to have, likelier ones first.
Window = Annotated[
    str,
    Mistakes(
        {
            "hann-periodic": "periodic Hann window",
            "rectangular": "no window",
            "hamming-symmetric": "Hamming window",
            "hamming-periodic": "periodic Hamming window",
        }
    ),
]
Scale = Annotated[
    str | float,
    Mistakes({"power-of-two": "whole numbers divided by a power of two", "none": "whole numbers not scaled"}),
]
Measure = Annotated[str, Mistakes({"power": "power in place of magnitude"})]
Bins = Annotated[str, Mistakes({"without-zero": "bins shifted by one", "all": "the Nyquist bin kept"})]


def spectrum(
    sizes: Sequence[int],
    *,
    dtype: str = "int16",
    window: Window = "hann-symmetric",
    scale: Scale = "largest",
    measure: Measure = "magnitude",
    bins: Bins = "without-nyquist",
) -> Graph:
    """frames_N (frame, N) -> spectrum_N (frame, N / 2) for each size N

    |sum over n of w[n] x[n] exp(-2 pi i k n / N)|, k = 0 ... N / 2 - 1: bin k lies at k rate / N Hz. Frames times
    window and their transform are float64, then real and imaginary part are rounded to float32, as are magnitudes.

    Args:
        sizes: in samples.
        dtype: element type of the samples.
        window: a key of `WINDOWS`. madmom's is "hann-symmetric", 0.5 - 0.5 cos(2 pi n / (N - 1)).
        scale: what whole numbers are divided by, by way of the window: the "largest" of their type (madmom: 32767 for
            int16), the "power-of-two" above it, "none", or a number. Floats are taken as they are.
        measure: "magnitude" or "power".
        bins: "without-nyquist" leaves out the last one, "without-zero" the first.

    Raises:
        InputError: a setting has no such value.
    """
    one_of("window", window, WINDOWS)
    one_of("measure", measure, MEASURES)
    one_of("bins", bins, BINS)
    shares, periodic = WINDOWS[window]
    first, more = BINS[bins]
    stage = GraphBuilder("spectrum")
    for size in sizes:
        stage.node(
            "magnitude_spectrum",
            stage.given(f"frames_{size}", "frame", (f"sample_{size}", size), dtype=dtype),
            f"spectrum_{size}",
            shares=shares,
            periodic=periodic,
            divisor=_divisor(dtype, scale),
            first=first,
            bins=size // 2 + more,
            power=MEASURES[measure],
        )
    return stage.graph(*(f"spectrum_{size}" for size in sizes))


def _divisor(dtype: str, scale: str | float) -> float:
    if not isinstance(scale, str):
        return float(scale)
    one_of("scale", scale, SCALES)
    if np.dtype(dtype).kind == "f" or scale == "none":
        return 1.0
    most = int(np.iinfo(dtype).max)
    return float(most if scale == "largest" else most + 1)
