"""Does a network treat an axis as a sequence, or its elements each alike, as members of a batch?"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from ..describe.modes import blank
from ..describe.shapes import free_axes
from ..describe.walk import walked
from ..engine.run import run
from ..errors import ModelparityError
from ..graph import Array, Graph
from .generator import Generator

#: Elements at once and multiplications that the two runs may take.
ALIVE, WORK = 1 << 22, 1 << 30
_known: WeakKeyDictionary[Graph, dict[str, bool]] = WeakKeyDictionary()


def ordered(graph: Graph, axis: str) -> bool:
    """Whether the order along an axis matters: turned round, the outputs are other ones than turned round.

    False where the network is not tried: it refuses, or takes much even at small sizes.
    """
    known = _known.setdefault(graph, {})
    if axis not in known:
        try:
            known[axis] = _ordered(graph, axis)
        except ModelparityError:
            known[axis] = False
    return known[axis]


def _ordered(graph: Graph, axis: str) -> bool:
    least = free_axes(graph)
    size = max(least[axis] + 3, 4)
    feeds = {}
    for spec in graph.inputs:
        shape = tuple(
            axis_.size if axis_.size is not None else size if axis_.name == axis else least[axis_.name]
            for axis_ in spec.axes
        )
        drawn = Generator("modelparity", "order", spec.name).normal(int(np.prod(shape))).reshape(shape)
        feeds[spec.name] = (
            drawn.astype(spec.dtype) if np.dtype(spec.dtype).kind == "f" else blank(graph, spec, shape)
        )
    if walked(graph, feeds, most_alive=ALIVE, most_work=WORK).refusal is not None:
        return False
    turned = {
        spec.name: _turned(feeds[spec.name], [k for k, one in enumerate(spec.axes) if one.name == axis])
        for spec in graph.inputs
    }
    plain, other = run(graph, feeds), run(graph, turned)
    return not all(_alike(plain[name], other[name], size) for name in plain)


def _turned(array: Array, axes: list[int]) -> Array:
    return np.flip(array, tuple(axes)) if axes else array


def _alike(plain: Array, turned: Array, size: int) -> bool:
    """Whether one is the other, or is it turned round along an axis of that size."""
    forms = [plain, *(np.flip(plain, k) for k, n in enumerate(plain.shape) if n == size)]
    return any(np.allclose(form, turned, rtol=1e-6, atol=1e-9, equal_nan=True) for form in forms)
