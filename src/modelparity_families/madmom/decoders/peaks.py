"""Peaks of onset and note activations: frames that reach a threshold, and of those close together the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Mistakes, Span, checked

from .activations import ANY, activations
from .settings import Combine, Rate, Reach, Seconds, Smooth

#: MIDI pitch of the first column of note activations, the lowest key of a piano.
LOWEST_PITCH = 21
#: Added to ``combine`` [s], so that frames whose distance is just as long count as within.
SLACK = 1e-12
#: Smoothing, averages and maxima span no more frames than this.
LONGEST = 1 << 22


class Windows(NamedTuple):
    """Sizes in frames, each from seconds: times the frame rate, rounded half to even."""

    smooth: int
    pre_avg: int
    post_avg: int
    pre_max: int
    post_max: int


def windows(*seconds: float, fps: float, where: str) -> Windows:
    """`Windows` of five durations in seconds. Raises `InputError` for one too long, and to smooth over one frame."""
    frames = np.round(np.array(seconds) * fps)
    if frames.max() > LONGEST:
        raise InputError(
            "a window is too long", where=where, found=f"{frames.max():g} frames", expected=LONGEST
        )
    found = Windows(*(int(n) for n in frames))
    if found.smooth == 1:
        raise InputError(
            "activations are smoothed over a single frame",
            where=f"{where}(smooth=)",
            found=f"{seconds[0]:g} s at {fps:g} frames a second",
            expected="0 for none, or 2 frames at least",
        )
    return found


def picked(values: Array, threshold: float, spans: Windows, where: str) -> tuple[Array, ...]:
    """Indices of the peaks along the first axis, as `numpy.nonzero` gives them.

        a = values convolved with the symmetric Hamming window 0.54 - 0.46 cos(2 pi i / (k-1)), k = smooth frames
        d[t] = a[t] where a[t] >= mean of a[t-pre_avg .. t+post_avg] + threshold, otherwise 0
        t is a peak where d[t] is not 0 and equals the maximum of d[t-pre_max .. t+post_max]

    Outside the clip stands 0. The Hamming window is not normalized: the threshold applies to the larger values.
    Without ``pre_avg`` and ``post_avg`` the mean is 0; without ``pre_max`` and ``post_max`` every frame over the
    threshold is a peak. A frame that is NaN is one too, as in the original.
    """
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    if spans.smooth:
        values = _smoothed(values, spans.smooth, where)
    if not len(values):
        return np.nonzero(values)
    mean = _moving(uniform_filter1d, values, spans.pre_avg, spans.post_avg)
    kept = values * (values >= (0.0 if mean is None else mean) + threshold)
    highest = _moving(maximum_filter1d, kept, spans.pre_max, spans.post_max)
    return np.nonzero(kept if highest is None else kept * (kept == highest))


def _smoothed(values: Array, size: int, where: str) -> Array:
    """Each column convolved in float64. A single column shorter than the window becomes as long as it, so that peaks
    behind the last frame can appear, as in the original."""
    from scipy.signal import convolve2d

    if not len(values):
        raise InputError("there is no frame to smooth", where=where, found=values.shape)
    window = np.hamming(size)
    if values.ndim == 1:
        return np.convolve(values, window, "same")
    smoothed: Array = convolve2d(values, window[:, None], "same")
    return smoothed


def _moving(filtered: Callable[..., Any], values: Array, before: int, after: int) -> Array | None:
    """A filter of scipy's over [t-before, t+after] with zeros outside; None where that is t alone."""
    if not before + after:
        return None
    found: Array = filtered(values, before + after + 1, 0, mode="constant", origin=(before - after) // 2)
    return found


def combined(times: Array, within: float) -> Array:
    """Times without those that lie at most ``within`` s (and 1e-12 s) behind the last one that was kept.

    times (event,) ascending [s] -> (kept,) [s]. With 0 all are kept.
    """
    if not within or len(times) < 2:
        return times
    kept, last, reach = [], -np.inf, within + SLACK
    for time in times.tolist():
        if not time - last <= reach:
            kept.append(time)
            last = time
    return np.array(kept)


@checked
def peaks(
    given: Array,
    *,
    fps: Rate = 100.0,
    threshold: float = 0.5,
    smooth: Smooth = 0.0,
    pre_avg: Seconds = 0.0,
    post_avg: Seconds = 0.0,
    pre_max: Reach = 0.0,
    post_max: Reach = 0.0,
    combine: Combine = 0.03,
    delay: float = 0.0,
    online: bool = False,
) -> Array:
    """Onset times: the peaks (`picked`) over ``fps``, plus ``delay``, combined from the left (`combined`).

    With ``online`` no later frame decides anything: ``smooth``, ``post_avg`` and ``post_max`` count as 0.

    Args: activations (frame,); ``threshold`` in their unit; ``smooth``, ``pre_avg``, ``post_avg``, ``pre_max``,
    ``post_max``, ``combine``, ``delay`` in s; ``fps`` in frames a second.
    Returns: (event,) float64 [s], ascending.
    Raises: `InputError` for another shape, a value that a setting may not have, a single frame of smoothing, and
    ``delay`` online, which the original refuses too.
    Source: Boeck, Krebs and Schedl, "Evaluating the online capabilities of onset detection methods", 2012, as in
    madmom 0.16.1 (features.onsets.OnsetPeakPickingProcessor), whole sequences; the defaults are its.
    """
    values = activations(given, "peaks", (ANY,), "frame")
    if online:
        smooth = post_avg = post_max = 0.0
        if delay:
            raise InputError(
                "there is no delay in online picking",
                where="peaks(delay=)",
                found=delay,
                expected=0,
                fix="add it",
            )
    spans = windows(smooth, pre_avg, post_avg, pre_max, post_max, fps=fps, where="peaks")
    (frames,) = picked(values, threshold, spans, "peaks")
    return combined(frames / fps + delay, combine)


@checked
def notes(
    given: Array,
    *,
    fps: Rate = 100.0,
    threshold: float = 0.5,
    smooth: Smooth = 0.0,
    pre_avg: Seconds = 0.0,
    post_avg: Seconds = 0.0,
    pre_max: Reach = 0.0,
    post_max: Reach = 0.0,
    combine: Combine = 0.03,
    delay: float = 0.0,
    lowest: Annotated[
        int, Span(0, 127), Mistakes({0: "pitches counted from 0", 20: "from 20", 22: "from 22"})
    ] = LOWEST_PITCH,
) -> Array:
    """Notes: the peaks of each pitch for itself, along time only, combined within each pitch.

    Args: activations (frame, pitch), the first column of the MIDI pitch ``lowest``; settings as those of `peaks`.
    Returns: (note, 2) float64: time [s] and MIDI pitch, sorted by time, then by pitch; (0,) without a note, as the
    original.
    Raises: as `peaks`.
    Source: madmom 0.16.1 (features.notes.NotePeakPickingProcessor).
    """
    values = activations(given, "notes", (ANY, ANY), "frame pitch")
    spans = windows(smooth, pre_avg, post_avg, pre_max, post_max, fps=fps, where="notes")
    frames, columns = picked(values, threshold, spans, "notes")
    times = frames / fps + delay
    rows = [
        (time, column + lowest)
        for column in np.unique(columns).tolist()
        for time in combined(times[columns == column], combine).tolist()
    ]
    return np.array(sorted(rows), np.float64)
