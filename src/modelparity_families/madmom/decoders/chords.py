"""Chords: a conditional random field over 25 classes, and the segments of equal ones."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array, Graph
from modelparity.stages import checked

from .activations import ANY, activations
from .crf import field
from .labelling import CHORDS, Labelling
from .settings import Rate
from .variants import ORIGINAL, chosen, mistakes

#: The class that is no chord.
NONE = 24
#: One chord: where it begins and ends [s], and its name, such as ``C#:min``, or ``N`` for none.
SEGMENT = np.dtype([("start", np.float64), ("end", np.float64), ("label", "U6")])
#: How chords are decoded: as madmom does, or with a mistake that programs are known to make.
ChordVariant = Annotated[str, mistakes(CHORDS)]


def chord_name(number: int, roots: tuple[str, ...]) -> str:
    """Classes 0 to 11 are major from A upwards, 12 to 23 minor, 24 is N; always with sharps."""
    return "N" if number == NONE else f"{roots[number % 12]}:{'maj' if number < 12 else 'min'}"


def segments(classes: Array, fps: float, how: Labelling) -> Array:
    """Equal neighbours joined: classes (frame,), one at least -> (segment,) of `SEGMENT`.

    A segment begins at frame * (1 / fps), in floating point (3 * 0.1 is not 0.3), and ends where the next begins; the
    last ends 1 / fps behind where its last frame begins.
    """
    length = 1.0 / fps
    begins = np.concatenate([[0], np.nonzero(np.diff(classes))[0] + 1])
    found = np.empty(len(begins), SEGMENT)
    found["start"] = begins * length
    found["end"][:-1] = found["start"][1:]
    found["end"][-1] = (len(classes) - 1) * length + length * how.lasting
    found["label"] = [chord_name(number, how.roots) for number in classes[begins].tolist()]
    return found


@checked
def chords(given: Array, *, crf: Graph, fps: Rate = 10.0, variant: ChordVariant = ORIGINAL) -> Array:
    """Chord segments on the best path through a field's classes (`crf.best_classes`).

    Args: activations (frame, feature) as the field takes them; ``crf``, a graph whose output is a path of classes;
    ``fps`` in frames a second; ``variant`` a key of `labelling.CHORDS`.
    Returns: (segment,) of `SEGMENT`, without gaps.
    Raises: `InputError` for another shape and for no frame at all, on which the original fails with an IndexError.
    Source: Korzeniowski and Widmer, "A fully convolutional deep auditory model for musical chord recognition", 2016,
    as in madmom 0.16.1 (features.chords).
    """
    values = activations(given, "chords", (ANY, crf.inputs[0].axes[-1].size or ANY), "frame feature")
    if not len(values):
        raise InputError("there is no frame to decode", where="chords", found=values.shape)
    how = chosen(CHORDS, variant)
    return segments(how.classes(values, crf), fps, how)


@checked
def chords_cnncrf(given: Array, *, fps: Rate = 10.0, variant: ChordVariant = ORIGINAL) -> Array:
    """`chords` of the convolutional features (frame, 128) of ``chords_cnnfeat``, with madmom's field for them.

    Raises: as `chords`, and `Unavailable` where madmom's models were not fetched.
    """
    return chords(given, crf=field("chords/2016/chords_cnncrf"), fps=fps, variant=variant)


@checked
def chords_dccrf(given: Array, *, fps: Rate = 10.0, variant: ChordVariant = ORIGINAL) -> Array:
    """`chords` of the deep chroma (frame, 12) of ``chroma_dnn``, with madmom's field for them.

    Raises: as `chords`, and `Unavailable` where madmom's models were not fetched.
    """
    return chords(given, crf=field("chords/2016/chords_dccrf"), fps=fps, variant=variant)
