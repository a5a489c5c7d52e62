"""Features of frames averaged over parts of beats: what the bars' networks are given."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from .settings import one_of


def beat_sync(
    features: Array,
    beats: Array,
    *,
    subdivisions: int,
    fps: float = 100.0,
    lead: float = 0.02,
    most: float = 0.05,
    early: bool = True,
    rounding: str = "down",
    anew: bool = False,
    average: str = "mean",
) -> Array:
    """features (frame, feature), beats (beat) seconds -> (beat - 1, subdivision, feature) float64

    The first beat begins at frame max(0, floor((b_0 - 0.02) fps)). Beat i ends before frame
    floor((b_(i+1) - min(0.05, (b_(i+1) - b_i) / (2 q))) fps), where beat i + 1 begins. Of its m frames, frame j
    belongs to subdivision floor(linspace(0, q, m, endpoint=False)[j]); each gives its mean, NaN if it has no frame.

    Args:
        features: of frames.
        beats: times in seconds, in order; those behind the last frame do not count, as in madmom, and two must be
            left.
        subdivisions: q.
        fps: frames a second.
        lead: by how many seconds the first beat begins earlier.
        most: by how many seconds at most beats end earlier.
        early: whether they do.
        rounding: "down" or "nearest", of times to frames.
        anew: whether each beat begins ``lead`` before its time, instead of where the last one ended.
        average: "mean" or "median".

    Raises:
        InputError: fewer than two beats, beats out of order or before the clip, no subdivision, or an unknown
            setting.
    """
    one_of("rounding", rounding, ("down", "nearest"))
    one_of("average", average, ("mean", "median"))
    beats = _inside(features, np.asarray(beats, np.float64), subdivisions, fps)
    whole = np.floor if rounding == "down" else np.rint
    of = np.mean if average == "mean" else np.median
    y = np.full((len(beats) - 1, subdivisions, features.shape[1]), np.nan)
    start = max(0, int(whole((beats[0] - lead) * fps)))
    for i, (this, following) in enumerate(pairwise(beats)):
        if anew:
            start = max(0, int(whole((this - lead) * fps)))
        before = min(most, (following - this) / (2 * subdivisions)) if early else 0.0
        end = int(whole((following - before) * fps))
        frames = features[start:end]
        part = np.floor(np.linspace(0, subdivisions, len(frames), endpoint=False))
        for q in range(subdivisions):
            some = frames[part == q]
            if len(some):
                y[i, q] = of(some, axis=0)
        start = max(start, end)
    return y


def flattened(synchronised: Array, *, order: str = "subdivision-first") -> Array:
    """(beat, subdivision, feature) -> (beat, subdivision x feature), or feature x subdivision if "feature-first"."""
    one_of("order", order, ("subdivision-first", "feature-first"))
    turned = synchronised if order == "subdivision-first" else np.swapaxes(synchronised, 1, 2)
    return turned.reshape(len(turned), turned.shape[1] * turned.shape[2])


def _inside(features: Array, beats: Array, subdivisions: int, fps: float) -> Array:
    """The beats that lie in the clip. Raises `InputError` as `beat_sync` says."""
    if features.ndim != 2:
        raise InputError("features are not a matrix", found=features.shape, expected="(frame, feature)")
    if subdivisions < 1:
        raise InputError("a beat has at least one subdivision", found=subdivisions)
    if beats.ndim != 1 or not np.isfinite(beats).all() or (beats < 0).any():
        raise InputError("not times of beats", found=beats[:8], expected="seconds from 0 on")
    if not (np.diff(beats) > 0).all():
        place = int(np.argmin(np.diff(beats) > 0))
        raise InputError(
            "beats are not in order",
            where=f"beat {place + 1}",
            found=f"{beats[place]:g} s, then {beats[place + 1]:g} s",
            fix="give each beat once, sorted by time",
        )
    inside = beats[beats * fps < len(features)]
    if len(inside) < 2:
        raise InputError(
            "there are too few beats in the clip",
            found=f"{len(inside)} of {len(beats)} before {len(features) / fps:g} s",
            expected="2 or more",
        )
    return inside
