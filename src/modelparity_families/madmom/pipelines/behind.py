"""What processors make of their networks' outputs before they decode them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from modelparity.graph import Graph, GraphBuilder
from modelparity.stages import Mistakes, one_of

#: Mistakes that ports are known to have, likelier ones first.
Columns = Annotated[
    Sequence[int],
    Mistakes({(0, 1): "the first two columns", (2, 1): "columns exchanged", (0, 2): "the outer columns"}),
]

#: The ensembles of the bar tracker.
PARTS = ("rhythmic", "harmonic")
Part = Annotated[
    str, Mistakes({"rhythmic": "networks of rhythm alone", "harmonic": "networks of harmony alone"})
]


def columns(*, columns: Columns = (1, 2)) -> Graph:
    """y (frame, 3), of no beat, beat and downbeat -> (frame, 2): ``columns`` of it"""
    stage = GraphBuilder("columns")
    y = stage.given("y", "frame", ("column", 3))
    left = stage.constant("left", np.asarray(columns, np.int64))
    stage.node("gather", (y, left), "beats", axis=1)
    return stage.graph("beats")


def superframes(*, superframe: int = 3) -> Graph:
    """y (frame + superframe - 1, 13, 128) -> (frame, 128) float64: means over all frequencies and ``superframe``
    frames"""
    stage = GraphBuilder("superframes")
    y = stage.given("y", "frame", ("frequency", 13), ("feature", 128))
    cut = stage.node("frames", y, "around", size=superframe, hop=1.0, counted="whole")
    stage.node("reduce_mean", cut, "means", axes=(1, 2))
    return stage.graph("means").changed(native="float64")


def probabilities() -> Graph:
    """y (24,) -> (1, 24) float64: softmax of the values of 24 keys"""
    stage = GraphBuilder("probabilities")
    y = stage.given("y", ("key", 24))
    shares = stage.node("softmax", y, "shares", axis=-1)
    stage.node("expand_dims", shares, "keys", axes=(0,))
    return stage.graph("keys").changed(native="float64")


def mean_of_two(*, part: Part = "both") -> Graph:
    """rhythmic_activations, harmonic_activations (beat,) -> activations (beat,): their mean, or ``part`` of them"""
    one_of("part", part, ("both", *PARTS))
    stage = GraphBuilder("activations")
    parts = [stage.given(f"{one}_activations", "beat") for one in PARTS]
    if part != "both":
        stage.node("identity", parts[PARTS.index(part)], "activations")
        return stage.graph("activations")
    both = stage.node("add", parts, "both")
    two = stage.constant("two", 2.0)
    stage.node("div", (both, two), "activations")
    return stage.graph("activations")
