"""madmom's conditional random fields for chords: their parameters, and the best sequence of classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from modelparity.errors import InputError, Unavailable
from modelparity.family import family
from modelparity.graph import Array, Graph

#: Of each parameter, the constant of the graph that the family's reader makes of a field.
CONSTANTS = {
    "weight": "emissions.weight",
    "bias": "emissions.bias",
    "transition": "path.transition",
    "initial": "path.initial",
    "final": "path.final",
}


@dataclass(frozen=True, eq=False)
class Field:
    """A linear-chain field: ``weight`` W (feature, class), ``bias`` c (class,), ``transition`` A (from, to),
    ``initial`` pi (class,), ``final`` tau (class,), float32 in madmom's models."""

    weight: Array
    bias: Array
    transition: Array
    initial: Array
    final: Array

    @classmethod
    def of(cls, graph: Graph) -> Field:
        """The field that a graph computes. Raises `InputError` for a graph that is none."""
        absent = [name for name in CONSTANTS.values() if name not in graph.constants]
        if absent:
            raise InputError("this graph is no field", where=graph.name, found=f"no constant {absent[0]!r}")
        return cls(**{name: graph.constants[constant] for name, constant in CONSTANTS.items()})


@cache
def field(key: str) -> Field:
    """One of madmom's two fields. Raises `Unavailable`, with the line to type, where it was not fetched."""
    for model in family("madmom").models():
        if model.key == key:
            return Field.of(model.load())
    raise Unavailable("madmom has no field of this name", where=key)


def best_classes(values: Array, model: Field) -> Array:
    """The class of each frame on the path of the highest score.

        v[-1] = pi;  v[t, to] = (c[to] + x[t] W[:, to]) + max over from of (A[from, to] + v[t-1, from])

    tau is added once, behind the last frame. Of equal scores the first class wins. Computed in the wider type of the
    activations and the field. values (frame, feature), one frame at least -> (frame,) int64.
    Source: Lafferty, McCallum and Pereira, "Conditional random fields", 2001, as in madmom 0.16.1
    (ml.crf.ConditionalRandomField.process).
    """
    into = np.ascontiguousarray(model.transition.T)
    rows = np.arange(len(into))
    score = model.initial
    came_from = np.empty((len(values), len(into)), np.int64)
    for t, frame in enumerate(values):
        reached = into + score
        came_from[t] = best = reached.argmax(axis=1)
        score = (model.bias + np.dot(frame, model.weight)) + reached[rows, best]
    path = np.empty(len(values), np.int64)
    path[-1] = (score + model.final).argmax()
    for t in range(len(values) - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path
