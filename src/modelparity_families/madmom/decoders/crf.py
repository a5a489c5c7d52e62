"""madmom's conditional random fields for chords, and the best sequence of classes."""

from __future__ import annotations

from functools import cache

import numpy as np

from modelparity import run
from modelparity.errors import Unavailable
from modelparity.family import family
from modelparity.graph import Array, Graph


@cache
def field(key: str) -> Graph:
    """One of madmom's two fields. Raises `Unavailable`, with the line to type, where it was not fetched."""
    for model in family("madmom").models():
        if model.key == key:
            return model.load()
    raise Unavailable("madmom has no field of this name", where=key)


def best_classes(values: Array, crf: Graph) -> Array:
    """The class of each frame on the path of the highest score, by the engine (operator ``viterbi``).

    values (frame, feature), one frame at least -> (frame,) whole numbers. Computed in the wider type of the
    activations and the field, as in the original: float32 activations in float32.
    """
    precision = "float32" if values.dtype == np.float32 else "float64"
    found: Array = run(crf, values, arithmetic=precision)[crf.outputs[0]]
    return found
