"""How chords and keys are decoded and named, part by part, and how programs are known to do it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from modelparity.graph import Array, Graph

from .crf import best_classes, likeliest_classes, untransitioned_classes
from .variants import ORIGINAL

ROOTS = ("A", "A#", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#")
MAJOR = ("A", "Bb", "B", "C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab")
MINOR = ("A", "Bb", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#")
#: How many semitones C is above A.
C = 3


def _from(roots: tuple[str, ...], first: int) -> tuple[str, ...]:
    return (*roots[first:], *roots[:first])


def keys(major: tuple[str, ...], minor: tuple[str, ...]) -> tuple[str, ...]:
    """The names of 24 classes."""
    return (*(f"{root} major" for root in major), *(f"{root} minor" for root in minor))


@dataclass(frozen=True)
class Labelling:
    """Each part of how chords are decoded; the defaults are madmom's.

    ``classes`` makes them of features and a field, ``roots`` name them; the last segment ends ``lasting`` frames
    behind where its last one begins.
    """

    classes: Callable[[Array, Graph], Array] = best_classes
    roots: tuple[str, ...] = ROOTS
    lasting: float = 1.0


def _of(change: Callable[[Mapping[str, Array]], dict[str, Array]]) -> Labelling:
    """The best classes of a field whose constants are changed."""

    def classes(values: Array, crf: Graph) -> Array:
        return best_classes(values, crf.changed(constants={**crf.constants, **change(crf.constants)}))

    return Labelling(classes)


def _zeroed(name: str) -> Labelling:
    return _of(lambda constants: {name: np.zeros_like(constants[name])})


def _final_everywhere(constants: Mapping[str, Array]) -> dict[str, Array]:
    final = constants["path.final"]
    return {"emissions.bias": constants["emissions.bias"] + final, "path.final": np.zeros_like(final)}


def _transposed(constants: Mapping[str, Array]) -> dict[str, Array]:
    return {"path.transition": np.ascontiguousarray(constants["path.transition"].T)}


#: Ways of decoding chords, by name: what is said of one, and its parts. All but the first are mistakes.
CHORDS: Mapping[str, tuple[str, Labelling]] = MappingProxyType(
    {
        ORIGINAL: ("as madmom", Labelling()),
        "labels-from-c": ("labels that start at C in place of A", Labelling(roots=_from(ROOTS, C))),
        "frame-by-frame": ("the likeliest class of each frame, no path", Labelling(likeliest_classes)),
        "bias-dropped": ("the field's bias c left out", _zeroed("emissions.bias")),
        "final-everywhere": ("the final scores tau added in every frame", _of(_final_everywhere)),
        "final-dropped": ("the final scores tau left out", _zeroed("path.final")),
        "initial-untransitioned": (
            "no transition between the initial scores pi and the first frame",
            Labelling(untransitioned_classes),
        ),
        "initial-dropped": ("the initial scores pi left out", _zeroed("path.initial")),
        "transition-transposed": ("the transition matrix A transposed", _of(_transposed)),
        "end-last-frame": ("the last segment ends where its last frame begins", Labelling(lasting=0.0)),
    }
)
#: Ways of naming keys.
KEY_NAMES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        ORIGINAL: ("as madmom", keys(MAJOR, MINOR)),
        "labels-from-c": ("keys that start at C in place of A", keys(_from(MAJOR, C), _from(MINOR, C))),
        "minor-first": (
            "minor keys before major ones",
            (*keys(MAJOR, MINOR)[12:], *keys(MAJOR, MINOR)[:12]),
        ),
    }
)


def _without_last(numbers: Array) -> Array:
    return numbers[:-1]


def _as_they_are(numbers: Array) -> Array:
    return numbers


#: Ways of numbering beats in bars.
BARS: Mapping[str, tuple[str, Callable[[Array], Array]]] = MappingProxyType(
    {
        ORIGINAL: ("as madmom", _as_they_are),
        "last-dropped": ("no number for the last beat, which has no activation", _without_last),
    }
)
