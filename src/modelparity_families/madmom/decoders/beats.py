"""Beats: a hidden Markov model of tempo and position, decoded over a whole clip or frame by frame."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.graph import Array
from modelparity.stages import Mistakes, Span, checked

from .activations import ANY, activations
from .forward import Forward
from .settings import Rate, Tempo
from .tempo import Meter, meter
from .tracking import BEATS, ONLINE, Tracking
from .variants import ORIGINAL, chosen, mistakes
from .viterbi import best_path, impossible

#: How little a tempo may change from beat to beat: the higher, the less.
Steadiness = Annotated[float, Span(0, 1e6)]
#: Into how many parts a beat is divided, of which the first is its beginning.
Parts = Annotated[float, Span(1, 1e6, above=True)]
Tempi = Annotated[int, Span(1, 1e6)]
#: Mistakes that ports are known to have, likelier ones first.
Transition = Annotated[Steadiness | None, Mistakes({10.0: "transition lambda 10", 50.0: "50", 1.0: "1"})]
Observation = Annotated[
    Parts, Mistakes({8.0: "observation lambda 8", 15.0: "15", 16.0: "16", 6.0: "6", 32.0: "32"})
]
Counts = Annotated[Tempi | None, Mistakes({60: "60 tempi", None: "all tempi"})]
Threshold = Annotated[float, Mistakes({0.0: "no threshold", 0.05: "only what reaches 0.05 decoded"})]
Correct = Annotated[bool, Mistakes({False: "beats not moved to the peak of the activations"})]
#: How beats are decoded: as madmom does, or with a mistake that programs are known to make.
BeatVariant = Annotated[str, mistakes(BEATS)]
OnlineVariant = Annotated[str, mistakes(ONLINE)]


def beat_scores(values: Array, observation_lambda: float, how: Tracking) -> Array:
    """Logarithms of densities (frame, kind): ln((1 - x) / (lambda - 1)) outside beats, ln(x) at their beginning.

    In the type of the activations (frame,), then float64. Two equal columns of ln(x) serve kinds 1 and 2.
    """
    values = values if how.dtype is None else values.astype(how.dtype)
    scores = np.empty((len(values), 3))
    with np.errstate(divide="ignore", invalid="ignore"):
        scores[:, 0] = np.log((1.0 - values) / how.parts(observation_lambda))
        scores[:, 1] = scores[:, 2] = np.log(values)
    return scores


@checked
def beats(
    given: Array,
    *,
    fps: Rate = 100.0,
    min_bpm: Tempo = 55.0,
    max_bpm: Tempo = 215.0,
    num_tempi: Counts = None,
    transition_lambda: Transition = 100.0,
    observation_lambda: Observation = 16.0,
    threshold: Threshold = 0.0,
    correct: Correct = True,
    variant: BeatVariant = ORIGINAL,
) -> Array:
    """Beat times by the best path through tempi and positions (`tempo.meter`, `viterbi.best_path`).

    With ``threshold`` only the frames from the first to the last that reach it are decoded. With ``correct`` each run
    of frames at the beginning of a beat gives the one with the highest activation (of equals the first); otherwise
    beats are the frames whose position is lower than both neighbours', the path taken as a ring.

    Args: activations (frame,), probabilities; ``fps`` in frames a second, ``min_bpm`` and ``max_bpm`` in beats a
    minute, ``transition_lambda`` the steadiness of the tempo (None: it never changes),
    ``variant`` a key of `tracking.BEATS`.
    Returns: (beat,) float64 [s]; none where all activations are 0 or none reaches the threshold.
    Raises: `InputError` for another shape, a value that a setting may not have, and activations that make every path
    impossible (some exactly 0 or 1, or NaN), on which the original fails with an IndexError.
    Source: Boeck, Krebs and Widmer, "A multi-model approach to beat tracking", 2014, and Krebs, Boeck and Widmer, "An
    efficient state-space model for joint tempo and meter tracking", 2015, as in madmom 0.16.1
    (features.beats.DBNBeatTrackingProcessor); the defaults are its.
    """
    values = activations(given, "beats", (ANY,), "frame")
    how = chosen(BEATS, variant)
    tempi = (fps, min_bpm, max_bpm, num_tempi, transition_lambda, observation_lambda, "beats")
    model = meter(1, *tempi, how.meter)
    first, behind = how.active(values, threshold)
    values = values[first:behind]
    if not values.any():
        return np.empty(0)
    scores = beat_scores(values, observation_lambda, how)
    path, _ = best_path(model.chains, scores, how.search)
    if not len(path):
        raise impossible(model.chains, scores, values, "beats")
    if correct:
        spans = how.runs(model.beat_range[path]).tolist()
        frames = np.array([left + int(how.place(values[left:right])) for left, right in spans], np.int64)
    else:
        frames = _beginnings(model, path)
    return (frames + first) / fps


def _beginnings(model: Meter, path: Array) -> Array:
    """Frames of a path whose position is lower than before and after it, at the beginning of a beat."""
    positions = model.positions[path]
    lower = (positions < np.roll(positions, 1)) & (positions < np.roll(positions, -1))
    frames: Array = np.nonzero(lower & model.beat_range[path])[0]
    return frames


class OnlineBeats:
    """Beats with nothing known of later frames, block by block: as `beats_online`, whose settings it takes."""

    def __init__(
        self,
        *,
        fps: float,
        min_bpm: float,
        max_bpm: float,
        num_tempi: int | None,
        transition_lambda: float | None,
        observation_lambda: float,
        variant: str = ORIGINAL,
    ) -> None:
        self._how = chosen(ONLINE, variant)
        tempi = (fps, min_bpm, max_bpm, num_tempi, transition_lambda, observation_lambda, "beats_online")
        self._model = meter(1, *tempi, self._how.meter)
        self._forward = Forward(self._model.chains)
        self._fps, self._observation_lambda = fps, observation_lambda
        self._pause = 60.0 / max_bpm
        self._frames, self._last = 0, 0.0

    def push(self, given: Array) -> Array:
        """The next activations (frame,) -> the beats among them (beat,) [s] from the beginning of the stream."""
        values = activations(given, "beats_online", (ANY,), "frame")
        states = self._forward.states(np.exp(beat_scores(values, self._observation_lambda, self._how)))
        times = (np.nonzero(self._model.beat_range[states])[0] + self._frames) / self._fps
        self._frames += len(values)
        found = []
        for time in times.tolist():
            if time >= self._last + self._pause:
                self._last = time
                found.append(time)
        return np.array(found)


@checked
def beats_online(
    given: Array,
    *,
    fps: Rate = 100.0,
    min_bpm: Tempo = 55.0,
    max_bpm: Tempo = 215.0,
    num_tempi: Counts = None,
    transition_lambda: Transition = 100.0,
    observation_lambda: Observation = 16.0,
    variant: OnlineVariant = ORIGINAL,
) -> Array:
    """Beat times by the forward algorithm (`forward.Forward`): no frame decides anything of those before it.

    A frame is a beat if its most probable state is at the beginning of a beat, and it lies 60 / max_bpm s or more
    behind the last beat, or, at first, behind time 0: a beat in the first 0.28 s is never reported. Where no state is
    possible any more (after activations of exactly 0 and 1, or NaN), that is a beat every 60 / max_bpm s from there
    on, as in the original.

    Args, Raises and Source: as `beats`, ``variant`` a key of `tracking.ONLINE`.
    Returns: (beat,) float64 [s]. `OnlineBeats` does the same block by block.
    """
    return OnlineBeats(
        fps=fps,
        min_bpm=min_bpm,
        max_bpm=max_bpm,
        num_tempi=num_tempi,
        transition_lambda=transition_lambda,
        observation_lambda=observation_lambda,
        variant=variant,
    ).push(given)
