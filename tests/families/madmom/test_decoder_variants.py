"""Mistakes that decoders declare: each changes what is decoded of some activations, and none without being named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError, NotCausalError
from modelparity.stages import settings_of
from modelparity_families.madmom import decoders
from modelparity_families.madmom.decoders.labelling import BARS, CHORDS, KEY_NAMES
from modelparity_families.madmom.decoders.picking import NOTES, PEAKS
from modelparity_families.madmom.decoders.tracking import BEATS, DOWNBEATS, ONLINE
from modelparity_families.madmom.decoders.variants import ORIGINAL

Drawn = tuple[Any, dict[str, Any]]


def onsets(rng: Any) -> Drawn:
    """Values that are often equal, and windows of all parities."""
    values = np.round(rng.random(60), 1).astype(np.float32)
    return values, {
        "threshold": float(rng.choice([0.3, 0.5, 0.6])),
        "smooth": float(rng.choice([0, 0.035, 0.05])),
        "post_avg": float(rng.choice([0, 0.015])),
        "pre_max": float(rng.choice([0, 0.01, 0.025])),
        "post_max": float(rng.choice([0.01, 0.03])),
        "combine": float(rng.choice([0, 0.03])),
    }


def pitches(rng: Any) -> Drawn:
    return np.round(rng.random((40, 6)), 1).astype(np.float32), onsets(rng)[1]


def pulses(rng: Any) -> Drawn:
    """Beats, noise, a sudden tempo, the same throughout, or the first frame alone; all kinds of tempi."""
    frames = int(rng.integers(100, 280))
    beat = np.exp(-(((np.arange(frames) % 50) - 25.0) ** 2) / 8) * 0.7 + rng.random(frames) * 0.25 + 1e-4
    at = np.arange(frames)
    sudden = np.isin(at, (5, 33, 61, 89, 134, 179, 224, 269))
    first = np.full(frames, 1e-3)
    first[0] = 0.9
    values = (
        beat,
        rng.random(frames) ** 8 * 0.999 + 1e-4,
        np.where(sudden, 1 - 1e-12, 1e-12),
        np.full(frames, rng.choice([0.1, 0.2, 0.5])),
        first,
    )[rng.integers(5)]
    return values.astype(np.float32 if rng.random() < 0.5 else np.float64), {
        "threshold": float(rng.choice([0, 0.3])),
        "num_tempi": (None, 20, 30)[rng.integers(3)],
        "transition_lambda": float(rng.choice([1, 100])),
        "fps": float(rng.choice([50, 100, 100])),
        "min_bpm": float(rng.choice([55, 57, 60.5])),
        "observation_lambda": float(rng.choice([2, 3, 16])),
    }


def pulses_online(rng: Any) -> Drawn:
    values, settings = pulses(rng)
    return values, {name: value for name, value in settings.items() if name != "threshold"}


def accents(rng: Any) -> Drawn:
    """As `pulses`, shared out between beats and downbeats."""
    values, settings = pulses(rng)
    share = rng.random(len(values))
    both = np.stack([values * share, values * (1 - share) * 0.99], axis=1) + 1e-5
    return both.astype(values.dtype), settings


def chroma(rng: Any) -> Drawn:
    return rng.normal(size=(rng.integers(1, 6), 12)).astype(np.float32) * 2, {}


def shares(count: int) -> Callable[[Any], Drawn]:
    return lambda rng: (rng.random(count), {})


#: Of downbeats those that beats do not have; all else is the same code.
OWN = {name: way for name, way in DOWNBEATS.items() if name not in BEATS or name == ORIGINAL}


@pytest.mark.parametrize(
    ("decode", "ways", "drawn", "seeds"),
    [
        (decoders.peaks, PEAKS, onsets, range(20)),
        (decoders.notes, NOTES, pitches, range(20)),
        (decoders.beats, BEATS, pulses, (0, 1, 2, 4, 8, 14, 21, 22, 66, 111)),
        (decoders.beats_online, ONLINE, pulses_online, (0, 2, 3, 8, 14, 26, 111)),
        (decoders.downbeats, OWN, accents, range(20)),
        (decoders.chords_dccrf, CHORDS, chroma, range(60)),
        (decoders.key, KEY_NAMES, shares(24), (0,)),
        (decoders.bars, BARS, shares(8), (0,)),
    ],
    ids=lambda one: one.__name__ if callable(one) else "",
)
def test_each_mistake_changes_what_is_decoded(
    decode: Callable[..., Any],
    ways: Mapping[str, object],
    drawn: Callable[[Any], Drawn],
    seeds: Sequence[int],
) -> None:
    left = {*ways} - {ORIGINAL}
    for seed in seeds:
        values, settings = drawn(np.random.default_rng(seed))
        try:
            right = decode(values, variant=ORIGINAL, **settings)
        except InputError:  # no path at all
            continue
        np.testing.assert_array_equal(decode(values, **settings), right)
        for name in sorted(left):
            try:
                other = decode(values, variant=name, **settings)
            except (IndexError, InputError):  # loud
                continue
            if not np.array_equal(other, right):
                left.discard(name)
        if not left:
            return
    pytest.fail(f"changes nothing that was tried: {sorted(left)}")


@pytest.mark.parametrize(
    ("decode", "shape"),
    [(decoders.peaks, (9,)), (decoders.notes, (9, 2)), (decoders.beats, (9,)), (decoders.key, (24,))],
)
def test_a_way_that_nobody_knows_is_refused(decode: Callable[..., Any], shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="variant"):
        decode(np.full(shape, 0.5), variant="kernel-normalized")


def test_peaks_come_block_by_block_in_the_original_way_alone() -> None:
    settings = {name: one.default for name, one in settings_of(decoders.peaks).items()}
    with pytest.raises(NotCausalError, match="variant"):
        decoders.OnlinePeaks(**{**settings, "online": True, "variant": "combine-mean"})


def test_chords_of_a_single_frame_need_no_path() -> None:
    one = np.random.default_rng(0).normal(size=(1, 12)).astype(np.float32)
    for name in CHORDS:
        assert len(decoders.chords_dccrf(one, variant=name)) == 1
