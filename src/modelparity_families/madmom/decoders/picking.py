"""How peaks are picked from activations and combined, and how programs are known to do it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from .variants import ORIGINAL

#: Added to ``combine`` [s], so that frames whose distance is just as long count as within.
SLACK = 1e-12
#: Smoothing, averages and maxima span no more frames than this.
LONGEST = 1 << 22
#: Neighbouring pitches among which a maximum is searched by mistake: one on either side.
PITCHES = 3


class Windows(NamedTuple):
    """Sizes in frames, each from seconds."""

    smooth: int
    pre_avg: int
    post_avg: int
    pre_max: int
    post_max: int


def combined(times: Array, within: float, *, slack: float = SLACK) -> Array:
    """Times without those that lie at most ``within`` s (and 1e-12 s) behind the last one that was kept.

    times (event,) ascending [s] -> (kept,) [s]. With 0 all are kept.
    """
    if not within or len(times) < 2:
        return times
    kept, last, reach = [], -np.inf, within + slack
    for time in times.tolist():
        if not time - last <= reach:
            kept.append(time)
            last = time
    return np.array(kept)


def _chained(times: Array, within: float) -> Array:
    """A mistake: as `combined`, from the last time of all, kept or not."""
    if not within or len(times) < 2:
        return times
    kept: Array = times[np.diff(times, prepend=-np.inf) > within + SLACK]
    return kept


def _averaged(times: Array, within: float) -> Array:
    """A mistake: the mean of those that `combined` makes one."""
    if not within or len(times) < 2:
        return times
    kept = combined(times, within)
    belongs = np.searchsorted(kept, times, side="right") - 1
    means: Array = np.bincount(belongs, times) / np.bincount(belongs)
    return means


def _middle(before: int, after: int) -> int:
    """By how many frames a filter over [t-before, t+after] is off scipy's, whose middle is the later of two."""
    return (before - after) // 2


@dataclass(frozen=True)
class Picking:
    """Each part of how peaks are picked; the defaults are madmom's.

    ``whole`` makes frames of a duration, ``window`` is what activations are convolved with, along ``smoothed``;
    ``reaches`` compares with the threshold; ``middle`` and ``outside`` are of moving means and maxima, these over so
    many ``neighbours``; a ``plateau`` is a peak in each of its frames; or peaks are what is ``lone``: higher than
    both neighbours. ``combine`` makes one of events close together, of each pitch or ``across`` all.
    """

    whole: Callable[[Array], Array] = np.round
    window: Callable[[int], Array] = np.hamming
    smoothed: int = 0
    reaches: Callable[[Array, Any], Array] = np.greater_equal
    middle: Callable[[int, int], int] = _middle
    outside: str = "constant"
    neighbours: int = 1
    plateau: bool = True
    lone: bool = False
    combine: Callable[[Array, float], Array] = combined
    across: bool = False

    def windows(self, *seconds: float, fps: float, where: str) -> Windows:
        """`Windows` of five durations in seconds. Raises `InputError` for one too long, and to smooth over 1."""
        frames = self.whole(np.array(seconds) * fps)
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

    def picked(self, values: Array, threshold: float, spans: Windows, where: str) -> tuple[Array, ...]:
        """Indices of the peaks along the first axis, as `numpy.nonzero` gives them.

            a = values convolved with the symmetric Hamming window 0.54 - 0.46 cos(2 pi i / (k-1)), k = smooth frames
            d[t] = a[t] where a[t] >= mean of a[t-pre_avg .. t+post_avg] + threshold, otherwise 0
            t is a peak where d[t] is not 0 and equals the maximum of d[t-pre_max .. t+post_max]

        Outside the clip stands 0. The Hamming window is not normalized: the threshold applies to the larger values.
        Without ``pre_avg`` and ``post_avg`` the mean is 0; without ``pre_max`` and ``post_max`` every frame over the
        threshold is a peak. A frame that is NaN is one too, as in the original.
        """
        from scipy.ndimage import maximum_filter, maximum_filter1d, uniform_filter1d

        if spans.smooth:
            values = self._smoothed(values, spans.smooth, where)
        if not len(values):
            return np.nonzero(values)
        mean = self._moving(uniform_filter1d, values, spans.pre_avg, spans.post_avg)
        kept = values * self.reaches(values, (0.0 if mean is None else mean) + threshold)
        highest = self._moving(maximum_filter1d, kept, spans.pre_max, spans.post_max)
        if self.neighbours > 1 and values.ndim == 2:
            around = kept if highest is None else highest
            highest = maximum_filter(around, (1, self.neighbours), mode="constant")
        found = kept if highest is None else kept * (kept == highest)
        if self.lone:
            found = kept * (np.diff(kept, axis=0, prepend=0) > 0) * (np.diff(kept, axis=0, append=0) < 0)
        if not self.plateau:
            again = (found[1:] != 0) & (found[1:] == found[:-1])
            found = np.concatenate((found[:1], np.where(again, 0, found[1:])))
        return np.nonzero(found)

    def _smoothed(self, values: Array, size: int, where: str) -> Array:
        """Each column convolved in float64. A single column shorter than the window becomes as long as it, so that
        peaks behind the last frame can appear, as in the original."""
        from scipy.signal import convolve2d

        if not len(values):
            raise InputError("there is no frame to smooth", where=where, found=values.shape)
        window = self.window(size)
        if values.ndim == 1:
            return np.convolve(values, window, "same")
        shape = (1, -1) if self.smoothed else (-1, 1)
        smoothed: Array = convolve2d(values, window.reshape(shape), "same")
        return smoothed

    def _moving(self, filtered: Callable[..., Any], values: Array, before: int, after: int) -> Array | None:
        """A filter of scipy's over [t-before, t+after] with zeros outside; None where that is t alone."""
        if not before + after:
            return None
        size, middle = before + after + 1, self.middle(before, after)
        found: Array = filtered(values, size, 0, mode=self.outside, origin=middle)
        return found


def _normalised(size: int) -> Array:
    window = np.hamming(size)
    shares: Array = window / window.sum()
    return shares


#: Ways of picking peaks, by name: what is said of one, and its parts. All but the first are mistakes.
PEAKS: Mapping[str, tuple[str, Picking]] = MappingProxyType(
    {
        ORIGINAL: ("as madmom", Picking()),
        "slack-none": (
            "combined without the 1e-12 s of slack",
            Picking(combine=partial(combined, slack=0.0)),
        ),
        "combine-chain": ("combined from the previous event, kept or not", Picking(combine=_chained)),
        "combine-mean": ("the mean of events that are combined", Picking(combine=_averaged)),
        "kernel-normalised": ("smoothing kernel normalised", Picking(window=_normalised)),
        "kernel-hann": ("smoothed with a Hann window", Picking(window=np.hanning)),
        "kernel-periodic": (
            "smoothed with a periodic Hamming window",
            Picking(window=lambda size: np.hamming(size + 1)[:-1]),
        ),
        "neighbours-alone": ("peaks higher than both neighbours, as scipy's find_peaks", Picking(lone=True)),
        "frames-truncated": ("seconds cut off to frames in place of rounded", Picking(whole=np.trunc)),
        "frames-half-up": (
            "half frames rounded up in place of to even",
            Picking(whole=lambda frames: np.floor(frames + 0.5)),
        ),
        "middle-truncated": (
            "middle of even windows truncated",
            Picking(middle=lambda before, after: int((before - after) / 2)),
        ),
        "middle-flipped": (
            "windows before and after exchanged",
            Picking(middle=lambda before, after: _middle(after, before)),
        ),
        "edge-repeated": ("moving means and maxima repeat the edge of the clip", Picking(outside="nearest")),
        "threshold-above": ("peaks above the threshold, not at it", Picking(reaches=np.greater)),
        "plateau-once": ("a plateau is one peak", Picking(plateau=False)),
    }
)
#: Those of notes.
NOTES: Mapping[str, tuple[str, Picking]] = MappingProxyType(
    {
        **PEAKS,
        "combine-across": ("notes of all pitches combined together", Picking(across=True)),
        "maximum-across": ("a maximum over neighbouring pitches too", Picking(neighbours=PITCHES)),
        "smoothed-across": ("smoothed along pitches in place of time", Picking(smoothed=1)),
    }
)
