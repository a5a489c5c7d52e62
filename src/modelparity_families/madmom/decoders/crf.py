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
    found: Array = run(crf, values, arithmetic=_precision(values))[crf.outputs[0]]
    return found


def likeliest_classes(values: Array, crf: Graph) -> Array:
    """A mistake: the class of the highest emission of each frame, as though there were no transitions."""
    likeliest: Array = _emissions(values, crf).argmax(axis=1)
    return likeliest


def untransitioned_classes(values: Array, crf: Graph) -> Array:
    """A mistake: as `best_classes`, but the initial scores are those of the first frame itself."""
    score = _emissions(values[:1], crf)[0] + crf.constants["path.initial"]
    if len(values) == 1:
        return np.array([(score + crf.constants["path.final"]).argmax()])
    later = best_classes(values[1:], crf.changed(constants={**crf.constants, "path.initial": score}))
    first = (score + crf.constants["path.transition"][:, later[0]]).argmax()
    return np.concatenate(([first], later))


def _emissions(values: Array, crf: Graph) -> Array:
    """The score (frame, class) of each class by itself."""
    emissions = next(node for node in crf.nodes if node.name == "path").inputs[0]
    found: Array = run(crf.changed(outputs=(emissions,)), values, arithmetic=_precision(values))[emissions]
    return found


def _precision(values: Array) -> str:
    return "float32" if values.dtype == np.float32 else "float64"
