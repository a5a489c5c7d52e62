"""Bars: the number in its bar of each beat that is known already."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Mistakes, Span, checked

from .activations import ANY, activations
from .chains import Chains, bounded
from .labelling import BARS
from .settings import BarLengths
from .variants import ORIGINAL, chosen, mistakes
from .viterbi import best_path, impossible

Weight = Annotated[float, Span(1, 1e6, above=True), Mistakes({16.0: "observation weight 16"})]
Probability = Annotated[float, Span(0, 1), Mistakes({1e-3: "probability of a change of meter 1e-3"})]
#: How beats are numbered: as madmom does, or with a mistake that programs are known to make.
BarVariant = Annotated[str, mistakes(BARS)]


@checked
def bars(
    given: Array,
    *,
    beats_per_bar: BarLengths = (3, 4),
    meter_change_prob: Probability = 1e-7,
    observation_weight: Weight = 100.0,
    variant: BarVariant = ORIGINAL,
) -> Array:
    """Number in the bar of each beat, by the best path through meters and their beats.

    One step a beat; behind the last beat of a bar the same meter follows with 1 - ``meter_change_prob``, each other
    with an equal share of it. A downbeat reads ln(x), other beats ln((1 - x) / (weight - 1)). The last beat has no
    activation: it gets the number that follows in the meter of the one before.

    Args: activations (beats - 1,), probabilities that a beat is a downbeat, one for each beat but the last;
    ``variant`` a key of `labelling.BARS`.
    Returns: (beats,) int64, numbers from 1.
    Raises: `InputError` for another shape, a value that a setting may not have, no activation, fewer than two meters
    (the original knows no model of one) and activations that make every path impossible.
    Source: Krebs, Boeck and Widmer, "Downbeat tracking using beat-synchronous features and recurrent networks", 2016,
    as in madmom 0.16.1 (features.downbeats.DBNBarTrackingProcessor); the defaults are its.
    """
    values = activations(given, "bars", (ANY,), "beats-1")
    if not len(values):
        raise InputError(
            "there are no two beats", where="bars", found="no activation", expected="one at least"
        )
    meters = np.atleast_1d(beats_per_bar)
    if len(meters) < 2:
        raise InputError(
            "a model of bars chooses between meters",
            where="bars(beats_per_bar=)",
            found=beats_per_bar,
            expected="two or more",
        )
    bounded(int(meters.sum()), len(meters) ** 2, "bars(beats_per_bar=)")
    change = np.full((len(meters), len(meters)), meter_change_prob / (len(meters) - 1))
    np.fill_diagonal(change, 1 - meter_change_prob)
    number = np.concatenate([np.arange(meter) for meter in meters]) + 1
    chains = Chains(meters, change, (number == 1).astype(np.int64))
    scores = np.empty((len(values), 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        scores[:, 0] = np.log((1.0 - values) / (observation_weight - 1))
        scores[:, 1] = np.log(values)
    path, _ = best_path(chains, scores)
    if not len(path):
        raise impossible(chains, scores, values, "bars")
    meter = meters[np.searchsorted(chains.first[0], path[-1], side="right") - 1]
    return chosen(BARS, variant)(np.append(number[path], number[path[-1]] % meter + 1))
