"""Beat synchronization: the mean of frames in each part of each beat."""

from __future__ import annotations

import warnings
from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from .activations import ANY, activations
from .settings import Rate, Span, decoder

#: The first beat's frames begin this much before it [s].
LEAD = 0.02
#: A beat's frames end half a part of it before the next beat, but no more than this [s].
MOST_AHEAD = 0.05


def beat_frames(beats: Array, parts: int, fps: float, frames: int) -> list[tuple[int, Array]]:
    """For each beat but the last its first frame, and for each of its frames the part (frame,) of the beat.

    first frame = max(0, floor((b[0] - 0.02) fps)); beat i ends before frame
    floor((b[i+1] - min(0.05, (b[i+1] - b[i]) / (2 parts))) fps), where beat i+1 begins. Of m frames, frame j belongs
    to part floor(linspace(0, parts, m, without the end)[j]), computed in floating point.

    beats (beat,) [s]; those behind ``frames`` are dropped from the end, with a warning, as in the original.
    Raises `InputError` for beats that are not numbers, or so far out of order that a beat has a negative length.
    """
    if not np.isfinite(beats).all():
        raise InputError("beat times are not numbers", where="beat_sync", found=beats[~np.isfinite(beats)][0])
    inside = len(beats)
    while inside and beats[inside - 1] > frames / fps:
        inside -= 1
    if inside < len(beats):
        if not inside:
            raise InputError(
                "no beat lies in the clip",
                where="beat_sync",
                found=f"{beats[0]:g} s",
                expected=f"at most {frames / fps:g} s",
            )
        warnings.warn(
            f"{len(beats) - inside} of {len(beats)} beats lie behind the clip and are left out", stacklevel=4
        )
    found = []
    begin = int(max(0, np.floor((beats[0] - LEAD) * fps))) if inside else 0
    for this, following in zip(beats[: inside - 1].tolist(), beats[1:inside].tolist(), strict=True):
        ahead = min(0.5 * (following - this) / parts, MOST_AHEAD)
        end = int(np.floor((following - ahead) * fps))
        if end < begin:
            raise InputError(
                "beats are out of order",
                where="beat_sync",
                found=f"{following:g} s behind {this:g} s",
                expected="ascending times",
                fix="sort them",
            )
        found.append((begin, np.floor(np.linspace(0, parts, end - begin, endpoint=False)).astype(np.int64)))
        begin = end
    return found


@decoder
def beat_sync(
    features: Array,
    beats: Array,
    *,
    beat_subdivisions: Annotated[int, Span(1, 1000)] = 4,
    fps: Rate = 100.0,
) -> Array:
    """Mean of the frames in each subdivision of each beat (`beat_frames`); NaN where one holds no frame.

    Args: features (frame, feature); beats (beat,) [s], or rows that begin with the time, ascending.
    Returns: (beats - 1, subdivision, feature) float64, the mean taken in the type of the features.
    Raises: `InputError` as `beat_frames`, and for other shapes.
    Source: madmom 0.16.1 (features.downbeats.SyncronizeFeaturesProcessor).
    """
    values = np.asarray(features)
    if values.ndim == 1:
        values = values[:, None]
    values = activations(values, "beat_sync", (ANY, ANY), "frame feature")
    times = np.asarray(beats)
    if times.ndim == 2 and times.shape[1]:
        times = times[:, 0]
    times = activations(times, "beat_sync (beats)", (ANY,), "beat")
    spans = beat_frames(times, beat_subdivisions, fps, len(values))
    synced = np.empty((len(spans), beat_subdivisions, values.shape[1]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of no frame is NaN on purpose
        for beat, (begin, parts) in enumerate(spans):
            inside = values[begin : begin + len(parts)]
            for part in range(beat_subdivisions):
                synced[beat, part] = np.mean(inside[parts == part], axis=0)
    return synced
