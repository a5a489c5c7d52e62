"""Mistakes that the catalogue does not have: whatever is named for them is named falsely.

None of them was looked at when the catalogue's rules were written, nor may it be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

import numpy as np

from ..graph import Array, Graph

#: An array of weights with a mistake.
Spoil = Callable[[Array, np.random.Generator], Array]


def noisy(array: Array, rng: np.random.Generator) -> Array:
    """Noise of a tenth of its own deviation on every element."""
    noise: Array = 0.1 * array.std() * rng.standard_normal(array.shape)
    return array + noise


def shuffled(array: Array, rng: np.random.Generator) -> Array:
    """Its elements in an order by chance."""
    return rng.permutation(array.reshape(-1)).reshape(array.shape)


def cubed(array: Array, rng: np.random.Generator) -> Array:
    """A curve through every element, as of a wrong table of a quantiser."""
    most = np.abs(array).max() or 1.0
    return most * (array / most) ** 3


def smeared(array: Array, rng: np.random.Generator) -> Array:
    """Every element the mean of itself and the next one."""
    flat = array.reshape(-1)
    return ((flat + np.roll(flat, 1)) / 2).reshape(array.shape)


def some_replaced(array: Array, rng: np.random.Generator) -> Array:
    """A twentieth of the elements, and at least two, by others."""
    flat = array.reshape(-1).copy()
    at = rng.choice(flat.size, max(2, flat.size // 20), replace=False)
    flat[at] = array.std() * rng.standard_normal(at.size)
    return flat.reshape(array.shape)


FOREIGN: Mapping[str, Spoil] = {one.__name__: one for one in (noisy, shuffled, cubed, smeared, some_replaced)}


def places(graph: Graph) -> Iterator[str]:
    """Constants that can be spoilt: no biases, of which whatever is wrong is rightly called another bias."""
    for name, array in graph.constants.items():
        if (
            array.dtype.kind == "f"
            and array.size >= 8
            and sum(size > 1 for size in array.shape) > 1
            and array.std() > 0
        ):
            yield name


def spoilt(graph: Graph, kind: str, constant: str) -> Graph:
    """The graph with that array spoilt, always the same way."""
    array = graph.constants[constant]
    rng = np.random.default_rng(list(sha256(f"{kind} {constant}".encode()).digest()[:8]))
    made = np.asarray(FOREIGN[kind](array.astype(np.float64), rng), array.dtype)
    return graph.changed(constants={**graph.constants, constant: made}, source=None)
