"""Strokes as a microphone and a detector would give them: times that jitter, strengths with noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array


@dataclass(frozen=True)
class Augmentation:
    """Standard deviations: of times in ms, and of strengths as a share of each."""

    timing_jitter_std_ms: float = 10.0
    strength_noise_std: float = 0.15

    def __post_init__(self) -> None:
        for one in (self.timing_jitter_std_ms, self.strength_noise_std):
            if not (np.isfinite(one) and one >= 0):
                raise InputError("a standard deviation is a number from 0 on", found=one)

    def __call__(self, time: Array, velocity: Array, random: np.random.RandomState) -> tuple[Array, Array]:
        """Times (stroke,) in ms, none below 0, and velocities from 0 to 127.

        Rows stay in their order, so that targets still belong to them: intervals may fall below 0.
        """
        time = np.maximum(time + random.normal(0, self.timing_jitter_std_ms, len(time)), 0)
        factor = 1 + random.normal(0, self.strength_noise_std, len(velocity))
        return time, np.clip(velocity * factor, 0, 127)
