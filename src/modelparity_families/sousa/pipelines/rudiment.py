"""The pipeline from sound to the rudiment, and the two networks as it calls them: on one performance, no padding."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np

from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.stages import (
    Decoder,
    Events,
    Function,
    Given,
    Label,
    Mistakes,
    Networks,
    Numeric,
    Pipeline,
    one_of,
)

from ..encoding import BINARY
from ..models import FIRST, NAME, SEEDED, model
from ..names import FEATURES, ONSETS
from . import onsets
from .audio import rate, sound
from .told import told

RUDIMENT = "rudiment"
NEEDS = (
    "Frames are of 512 samples at whatever rate the sound has: state it, or resample with sample_rate=. From onsets "
    "of sound hands and kinds of strokes are guessed: compare numbers, not how often the label is right."
)


@dataclass(frozen=True)
class Performance:
    """A network on one performance: (stroke, number) -> (stroke, feature) or (class,), all of it strokes.

    Its weights lie in ``folder``, or where the family looks for them.
    """

    key: str
    folder: Path | None = None

    def load(self) -> Graph:
        """The network. Features are those of whichever form has weights here. Raises as `Model.load`."""
        from ..networks.graph import alone

        own = model(self.key, self.folder)
        if self.key == FEATURES and own.path() == SEEDED:
            first = model(FIRST, self.folder)
            own = own if first.path() == SEEDED else first
        return alone(own.load())


#: Columns that ports take for logits in place of those that are.
COLUMNS = {"binary": BINARY, "none": (), "all": range(12), "2-7": range(2, 8)}
Logits = Annotated[
    str,
    Mistakes(
        {
            "none": "no sigmoid",
            "all": "sigmoid of all columns",
            "2-7": "sigmoid of columns 2 to 7",
            "whole": "0 or 1",
        }
    ),
]


def probabilities(*, logits: Logits = "binary") -> Graph:
    """inferred (stroke, 12) -> predicted_features (stroke, 12): logits of binary features as probabilities.

    ``logits`` says which columns are taken for logits; "whole" makes those that are 0 or 1.
    """
    one_of("logits", logits, (*COLUMNS, "whole"))
    binary = np.isin(np.arange(12), tuple(COLUMNS.get(logits, BINARY)))
    nodes: tuple[Node, ...] = (
        Node("probable", "sigmoid", ("inferred",), ("probable",)),
        Node("chosen", "select", ("binary", "probable", "inferred"), ("predicted_features",)),
    )
    if logits == "whole":
        above = Node("above", "greater", ("inferred", "zero"), ("above",))
        nodes = (above, Node("probable", "cast", ("above",), ("probable",), {"to": "float"}), nodes[1])
    given = (TensorSpec("inferred", (Axis("stroke"), Axis("feature", 12))),)
    constants = {"binary": binary, "zero": np.zeros((), np.float32)}
    return Graph("predicted_features", given, ("predicted_features",), nodes, constants)


@cache
def pipelines() -> dict[str, Pipeline]:
    """The family's pipelines by name."""
    return {RUDIMENT: pipeline()}


def pipeline(folder: Path | None = None) -> Pipeline:
    """From sound to the label, with the weights in ``folder``, or those that the family finds."""
    envelope = ("onset_envelope", "rate")
    parts = (
        Given("audio", read=sound, about="samples as float32, channels averaged"),
        Given("rate", read=rate, about="samples a second"),
        Function(
            "onset_envelope",
            ("audio", "rate"),
            function=onsets.onset_envelope,
            dtype="float32",
            about="how much louder the bands get, frame by frame",
        ),
        Decoder(
            "onset_times",
            envelope,
            function=onsets.onset_times,
            gives=Events(word="onsets"),
            about="peaks, moved back to the minimum before",
        ),
        Function(
            "onset_strengths",
            envelope,
            function=onsets.onset_strengths,
            dtype="float32",
            about="the envelope at onsets, from 0 to 1",
        ),
        Function(
            "tempo_bpm",
            ("onset_envelope", "audio", "rate"),
            function=onsets.tempo_bpm,
            about="beats a minute",
        ),
        Function(
            "raw_onsets",
            ("onset_times", "onset_strengths", "tempo_bpm"),
            function=onsets.raw_onsets,
            dtype="float32",
            about="ms since the onset before, strength, tempo",
        ),
        Networks(
            "inferred",
            ("raw_onsets",),
            members=(Performance(FEATURES, folder),),
            about="features of strokes; logits of the binary ones",
        ),
        Numeric("predicted_features", ("inferred",), graph=probabilities, about="features of strokes"),
        Networks(
            "logits",
            ("predicted_features",),
            members=(Performance(ONSETS, folder),),
            about="logits of the rudiments",
        ),
        Decoder(
            "label", ("logits",), function=told, gives=Label(word="rudiment"), about="the likeliest rudiment"
        ),
    )
    about = "the drum rudiment that a recording of one player is of"
    return Pipeline(f"{NAME}/{RUDIMENT}", parts, about, needs=NEEDS)
