"""Pseudo-random numbers that every run of a node draws alike."""

from __future__ import annotations

import numpy as np


def generator(seed: int) -> np.random.Generator:
    """A generator for that seed; negative seeds are seeds like others."""
    return np.random.Generator(np.random.PCG64(seed & 0xFFFF_FFFF_FFFF_FFFF))
