"""Frequencies summed up to bands: stage ``bands``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from modelparity.graph import Array, Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

from .filterbanks import (
    MEL,
    bins_of,
    logarithmic_frequencies,
    mel_frequencies,
    triangles,
    triangles_in_hertz,
)
from .framing import RATE
from .settings import each
from .spectra import Bins

#: Mistakes that ports are known to have, likelier ones first.
Filterbank = Annotated[
    str,
    Mistakes(
        {
            "mel-slaney": "Slaney's mel scale",
            "mel-htk": "HTK's mel scale",
            "mel": "mel bands in place of logarithmic ones",
            "logarithmic": "logarithmic bands in place of mel ones",
        }
    ),
]
Number = Annotated[
    int | Sequence[int],
    Mistakes({6: "6 bands", 12: "12 bands", 24: "24 bands", 3: "3 bands", 40: "40 bands", 80: "80 bands"}),
]
#: The limits of other processors.
Lowest = Annotated[
    float,
    Mistakes({30.0: "lowest of 30 Hz", 27.5: "of 27.5 Hz", 60.0: "of 60 Hz", 65.0: "of 65 Hz"}),
]
Highest = Annotated[
    float,
    Mistakes(
        {
            17_000.0: "highest of 17 kHz",
            16_000.0: "of 16 kHz",
            2600.0: "of 2600 Hz",
            2100.0: "of 2100 Hz",
            22_050.0: "of half the rate",
        }
    ),
]
Norm = Annotated[
    str,
    Mistakes(
        {"none": "bands not normalised", "half-width": "bands divided by half their width", "sum": "by sum"}
    ),
]
Unique = Annotated[
    bool | None, Mistakes({False: "bins that fall together kept", True: "bins that fall together removed"})
]
Nearest = Annotated[bool, Mistakes({False: "bins floored in place of the nearest"})]
Corners = Annotated[str, Mistakes({"hertz": "triangles with corners in Hz in place of at bins"})]
Spacing = Annotated[str, Mistakes({"linspace": "bins taken to lie evenly from 0 to half the rate"})]


def bands(
    sizes: Sequence[int],
    *,
    filterbank: Filterbank = "logarithmic",
    number: Number = 6,
    fmin: Lowest = 30.0,
    fmax: Highest = 17_000.0,
    fref: float = 440.0,
    norm: Norm = "sum",
    unique: Unique = None,
    nearest: Nearest = True,
    corners: Corners = "bins",
    spacing: Spacing = "exact",
    rate: int = RATE,
    bins: Bins = "without-nyquist",
) -> Graph:
    """spectrum_N (frame, bin) -> bands_N (frame, band) for each size N: a product with a float32 matrix (bin, band)

    Args:
        sizes: in samples.
        filterbank: "logarithmic", or "mel", "mel-htk" or "mel-slaney".
        number: bands an octave of a logarithmic filterbank, bands of a mel one; for all sizes, or one for each.
        fmin: the lowest frequency, in Hz.
        fmax: the highest.
        fref: the frequency that a logarithmic filterbank is laid around.
        norm: what a band is divided by: its "sum", its "half-width", or "none".
        unique: whether a bin that several frequencies fall on counts once; if left out, madmom's way: once in
            logarithmic filterbanks, each time in mel ones.
        nearest: whether frequencies go to the nearest bin, or to the one below.
        corners: "bins", or "hertz" for triangles whose corners do not lie at bins.
        spacing: where bins are taken to lie: "exact" at k rate / N, or "linspace" evenly from 0 to rate / 2.
        rate: samples a second.
        bins: which bins the spectrum has.

    Raises:
        InputError: a setting has no such value, or there are not as many values as sizes.
    """
    one_of("filterbank", filterbank, ("logarithmic", *MEL))
    one_of("corners", corners, ("bins", "hertz"))
    one_of("spacing", spacing, ("exact", "linspace"))
    stage = GraphBuilder("bands")
    for size, many in zip(sizes, each("number", number, len(sizes)), strict=True):
        found = (
            logarithmic_frequencies(many, fmin, fmax, fref)
            if filterbank == "logarithmic"
            else mel_frequencies(many, fmin, fmax, filterbank)
        )
        count = size // 2 + (bins == "all")
        at = np.arange(count) * rate / size
        if spacing == "linspace":
            at = np.linspace(0, rate / 2, count)
        matrix = (
            _at_bins(found, at, filterbank == "logarithmic" if unique is None else unique, nearest, norm)
            if corners == "bins"
            else triangles_in_hertz(found, at, norm=norm)
        )
        given = stage.given(f"spectrum_{size}", "frame", (f"bin_{size}", count))
        filters = stage.constant(f"filters_{size}", matrix)
        stage.node("filterbank", (given, filters), f"bands_{size}")
    return stage.graph(*(f"bands_{size}" for size in sizes))


def _at_bins(frequencies: Array, at: Array, unique: bool, nearest: bool, norm: str) -> Array:
    corners = bins_of(frequencies, at, nearest=nearest)
    return triangles(np.unique(corners) if unique else corners, len(at), norm=norm)
