"""Which recipes a network is asked on where nobody names any: the usual ones, and others in place of the plainest.

Plain noise may leave a network unmoved: behind a sigmoid whose bias is far from zero, or normalisations that expect
other amplitudes, it changes an output by less than rounding may. Larger and smaller numbers do, or such as are never
negative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from ..graph import Graph
from ..inputs import LENGTHS, suited
from ..inputs.sizes import time_axis
from .reference import Reference

#: What is tried in place of the plainest recipe, one after another.
INSTEAD = ("noise_large", "features", "noise_small", "pixels")


def usual(graph: Graph, length: int | None = None, sizes: Mapping[str, int] | None = None) -> tuple[str, ...]:
    """The recipes of whoever names none: noise, at several lengths where the length is free, and what inputs ask for.

    `inputs.suited` has the latter: quiet sound, pixels, padded tokens.
    """
    free = length is None and time_axis(graph) not in (None, *(sizes or ()))
    return (*(LENGTHS if free else LENGTHS[:1]), *suited(graph))


def instead(plain: Reference, case: str, on: Callable[[str], Reference]) -> Iterator[Reference]:
    """References in place of the ``plain`` one, made by ``on`` a recipe: none if that tells, or takes no numbers.

    What each was taken in place of stands in its ``about``, which verdicts carry.
    """
    numbers = any(np.dtype(spec.dtype).kind == "f" for spec in plain.graph.inputs)
    if not (numbers and plain.unmoved):
        return
    for recipe in INSTEAD:
        other = on(recipe)
        other.about["instead of"] = case
        yield other
