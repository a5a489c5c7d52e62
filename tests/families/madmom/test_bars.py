"""What madmom's bar tracker is given: decimation, semitones in time, features by beats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.madmom.frontends import beat_sync, decimated, flattened, harmonic, harmonic_variants
from modelparity_families.madmom.frontends.decimation import taps

RNG = np.random.default_rng(3)
NOISE = RNG.integers(-20_000, 20_000, 2500).astype(np.int16)


def tone(f: float, seconds: float = 0.5) -> Any:
    t = np.arange(int(seconds * 44_100)) / 44_100
    return np.round(12_000 * np.sin(2 * np.pi * f * t)).astype(np.int16)


@pytest.mark.parametrize(("step", "length"), [(2, 66), (10, 330), (50, 1650)])
@pytest.mark.parametrize("n", [1, 7, 100, 2500])
def test_decimation_is_the_sum_that_defines_it(step: int, length: int, n: int) -> None:
    h, c = taps(step)
    assert (len(h), c) == (length, (length - 1) // 2)
    assert h.sum() == pytest.approx(1)
    x = NOISE[:n]
    at = np.arange(0, n, step)[:, None] + np.arange(length) - c
    want = (h * x[np.minimum(np.abs(at), n - 1)]).sum(axis=1)
    got = decimated(x, step)
    assert got.dtype == np.int16
    assert np.abs(got - want).max() <= 0.5 + 1e-9
    np.testing.assert_allclose(decimated(x / 1e3, step), want / 1e3, atol=1e-12)


def test_nothing_decimated_is_nothing() -> None:
    assert decimated(NOISE[:0], 10).shape == (0,)
    with pytest.raises(InputError, match="resampler"):
        decimated(NOISE, 2, resampler="linear")


@pytest.mark.parametrize(("f", "column"), [(440.0, 9), (261.626, 0), (2093.0, 0), (110.0, 9), (3520.0, 9)])
def test_a_tone_is_its_pitch_class(f: float, column: int) -> None:
    y = harmonic(tone(f))
    assert y.shape == (51, 12)
    np.testing.assert_allclose(np.linalg.norm(y, axis=1), 1)
    assert (y[10:40].argmax(axis=1) == column).all()


def test_silence_is_even() -> None:
    np.testing.assert_allclose(harmonic(np.zeros(3000, np.int16)), 1 / np.sqrt(12))
    assert not harmonic(np.zeros(3000, np.int16), silence="zero").any()


def test_forms_of_a_filter_agree() -> None:
    x = tone(440.0)
    np.testing.assert_allclose(harmonic_variants(x)[0], harmonic(x), atol=1e-3)


def test_a_clip_that_no_filter_can_run_over_is_refused() -> None:
    for wrong in (NOISE[:1350], np.zeros((3000, 2), np.int16)):
        with pytest.raises(InputError, match=r"1351 samples or more"):
            harmonic(wrong)
    harmonic(NOISE[:1351])


def test_parts_of_beats_by_hand() -> None:
    x = np.arange(100.0)[:, None] * [1, 2]
    y = beat_sync(x, np.array([0.1, 0.4, 0.9]), beat_subdivisions=2)
    # 0.1 - 0.02 -> frame 8; ends at 0.4 - 0.05 -> 35, then at 0.9 - 0.05 -> 85
    assert y.shape == (2, 2, 2)
    np.testing.assert_allclose(y[0, :, 0], [np.arange(8, 22).mean(), np.arange(22, 35).mean()])
    np.testing.assert_allclose(y[1, :, 1], [2 * np.arange(35, 60).mean(), 2 * np.arange(60, 85).mean()])
    assert flattened(y)[0].tolist() == [*y[0, 0], *y[0, 1]]
    assert flattened(y, order="feature-first")[0].tolist() == [*y[0, :, 0], *y[0, :, 1]]


def test_a_part_without_frames_is_no_number() -> None:
    y = beat_sync(np.ones((100, 1)), np.array([0.5, 0.51, 0.9]), beat_subdivisions=4)
    assert np.isnan(y[0]).any()
    assert not np.isnan(y[1]).any()


def test_beats_behind_the_clip_do_not_count() -> None:
    x = np.ones((100, 1))
    with pytest.warns(UserWarning, match="1 of 4 beats lie behind the clip of 1 s"):
        assert beat_sync(x, np.array([0.1, 0.5, 1.0, 1.2]), beat_subdivisions=1).shape == (2, 1, 1)
    assert beat_sync(x, np.array([0.1]), beat_subdivisions=1).shape == (0, 1, 1)
    assert beat_sync(x, np.array([]), beat_subdivisions=1).shape == (0, 1, 1)
    for beats, said in (
        ([1.5, 2.0], r"no beat lies in the clip[\s\S]*1.5 s[\s\S]*at most 1 s"),
        ([0.5, 0.1], r"beats are not in order[\s\S]*0.5 s, then 0.1 s"),
        ([np.nan, 0.5], "not times of beats"),
    ):
        with pytest.raises(InputError, match=said):
            beat_sync(x, np.array(beats), beat_subdivisions=1)
