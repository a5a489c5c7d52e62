"""Peaks of onset and note activations: frames that reach a threshold, and of those close together the first."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Mistakes, Span, checked

from .activations import ANY, activations
from .picking import NOTES, PEAKS
from .settings import Combine, Rate, Reach, Seconds, Smooth
from .variants import ORIGINAL, chosen, mistakes

#: MIDI pitch of the first column of note activations, the lowest key of a piano.
LOWEST_PITCH = 21
#: How peaks or notes are picked: as madmom does, or with a mistake that programs are known to make.
PeakVariant = Annotated[str, mistakes(PEAKS)]
NoteVariant = Annotated[str, mistakes(NOTES)]


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
    variant: PeakVariant = ORIGINAL,
) -> Array:
    """Onset times: the peaks (`Picking.picked`) over ``fps``, plus ``delay``, combined from the left (`combined`).

    With ``online`` no later frame decides anything: ``smooth``, ``post_avg`` and ``post_max`` count as 0.

    Args: activations (frame,); ``threshold`` in their unit; ``smooth``, ``pre_avg``, ``post_avg``, ``pre_max``,
    ``post_max``, ``combine``, ``delay`` in s; ``fps`` in frames a second; ``variant`` a key of `picking.PEAKS`.
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
    how = chosen(PEAKS, variant)
    spans = how.windows(smooth, pre_avg, post_avg, pre_max, post_max, fps=fps, where="peaks")
    (frames,) = how.picked(values, threshold, spans, "peaks")
    return how.combine(frames / fps + delay, combine)


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
    variant: NoteVariant = ORIGINAL,
) -> Array:
    """Notes: the peaks of each pitch for itself, along time only, combined within each pitch.

    Args: activations (frame, pitch), the first column of the MIDI pitch ``lowest``; settings as those of `peaks`,
    ``variant`` a key of `picking.NOTES`.
    Returns: (note, 2) float64: time [s] and MIDI pitch, sorted by time, then by pitch; (0,) without a note, as the
    original.
    Raises: as `peaks`.
    Source: madmom 0.16.1 (features.notes.NotePeakPickingProcessor).
    """
    values = activations(given, "notes", (ANY, ANY), "frame pitch")
    how = chosen(NOTES, variant)
    spans = how.windows(smooth, pre_avg, post_avg, pre_max, post_max, fps=fps, where="notes")
    frames, columns = how.picked(values, threshold, spans, "notes")
    times = frames / fps + delay
    if how.across:
        left = np.isin(times, how.combine(np.unique(times), combine))
        rows = list(zip(times[left].tolist(), (columns[left] + lowest).tolist(), strict=True))
        return np.array(sorted(rows), np.float64)
    rows = [
        (time, column + lowest)
        for column in np.unique(columns).tolist()
        for time in how.combine(times[columns == column], combine).tolist()
    ]
    return np.array(sorted(rows), np.float64)
