"""What ports of the front end get wrong, made here without its settings, is named by the one that makes it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.signal

import modelparity as mp
from modelparity.errors import ModelparityError
from modelparity.stages import Pipeline

Array = np.ndarray
RATE, TO = 8820, 4000
SIZE = TO // 2  # samples in a window of half a second
FRAMES = 1 + SIZE // 64
Cells = Callable[[Array], Array]


@pytest.fixture(scope="module")
def small() -> Pipeline:
    """The front end for half seconds at 4 kHz: images of 16 bands and 62 frames, of which sound has 32."""
    sizes = {"window": 0.5, "hop": 0.5, "image_s": 1.0, "sample_rate": TO, "n_fft": 256, "hop_length": 64}
    return mp.pipeline("orca/detector", **sizes, bands=16, mel_sample_rate=3200, mel_f_max=1800.0)


@pytest.fixture(scope="module")
def audio() -> Array:
    """One window of a call over noise, one channel."""
    t = np.arange(RATE // 2) / RATE
    call = 0.3 * np.sin(2 * np.pi * (300 * t + 900 * t**2))
    return np.rint((call + np.random.default_rng(1).normal(0, 0.02, len(t))) * 32_767).astype(np.int16)


def named(small: Pipeline, audio: Array, image: Array) -> set[str]:
    found = small.check(audio=audio, rate=RATE, image=image.astype(np.float32), until="image")["image"]
    assert found.band == "wrong"
    return {f"{cause.fault}={cause.variant}" for cause in found.causes}


@pytest.mark.parametrize(
    ("way", "made"),
    [
        ("fourier", lambda x: scipy.signal.resample(x, SIZE)),
        ("linear", lambda x: np.interp(np.arange(SIZE) * RATE / TO, np.arange(len(x)), x)),
    ],
)
def test_another_way_to_resample(way: str, made: Cells, small: Pipeline, audio: Array) -> None:
    samples = np.floor(made(audio.astype(np.float64))).clip(-32_768, 32_767) / 32_768
    image = small.run(windows=samples[None].astype(np.float32), until="image")["image"]
    assert named(small, audio, image) == {f"setting resample_way={way!r}"}


def test_silence_before_the_transform(small: Pipeline, audio: Array) -> None:
    windows = small.run(audio=audio, rate=RATE, until="windows")["windows"]
    longer = np.pad(windows, ((0, 0), (0, 4 * TO - SIZE)))
    image = small.run(windows=longer, until="image")["image"]
    assert named(small, audio, image) == {"setting silence_s=4.0"}


@pytest.mark.parametrize(
    ("key", "read"),
    [
        ("time-mel-read-as-mel-time", lambda x: x.T.reshape(x.shape)),
        ("mel-time-read-as-time-mel", lambda x: x.reshape(x.T.shape).T),
    ],
)
def test_bytes_in_another_order(key: str, read: Cells, small: Pipeline, audio: Array) -> None:
    image = small.run(audio=audio, rate=RATE, until="image")["image"].copy()
    image[0, 0, :, :FRAMES] = read(np.ascontiguousarray(image[0, 0, :, :FRAMES]))
    assert named(small, audio, image) == {f"setting layout={key!r}"}


def test_bands_turned_round_and_frames_in_another_place(small: Pipeline, audio: Array) -> None:
    image = small.run(audio=audio, rate=RATE, until="image")["image"]
    assert named(small, audio, image[:, :, ::-1]) == {"value columns=axis 2 reversed"}
    placed = np.zeros_like(image)
    placed[..., 11 : 11 + FRAMES] = image[..., :FRAMES]
    assert named(small, audio, placed) == {"value moved=11"}


def test_what_no_known_mistake_explains_has_no_name(small: Pipeline, audio: Array) -> None:
    """An image of silence, which most mistakes leave as it is, and one cell that is wrong."""
    silence = np.zeros_like(audio)
    image = small.run(audio=silence, rate=RATE, until="image")["image"].copy()
    image[0, 0, 3, 5] += 2
    assert named(small, silence, image) == set()


def test_silence_is_that_of_short_windows_too(small: Pipeline, audio: Array) -> None:
    """Without ``strict`` a window of any length is filled up, as one of that length would be by hand."""
    short = small.with_settings(strict=False, silence_s=1.0).run(audio=audio[:3000], rate=RATE, until="power")
    windows = np.pad(short["windows"]["windows"], ((0, 0), (0, TO - SIZE)))
    wanted = small.run(windows=windows, until="power")["power"]
    np.testing.assert_allclose(short["power"]["power"], wanted, rtol=0, atol=1e-6 * wanted.max())


@pytest.mark.parametrize("settings", [{"resample_way": "cubic"}, {"layout": "rows"}, {"silence_s": -1.0}])
def test_another_value_is_refused(settings: dict[str, object], small: Pipeline, audio: Array) -> None:
    with pytest.raises(ModelparityError):
        small.with_settings(**settings).run(audio=audio, rate=RATE, until="image")
