"""Downbeats: beats and their numbers in the bar, by a model of each bar length that is asked for."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.graph import Array
from modelparity.stages import checked

from .activations import ANY, activations
from .beats import Correct, Counts, Observation, Threshold, Transition
from .settings import BarLengths, Rate, Tempo
from .tempo import meter
from .tracking import DOWNBEATS, DownbeatTracking
from .variants import ORIGINAL, chosen, mistakes
from .viterbi import best_path, impossible

#: How downbeats are decoded: as madmom does, or with a mistake that programs are known to make.
DownbeatVariant = Annotated[str, mistakes(DOWNBEATS)]


def downbeat_scores(values: Array, observation_lambda: float, how: DownbeatTracking) -> Array:
    """Logarithms of densities (frame, kind): ln((1 - beat - downbeat) / (lambda - 1)), ln(beat), ln(downbeat).

    In the type of the activations (frame, 2), whose columns are beat and downbeat, then float64.
    """
    values = values if how.dtype is None else values.astype(how.dtype)
    beat, downbeat = how.columns
    scores = np.empty((len(values), 3))
    with np.errstate(divide="ignore", invalid="ignore"):
        scores[:, 0] = np.log((1.0 - values.sum(axis=1)) / how.parts(observation_lambda))
        scores[:, 1] = np.log(values[:, beat])
        scores[:, 2] = np.log(values[:, downbeat])
    return scores


@checked
def downbeats(
    given: Array,
    *,
    fps: Rate = 100.0,
    beats_per_bar: BarLengths = (3, 4),
    min_bpm: Tempo = 55.0,
    max_bpm: Tempo = 215.0,
    num_tempi: Counts = 60,
    transition_lambda: Transition = 100.0,
    observation_lambda: Observation = 16.0,
    threshold: Threshold = 0.05,
    correct: Correct = True,
    variant: DownbeatVariant = ORIGINAL,
) -> Array:
    """Beats with their numbers in the bar, by the bar length whose best path is the most probable (the first of
    equals).

    ``threshold`` counts for either column. With ``correct`` each run of frames at the beginning of a beat gives the
    one with the highest activation of either column, and the beat's number is that of the path there; otherwise beats
    are the frames at which the number changes.

    Args: activations (frame, 2), probabilities of a beat that is no downbeat, and of a downbeat; ``beats_per_bar``
    one or several; ``variant`` a key of `tracking.DOWNBEATS`; other settings as those of `beats`.
    Returns: (beat, 2) float64: time [s], number from 1.
    Raises: as `beats`, if every path of every bar length is impossible.
    Source: Boeck, Krebs and Widmer, "Joint beat and downbeat tracking with recurrent neural networks", 2016, as in
    madmom 0.16.1 (features.downbeats.DBNDownBeatTrackingProcessor); the defaults are its, and the bars its program's.
    """
    values = activations(given, "downbeats", (ANY, 2), "frame column")
    tempi = (fps, min_bpm, max_bpm, num_tempi, transition_lambda, observation_lambda, "downbeats")
    how = chosen(DOWNBEATS, variant)
    models = [meter(beats, *tempi, how.meter) for beats in np.atleast_1d(beats_per_bar).tolist()]
    first, behind = how.active(values, threshold)
    values = values[first:behind]
    if not values.any():
        return np.empty((0, 2))
    scores = downbeat_scores(values, observation_lambda, how)
    best, path, highest = models[0], np.empty(0, np.int64), -np.inf
    for model in models:
        found, probability = best_path(model.chains, scores, how.search)
        if probability > highest:
            best, path, highest = model, found, probability
    if not len(path):
        raise impossible(best.chains, scores, values, "downbeats")
    numbers = best.positions[path].astype(np.int64) + 1
    if correct:
        spans = how.runs(best.beat_range[path]).tolist()
        frames = np.array([left + int(how.place(values[left:right])) for left, right in spans], np.int64)
    else:
        frames = np.nonzero(np.diff(numbers))[0] + 1
    return np.column_stack([(frames + (first if how.counted else 0)) / fps, numbers[frames]])
