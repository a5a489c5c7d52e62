"""A small pipeline: loudness of sound, two networks of one unit, and events where they are above a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import InputError
from modelparity.stages import Decoder, Events, Given, Networks, Numeric, Pipeline

HOP = 10


def sound(audio, *, rate: int | None = None):
    """Sound of 1000 samples a second."""
    if rate != 1000:
        raise InputError("another rate", found=rate, expected=1000)
    return np.asarray(audio)


def frames() -> Graph:
    """sound (sample,) -> frames (frame, 10)"""
    specs = (TensorSpec("sound", (Axis("sample"),)),)
    node = Node("cut", "reshape", ("sound",), ("frames",), {"shape": (-1, HOP)})
    return Graph("frames", specs, ("frames",), (node,), {})


def loudness(*, gain: float = 10.0) -> Graph:
    """frames (frame, 10) -> y (frame, 1): log(1 + gain * mean square)"""
    nodes = (
        Node("square", "square", ("x",), ("squares",)),
        Node("mean", "reduce_mean", ("squares",), ("energy",), {"axes": (1,), "keepdims": True}),
        Node("scale", "mul", ("energy", "gain"), ("scaled",)),
        Node("log", "log1p", ("scaled",), ("y",)),
    )
    specs = (TensorSpec("x", (Axis("frame"), Axis("sample", HOP))),)
    return Graph("loudness", specs, ("y",), nodes, {"gain": np.float32(gain)})


@dataclass(frozen=True)
class Unit:
    """A network of one unit."""

    key: str
    weight: float

    def load(self) -> Graph:
        nodes = (
            Node("dense", "dense", ("x", "w", "b"), ("z",)),
            Node("sigmoid", "sigmoid", ("z",), ("s",)),
            Node("squeeze", "squeeze", ("s",), ("y",), {"axes": (1,)}),
        )
        weights = {"w": np.full((1, 1), self.weight, np.float32), "b": np.full(1, -3.0, np.float32)}
        return Graph(self.key, (TensorSpec("x", (Axis("time"), Axis("feature", 1))),), ("y",), nodes, weights)


def above(activations, *, threshold: float = 0.5, fps: float = 100.0):
    """Times (event,) in seconds of frames whose activation is above the threshold, and those before are not."""
    on = np.asarray(activations) >= threshold
    return np.flatnonzero(on & ~np.concatenate(([False], on[:-1]))) / fps


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
