"""Front ends against what madmom recorded: features of every processor, and what its bar tracker was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity import run
from modelparity_families.madmom.frontends import PROCESSORS, beat_sync, decimated, harmonic, whole

CLIPS = ("a4_tone", "c_major_scale", "chords_I_IV_V_I", "clicks_120bpm", "sine_bursts")
Clip = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("processor", PROCESSORS)
def test_features(name: str, processor: str, clip: Clip) -> None:
    arrays = clip(name)
    key = "bars/percussive" if processor == "bars_rhythmic" else f"{processor}/features"
    wanted = arrays[key][:, None] if processor == "onsets_brnn_pp" else arrays[key]
    got = run(whole(processor), arrays["audio"], arithmetic="native")["features"]
    assert got.shape == wanted.shape
    # SuperFlux is a sum of 140 bands: a unit in the last place of it is more.
    limit = 4e-6 if processor == "onsets_brnn_pp" else 1e-6
    assert np.abs(got - wanted).max() <= limit


@pytest.mark.parametrize("name", CLIPS)
def test_bars(name: str, clip: Clip) -> None:
    arrays = clip(name)
    for step, rate in ((2, 22_050), (10, 4410), (50, 882)):
        off = decimated(arrays["audio"], step).astype(int) - arrays[f"bars/resampled_{rate}"]
        assert np.abs(off).max() <= 1  # another order of summation, on the edge between two numbers
        assert (off != 0).mean() < 1e-3
    assert np.abs(harmonic(arrays["audio"]) - arrays["bars/harmonic"]).max() < 1e-3
    for part, q in (("percussive", 4), ("harmonic", 2)):
        got = beat_sync(arrays[f"bars/{part}"], arrays["bars/beats"], beat_subdivisions=q)
        np.testing.assert_array_equal(got, arrays[f"bars/{part}_sync"])
