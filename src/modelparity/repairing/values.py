"""Right values for a file's arrays, in whatever layout they lie there: each value is found where the mistake put it.

The reference with the mistake has the candidate's numbers. A number of the file that stands in it at some place is,
without the mistake, the number that the reference has at that place, and so neither the order of gates nor
transposition need be known.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..graph import Array, Graph
from .lying import places


class Values:
    """What ``right`` has where ``wrong`` has a value, up to the sign; ``only`` of one constant, for one ``place``."""

    def __init__(self, wrong: Graph, right: Graph, only: str = "", place: str = "") -> None:
        ours, theirs = dict(_floats(right)), dict(_floats(wrong))
        shared = [n for n, a in theirs.items() if n in ours and ours[n].shape == a.shape and only in ("", n)]
        self.pairs = [(theirs[name].reshape(-1), ours[name].reshape(-1)) for name in shared]
        self._constants = [
            (
                theirs[n].reshape(-1).astype(np.float32).astype(np.float64),
                ours[n].reshape(-1),
                theirs[n].shape,
            )
            for n in shared
            if not np.array_equal(ours[n], theirs[n], equal_nan=True)
        ]
        #: Constants that the mistake changes.
        self.changed = [n for n in shared if not np.array_equal(ours[n], theirs[n], equal_nan=True)]
        self.place = place
        #: Places whose values all stand in what the mistake changes, some of them in several ways.
        self.unsure: list[str] = []
        self._tables: dict[str, tuple[Array, Array, Array]] = {}

    def __call__(self, place: str, array: Array) -> Array | None:
        """The right array for one that stands at a place of the file; None where it stays."""
        if not self.changed or not array.size or (self.place and place != self.place):
            return None
        keys, low, high = self._table(array.dtype.name)
        flat = array.reshape(-1).astype(np.float64)
        at = np.minimum(np.searchsorted(keys, np.abs(flat)), len(keys) - 1)
        here = keys[at] == np.abs(flat)
        if not (here | (flat == 0)).all() or not here.any():  # what a layer does not have is zeros in a file
            return None
        sure = (low[at] == high[at]) & here
        if not sure[here].all():
            self.unsure.append(place)
        sign = np.where(flat < 0, -1.0, 1.0)
        right = np.where(sure, low[at] * sign, flat)
        if not sure[here].all() and (laid := self._laid(flat.reshape(array.shape))) is not None:
            right = laid.reshape(-1)
        made: Array = right.astype(array.dtype).reshape(array.shape)
        return None if np.array_equal(made, array) else made

    def _laid(self, array: Array) -> Array | None:
        """The right array by where its elements lie in one constant that is changed; None where that is not told."""
        for wrong, right, shape in self._constants:
            if wrong.size != array.size:
                continue
            sizes, place, count = np.unique(np.abs(wrong), return_index=True, return_counts=True)
            at = np.minimum(np.searchsorted(sizes, np.abs(array)), len(sizes) - 1)
            known = np.where((sizes[at] == np.abs(array)) & (count[at] == 1), place[at], -1)
            found = places(known, shape)
            if found is None or not (np.abs(wrong[found]) == np.abs(array)).all():
                continue
            turned = np.sign(array) * np.sign(wrong[found])
            # A zero has no sign: it has that of the others where these agree.
            least = 1.0 if not (turned < 0).any() else -1.0 if not (turned > 0).any() else None
            if least is None and (turned == 0).any():
                continue
            made: Array = right[found] * np.where(turned == 0, least or 1.0, turned)
            return made
        return None

    def _table(self, dtype: str) -> tuple[Array, Array, Array]:
        """(sizes of the wrong values, least and greatest right value of each, for a positive one)."""
        if dtype not in self._tables:
            with np.errstate(over="ignore"):
                wrong = np.concatenate([one for one, _ in self.pairs]).astype(dtype).astype(np.float64)
                right = np.concatenate([two for _, two in self.pairs]).astype(dtype).astype(np.float64)
            right = np.where(wrong < 0, -right, right)
            order = np.argsort(np.abs(wrong), kind="stable")
            keys, first = np.unique(np.abs(wrong)[order], return_index=True)
            low, high = (ufunc.reduceat(right[order], first) for ufunc in (np.minimum, np.maximum))
            self._tables[dtype] = keys, low, high
        return self._tables[dtype]


def _floats(graph: Graph, within: str = "") -> Iterator[tuple[str, Array]]:
    """(name, constant) of a graph's floats, those of graphs in its nodes included."""
    for name, array in graph.constants.items():
        if array.dtype.kind == "f" and array.size:
            yield f"{within}{name}", array
    for node in graph.nodes:
        for key, value in node.attrs.items():
            if isinstance(value, Graph):
                yield from _floats(value, f"{within}{node.name}/{key}/")


def patched(graph: Graph, change: Values) -> Graph:
    """``graph`` with its constants as ``change`` has them."""
    new = {
        name: made
        for name, array in graph.constants.items()
        if array.dtype.kind == "f" and (made := change(name, array)) is not None
    }
    return graph.changed(constants={**graph.constants, **new}, source=None) if new else graph
