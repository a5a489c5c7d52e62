"""Each weight array of the reference looked for among the candidate's, before anything is run.

An array's values are looked for in any order and with any sign, so that layouts, transposition, gates in another
order, concatenated and split arrays all count as there: what is altered or missing says where to look first.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...graph import Array, Graph

#: Arrays of fewer different values say nothing.
TELLING = 3
#: Values of an array that are looked for one by one.
VALUES = 1 << 14
#: Scales agree to so many units in the last place of float32.
ALIKE = 2.0**-20
#: Steps of numbers of half precisions, relatively.
HALVES = {"float16": 2.0**-11, "bfloat16": 2.0**-8}
#: Values of all arrays of a graph that are sorted to look among them.
POOL = 1 << 22
#: How many values an array has, and two numbers that depend on all of them and not on their order.
Digest = tuple[int, int, int]
#: Names that a line shows.
SHOWN = 4


@dataclass(frozen=True)
class Weight:
    """What became of one array of the reference.

    ``how`` is "" if it is there as it is, else "moved" (in another order or shape), "altered" (``text`` says how) or
    "missing"; ``other`` is the candidate's array, where one is known.
    """

    name: str
    how: str
    text: str = ""
    other: str = ""

    @property
    def there(self) -> bool:
        """Whether its values are all there."""
        return self.how in ("", "moved")


@dataclass(frozen=True)
class Weights:
    """What became of the reference's weights, and which of the candidate's are none of them."""

    found: tuple[Weight, ...] = ()
    extra: tuple[str, ...] = ()
    pool: Array = field(default_factory=lambda: np.zeros(0, np.float32), repr=False, compare=False)
    whole: frozenset[Digest] = field(default=frozenset(), repr=False, compare=False)

    def holds(self, array: Array) -> bool:
        """Whether all values of an array are among the candidate's, in any order and with any sign."""
        if array.dtype.kind == "f" and _digest(array) in self.whole:
            return True
        some = array.reshape(-1)[:: max(1, array.size // VALUES)]
        return _held(_sizes(some), self.pool)

    @property
    def suspect(self) -> frozenset[str]:
        """Arrays that are altered or missing."""
        return frozenset(one.name for one in self.found if not one.there)

    @property
    def moved(self) -> frozenset[str]:
        """Arrays whose values lie in another order or shape."""
        return frozenset(one.name for one in self.found if one.how == "moved")

    def describe(self) -> Iterator[str]:
        """What is altered, and what is missing, in sentences."""
        altered = [f"{one.name!r} {one.text}" for one in self.found if one.how == "altered"]
        missing = [repr(one.name) for one in self.found if one.how == "missing"]
        if altered:
            yield f"in the candidate {_some(altered)}"
        if missing:
            extra = f"; it has {_some([*map(repr, self.extra)])} instead" if self.extra else ""
            yield f"the candidate does not have the values of {_some(missing)}{extra}"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def compared(reference: Graph, candidate: Graph) -> Weights:
    """The reference's weight arrays looked for among those of ``candidate``."""
    ours, theirs = _arrays(reference), _arrays(candidate)
    by_values: dict[Digest, str] = {}
    for name, array in theirs.items():
        by_values.setdefault(_digest(array), name)
    sums = _sums(ours)
    known = {name: other for name, array in ours.items() if (other := by_values.get(_digest(array)))}
    taken = {*known.values(), *(by_values[key] for keys in sums.values() for key in keys if key in by_values)}
    pool = _pool(theirs, taken)
    found: list[Weight] = []
    left: dict[str, Array] = {}
    for name, array in ours.items():
        if (other := known.get(name)) is not None:
            found.append(Weight(name, "" if _plain(array, theirs[other]) else "moved", other=other))
        elif _held(_sizes(array), pool) or any(key in by_values for key in sums.get(name, ())):
            found.append(Weight(name, "moved"))
        else:
            left[name] = array
    own = _pool(ours, known.keys())
    extra = {
        name: np.sort(sizes)
        for name, array in theirs.items()
        if name not in taken and not _held(sizes := _sizes(array), own)
    }
    for name, array in left.items():
        weight = _altered(name, np.sort(_sizes(array)), extra)
        found.append(weight)
        extra.pop(weight.other, None)
    return Weights(tuple(found), tuple(extra), pool, frozenset(by_values))


def _pool(arrays: Mapping[str, Array], known: Collection[str]) -> Array:
    """Values of arrays, sorted; of very many only those of which it is not ``known`` what they are."""
    whole = sum(array.size for array in arrays.values()) <= POOL
    some = [_sizes(array) for name, array in arrays.items() if whole or name not in known]
    return np.unique(np.concatenate(some)) if some else np.zeros(0, np.float32)


def _digest(array: Array) -> Digest:
    """The same for arrays of the same values in any order and with any sign: how many, and sums of mixed bits."""
    bits = (_sizes(array) + np.float32(0)).view(np.uint32).astype(np.uint64)
    bits *= np.uint64(0x9E3779B97F4A7C15)
    bits ^= bits >> np.uint64(29)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(32)
    return bits.size, int(bits.sum(dtype=np.uint64)), int(np.bitwise_xor.reduce(bits))


def _arrays(graph: Graph) -> dict[str, Array]:
    """Arrays of numbers that say something."""
    return {
        name: a
        for name, a in graph.constants.items()
        if a.dtype.kind == "f" and a.size >= TELLING and len(np.unique(a.reshape(-1)[:64])) >= TELLING
    }


def _sizes(array: Array) -> Array:
    """Its values without sign, flat, as float32 holds them; negative zero is zero."""
    with np.errstate(over="ignore"):
        return np.abs(array.reshape(-1)).astype(np.float32)


def _plain(one: Array, other: Array) -> bool:
    return one.size == other.size and np.array_equal(
        one.reshape(-1).astype(np.float32), other.reshape(-1).astype(np.float32), equal_nan=True
    )


def _held(values: Array, pool: Array) -> bool:
    """Whether all these values are among others: of an array that was joined with others, or split."""
    some = values[:: max(1, len(values) // VALUES)]
    some = some[some > 0]
    if not len(pool) or not len(some):
        return False
    at = np.minimum(np.searchsorted(pool, some), len(pool) - 1)
    return bool((pool[at] == some).all())


def _sums(arrays: dict[str, Array]) -> dict[str, list[Digest]]:
    """{array: digests of its sums with others of its shape}: of two biases that lie beside each other."""
    found: dict[str, list[Digest]] = {}
    flat = [(name, a) for name, a in arrays.items() if a.ndim == 1]
    for (one, a), (other, b) in itertools.pairwise(flat):
        if a.shape == b.shape:
            key = _digest(a + b)
            found.setdefault(one, []).append(key)
            found.setdefault(other, []).append(key)
    return found


def _altered(name: str, values: Array, extra: dict[str, Array]) -> Weight:
    """How an array of the candidate that is none of the reference's came of this one, if one did."""
    for other, theirs in extra.items():
        if len(theirs) != len(values):
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = theirs / values
        known = ratio[np.isfinite(ratio) & (values > 0)]
        if not len(known):
            continue
        middle = float(np.median(known))
        if np.abs(known - middle).max() <= ALIKE * abs(middle) * 8 and middle > 0:
            return Weight(name, "altered", f"is scaled by {middle:.6g}", other)
        off = np.abs(known - 1).max()
        for half, step in HALVES.items():
            if off <= step:
                return Weight(name, "altered", f"is rounded to {half}", other)
    alike = [other for other, theirs in extra.items() if len(theirs) == len(values)]
    if len(alike) == 1 or name in alike:
        other = name if name in alike else alike[0]
        same = float(np.isin(values, extra[other]).mean())
        text = f"differs in {1 - same:.0%} of its values" if same >= 0.005 else "has other values"
        return Weight(name, "altered", text, other)
    return Weight(name, "missing")
