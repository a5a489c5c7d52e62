"""Changes that are no mistakes raise no alarm, and a Fourier transform in float32 is told as fewer bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.fft

import modelparity as mp
from modelparity.stages import Checked
from modelparity_families.madmom.frontends import PROCESSORS

RATE = 44_100
NAMES = ("beats_lstm_online", "onsets_cnn", "chords_cnnfeat")


def struck(seconds: float = 0.5) -> Any:
    """Tones that begin one after another, over noise: int16."""
    rng, t = np.random.default_rng(4), np.arange(round(seconds * RATE)) / RATE
    sound = rng.normal(size=t.size) * 0.01
    for start, pitch in ((0.0, 220.0), (0.2, 330.0), (0.4, 440.0)):
        since = np.maximum(t - start, 0)
        sound += (
            (t >= start)
            * np.exp(-8 * since)
            * sum(np.sin(2 * np.pi * pitch * k * since) / k for k in (1, 2, 3))
        )
    return (sound / np.abs(sound).max() * 30_000).astype(np.int16)


AUDIO = struck()


def double(frames: Any, window: Any) -> Any:
    """The sound as shares of full scale first, and both halves of the spectrum, all in float64."""
    return np.abs(np.fft.fft(frames / 32_767.0 * window))[:, : frames.shape[1] // 2]


def single(frames: Any, window: Any) -> Any:
    """A transform in float32, as most programs make it."""
    found = scipy.fft.rfft((frames / np.float32(32_767)).astype(np.float32) * window.astype(np.float32))
    assert found.dtype == np.complex64
    return np.abs(found)[:, : frames.shape[1] // 2]


def checked(name: str, spectrum: Callable[[Any, Any], Any], dtype: str, **settings: Any) -> Checked:
    """The result for features that are computed from another program's spectrum."""
    p = mp.pipeline(f"madmom/{name}")
    frames = p.run(audio=AUDIO, rate=RATE, until="frames")["frames"]
    several = frames if isinstance(frames, dict) else {f"frames_{frames.shape[1]}": frames}
    spectra = {
        key.replace("frames", "spectrum"): spectrum(one, np.hanning(one.shape[1]))
        for key, one in several.items()
    }
    given = spectra if len(spectra) > 1 else next(iter(spectra.values()))
    theirs = p.with_settings(**settings).run(spectrum=given, until="features")["features"].astype(dtype)
    return p.check(audio=AUDIO, rate=RATE, features=theirs, until="features", expect="reduced")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_another_sound_transform_raises_no_alarm(name: str, dtype: str) -> None:
    found = checked(name, double, dtype)["features"]
    assert found.band in ("exact", "rounding"), found
    assert found.causes == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_transform_in_float32_is_reduced_and_said_to_be_one(name: str) -> None:
    found = checked(name, single, "float32")["features"]
    assert found.band == "reduced", found
    assert "Fourier transform" in found.text
    assert found.causes == ()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "onsets_cnn"])
def test_bands_divided_by_half_their_width_are_those_of_their_sum(name: str) -> None:
    assert PROCESSORS[name].settings()["filterbank"] == "logarithmic"
    found = checked(name, double, "float32", norm="half-width")["features"]
    assert found.band in ("exact", "rounding"), found
