"""Peaks with nothing known of later frames, block by block."""

from __future__ import annotations

import numpy as np

from modelparity.errors import NotCausalError
from modelparity.graph import Array

from .activations import ANY, activations
from .picking import PEAKS, SLACK
from .variants import ORIGINAL, chosen


class OnlinePeaks:
    """As `peaks` with ``online``, whose settings it takes; ``smooth``, ``post_avg`` and ``post_max`` count as 0.

    A mean over ``pre_avg`` may differ from that of the whole in its last digit. Raises `NotCausalError` where the
    peaks are not picked online, and what `peaks` raises.
    """

    def __init__(
        self,
        *,
        fps: float,
        threshold: float,
        smooth: float,
        pre_avg: float,
        post_avg: float,
        pre_max: float,
        post_max: float,
        combine: float,
        delay: float,
        online: bool,
        variant: str,
    ) -> None:
        if not online or delay or variant != ORIGINAL:
            raise NotCausalError(
                "these peaks depend on later frames",
                where="peaks",
                found=f"online={online}, smooth={smooth:g}, post_max={post_max:g}, delay={delay:g}, "
                f"variant={variant!r}",
                expected=f"online=True, delay=0, variant={ORIGINAL!r}",
            )
        self._how = chosen(PEAKS, variant)
        self._spans = self._how.windows(0.0, pre_avg, 0.0, pre_max, 0.0, fps=fps, where="peaks")
        self._fps, self._threshold, self._within = fps, threshold, combine
        #: Frames before the next block: outside the clip stands 0.
        self._past: Array = np.zeros(self._spans.pre_avg + self._spans.pre_max)
        self._frames, self._last = 0, -np.inf

    def push(self, given: Array) -> Array:
        """The next activations (frame,) -> the peaks among them (event,) [s] from the beginning of the stream."""
        block = activations(given, "peaks", (ANY,), "frame")
        values = np.concatenate((self._past, block))
        before = len(self._past)
        (places,) = self._how.picked(values, self._threshold, self._spans, "peaks")
        times = (places[places >= before] - before + self._frames) / self._fps
        self._frames += len(block)
        self._past = values[len(values) - before :]
        found = []
        for time in times.tolist():
            if not self._within or not time - self._last <= self._within + SLACK:
                self._last = time
                found.append(time)
        return np.array(found)
