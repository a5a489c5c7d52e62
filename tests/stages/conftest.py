"""A small pipeline: loudness of sound, two networks of one unit, and events where they are above a threshold."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity.stages import Decoder, Events, Given, Networks, Numeric, Pipeline

from ..toy import toy_family
from ..toy.toy_family import Unit, above, frames

__all__ = ["Unit", "above", "frames", "loudness", "sound"]

#: Less loud than the family's by default, so that activations lie on both sides of the threshold.
loudness = partial(toy_family.loudness, gain=10.0)


def sound(audio, *, rate: int | None = None):
    """Sound of 1000 samples a second."""
    if rate != 1000:
        raise InputError("another rate", found=rate, expected=1000)
    return np.asarray(audio)


@pytest.fixture
def toy() -> Pipeline:
    return Pipeline(
        "toy/loud",
        (
            Given("audio", read=sound, about="sound at 1000 samples a second"),
            Numeric("frames", ("audio",), graph=frames, fine=True, about="ten samples each"),
            Numeric("features", ("frames",), graph=loudness, about="loudness of each frame"),
            Networks("activations", ("features",), members=(Unit("one", 2.0), Unit("two", 3.0))),
            Decoder("events", ("activations",), function=above, gives=Events()),
        ),
        "loud moments",
    )


@pytest.fixture
def audio() -> np.ndarray:
    rng = np.random.default_rng(0)
    loud = np.repeat([0.01, 1.0, 0.02, 1.2, 0.01], 100)
    return (rng.standard_normal(500) * loud).astype(np.float32)
