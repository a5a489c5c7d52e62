"""A family with two small pipelines: loud moments of sound, and what sounds between two of them.

Tests install it by an entry point, as a package of somebody's would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import InputError
from modelparity.family import Family
from modelparity.stages import Decoder, Events, Given, Label, Networks, Numeric, Pipeline, Segments

HOP = 10


def sound(audio, *, rate: int | None = None):
    """Sound of 1000 samples a second, whole numbers or not; of several channels the first."""
    if rate != 1000:
        raise InputError("another rate", found=rate, expected=1000)
    array = np.asarray(audio)
    mono = array if array.ndim == 1 else array[:, 0]
    if mono.dtype.kind in "iu":
        mono = (mono / np.iinfo(mono.dtype).max).astype(np.float32)
    return mono[: len(mono) // HOP * HOP]


def frames() -> Graph:
    """sound (sample,) -> frames (frame, 10)"""
    specs = (TensorSpec("sound", (Axis("sample"),)),)
    node = Node("cut", "reshape", ("sound",), ("frames",), {"shape": (-1, HOP)})
    return Graph("frames", specs, ("frames",), (node,), {})


def loudness(*, gain: float = 100.0) -> Graph:
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


def between(activations, *, fps: float = 100.0):
    """Rows of start, end and "loud" or "quiet"."""
    on = np.asarray(activations) >= 0.5
    edges = [0, *(np.flatnonzero(np.diff(on)) + 1).tolist(), len(on)]
    return [(a / fps, b / fps, "loud" if on[a] else "quiet") for a, b in pairwise(edges)]


def mostly(activations):
    """The word for the most of it."""
    return "mostly loud" if np.mean(np.asarray(activations) >= 0.5) > 0.5 else "mostly quiet"


FRONT = (
    Given("audio", read=sound, about="sound at 1000 samples a second"),
    Numeric("frames", ("audio",), graph=frames, fine=True, about="ten samples each"),
    Numeric("features", ("frames",), graph=loudness, about="loudness of each frame"),
    Networks("activations", ("features",), members=(Unit("one", 2.0), Unit("two", 3.0))),
)


class Toy(Family):
    """What the entry point names."""

    name = "toy"

    def pipelines(self):
        events = Decoder("events", ("activations",), function=above, gives=Events())
        parts = Decoder("parts", ("activations",), function=between, gives=Segments())
        word = Decoder("word", ("activations",), function=mostly, gives=Label())
        return {
            "loud": Pipeline("toy/loud", (*FRONT, events), "loud moments"),
            "parts": Pipeline("toy/parts", (*FRONT, parts, word), "loud parts, and a word for all of it"),
        }


FAMILY = Toy()
