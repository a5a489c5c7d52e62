"""The bar tracker: two ensembles on features by beats, of rhythm and of harmony, and the meter that explains both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from modelparity.errors import InputError
from modelparity.family import Model
from modelparity.graph import Array
from modelparity.stages import (
    Decoder,
    Events,
    Function,
    Given,
    Networks,
    Numeric,
    Pipeline,
    Stage,
    checked,
)

from .. import decoders, frontends
from ..decoders.bars import BarVariant, Probability, Weight
from ..decoders.settings import BarLengths
from ..decoders.variants import ORIGINAL
from ..frontends.beat_sync import Anew, Average, Early, Lead, Most, Order, Rounding
from .behind import mean_of_two
from .given import ABOUT, beat_times, sound
from .numeric import front_end


def by_beats(
    subdivisions: int,
    features: Array,
    beats: Array,
    *,
    fps: float = 100.0,
    lead: Lead = 0.02,
    most: Most = 0.05,
    early: Early = True,
    rounding: Rounding = "down",
    anew: Anew = False,
    average: Average = "mean",
    order: Order = "subdivision-first",
) -> Array:
    """`frontends.beat_sync` of features (frame, feature), `frontends.flattened` -> (beat - 1, feature)

    Raises: as `frontends.beat_sync`, and `InputError` where fewer than two beats lie in the clip.
    """
    found = frontends.beat_sync(
        features,
        beats,
        beat_subdivisions=subdivisions,
        fps=fps,
        lead=lead,
        most=most,
        early=early,
        rounding=rounding,
        anew=anew,
        average=average,
    )
    if not len(found):
        raise InputError(
            "bars need two beats in the clip",
            found=f"{len(features) / fps:g} s of sound, beats from {beats[0]:g} s to {beats[-1]:g} s",
        )
    return frontends.flattened(found, order=order)


@checked
def numbered(
    activations: Array,
    beats: Array,
    *,
    beats_per_bar: BarLengths = (3, 4),
    meter_change_prob: Probability = 1e-7,
    observation_weight: Weight = 100.0,
    variant: BarVariant = ORIGINAL,
) -> Array:
    """Rows (beat, 2) of a time [s] and a number in the bar (`decoders.bars`), one for each beat in the clip.

    activations (beat - 1,), beats (beat,) [s]. Raises: as `decoders.bars`, and `InputError` for more
    activations than beats but the last.
    """
    if np.ndim(activations) == 1 and len(activations) >= len(beats):
        raise InputError(
            "there are not as many activations as beats but the last",
            where="bars",
            found=f"{len(activations)} activations, {len(beats)} beats",
            expected=f"{len(beats) - 1} activations at most",
        )
    numbers = decoders.bars(
        activations,
        beats_per_bar=beats_per_bar,
        meter_change_prob=meter_change_prob,
        observation_weight=observation_weight,
        variant=variant,
    )
    return np.column_stack([beats[: len(numbers)], numbers.astype(np.float64)])


def bars(members: Callable[[str], tuple[Model, ...]]) -> Pipeline:
    """Pipeline ``bars``; ``members`` gives the networks of an ensemble by its name."""
    rhythmic = front_end(frontends.PROCESSORS["bars_rhythmic"], features="rhythmic_features")
    mono, *finer = rhythmic
    # Filters in time take the same channel as the frames.
    stages: list[Stage] = [
        Given("audio", read=sound, about=ABOUT["audio"]),
        replace(mono, fine=False),
        *finer,
    ]
    stages += [
        Function(
            "harmonic_features",
            ("mono",),
            function=frontends.harmonic,
            variants=frontends.harmonic_variants,
            about="energy of each pitch class, of a bank of filters in time",
        ),
        Given("beats", read=beat_times, exact=True, about="times of beats in seconds, ascending"),
    ]
    for part, subdivisions in (("rhythmic", 4), ("harmonic", 2)):
        stages += [
            Function(
                f"{part}_by_beat",
                (f"{part}_features", "beats"),
                function=partial(by_beats, subdivisions),
                about=f"means over {subdivisions} parts of each beat",
            ),
            Networks(
                f"{part}_activations",
                (f"{part}_by_beat",),
                members=members(f"downbeats/2016/downbeats_bgru_{part}"),
                about="how probably each beat but the last is a downbeat",
            ),
        ]
    stages += [
        Numeric(
            "activations",
            ("rhythmic_activations", "harmonic_activations"),
            graph=mean_of_two,
            about="the mean of both",
        ),
        Decoder(
            "events",
            ("activations", "beats"),
            function=numbered,
            gives=Events(word="beats"),
            about="each beat with its number in the bar",
        ),
    ]
    return Pipeline("madmom/bars", tuple(stages), "numbers in the bar of beats that are known")
