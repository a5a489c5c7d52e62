"""Features of frames averaged over parts of beats: what the bars' networks are given."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Mistakes, one_of

#: Mistakes that ports are known to have, likelier ones first.
Lead = Annotated[float, Mistakes({0.0: "no lead"})]
Most = Annotated[float, Mistakes({1e9: "lead not capped"})]
Early = Annotated[bool, Mistakes({False: "no offset"})]
Rounding = Annotated[str, Mistakes({"nearest": "times rounded to the nearest frame"})]
Anew = Annotated[bool, Mistakes({True: "each beat begun anew"})]
Average = Annotated[str, Mistakes({"median": "median in place of mean"})]
Order = Annotated[str, Mistakes({"feature-first": "flattened with the feature first"})]


def beat_sync(
    features: Array,
    beats: Array,
    *,
    beat_subdivisions: int = 4,
    fps: float = 100.0,
    lead: Lead = 0.02,
    most: Most = 0.05,
    early: Early = True,
    rounding: Rounding = "down",
    anew: Anew = False,
    average: Average = "mean",
) -> Array:
    """features (frame, feature) or (frame), beats (beat) seconds -> (beat - 1, subdivision, feature) float64

    The first beat begins at frame max(0, floor((b_0 - 0.02) fps)). Beat i ends before frame
    floor((b_(i+1) - min(0.05, (b_(i+1) - b_i) / (2 q))) fps), where beat i + 1 begins. Of its m frames, frame j
    belongs to subdivision floor(linspace(0, q, m, endpoint=False)[j]), in floating point; each gives its mean, taken
    in the type of the features, and NaN if it has no frame.

    Args:
        features: of frames.
        beats: times in seconds, ascending, or rows that begin with the time; those behind the clip are dropped from
            the end with a warning, as in madmom.
        beat_subdivisions: q.
        fps: frames a second.
        lead: by how many seconds the first beat begins earlier.
        most: by how many seconds at most beats end earlier.
        early: whether they do.
        rounding: "down" or "nearest", of times to frames.
        anew: whether each beat begins ``lead`` before its time, instead of where the last one ended.
        average: "mean" or "median".

    Raises:
        InputError: other shapes, beats that are not numbers, of which none lies in the clip, or so far out of order
            that one has a negative length; no subdivision; an unknown setting.

    Source: madmom 0.16.1 (features.downbeats.SyncronizeFeaturesProcessor).
    """
    one_of("rounding", rounding, ("down", "nearest"))
    one_of("average", average, ("mean", "median"))
    if beat_subdivisions < 1:
        raise InputError("a beat has at least one subdivision", found=beat_subdivisions)
    values = np.asarray(features)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2:
        raise InputError("features are not a matrix", found=values.shape, expected="(frame, feature)")
    times = _inside(np.asarray(beats), len(values), fps)
    whole = np.floor if rounding == "down" else np.rint
    of = np.mean if average == "mean" else np.median
    y = np.full((max(len(times) - 1, 0), beat_subdivisions, values.shape[1]), np.nan)
    end = int(max(0, whole((times[0] - lead) * fps))) if len(times) else 0
    for i, (this, following) in enumerate(pairwise(times.tolist())):
        start = int(max(0, whole((this - lead) * fps))) if anew else end
        before = min(0.5 * (following - this) / beat_subdivisions, most) if early else 0.0
        end = int(whole((following - before) * fps))
        if end < start:
            raise InputError(
                "beats are not in order",
                where=f"beat {i + 1}",
                found=f"{this:g} s, then {following:g} s",
                expected="ascending times",
                fix="sort them",
            )
        frames = values[start:end]
        part = np.floor(np.linspace(0, beat_subdivisions, end - start, endpoint=False))[: len(frames)]
        for q in range(beat_subdivisions):
            some = frames[part == q]
            if len(some):
                y[i, q] = of(some, axis=0)
    return y


def flattened(synchronised: Array, *, order: Order = "subdivision-first") -> Array:
    """(beat, subdivision, feature) -> (beat, subdivision x feature), or feature x subdivision if "feature-first"."""
    one_of("order", order, ("subdivision-first", "feature-first"))
    turned = synchronised if order == "subdivision-first" else np.swapaxes(synchronised, 1, 2)
    return turned.reshape(len(turned), turned.shape[1] * turned.shape[2])


def _inside(beats: Array, frames: int, fps: float) -> Array:
    """Times (beat) without those at the end that lie behind the clip. Raises `InputError` as `beat_sync` says."""
    times = beats[:, 0] if beats.ndim == 2 and beats.shape[1] else beats
    if times.ndim != 1 or times.dtype.kind not in "fiu" or not np.isfinite(times).all():
        raise InputError("not times of beats", found=beats[:8], expected="seconds, one for each beat")
    left = len(times)
    while left and times[left - 1] > frames / fps:
        left -= 1
    if left < len(times):
        length = f"{frames / fps:g} s"
        if not left:
            raise InputError(
                "no beat lies in the clip", found=f"{times[0]:g} s", expected=f"at most {length}"
            )
        warnings.warn(
            f"{len(times) - left} of {len(times)} beats lie behind the clip of {length} and are left out",
            stacklevel=3,
        )
    return times[:left]
