"""Weight accounting: every weight of a source is found in what was written, and nothing else is there.

What is caught: an array that was dropped or zeroed, a single element that differs, values in a written array
that come from no weight. What is not: blocks that change places so that each still lies somewhere as a whole
(two gates swapped, a matrix transposed that should not be). That leaves every value in the file, and the
numeric verdict on the outputs finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..engine.arithmetic import arithmetic
from ..formats.gates import SATURATED
from ..graph import Array, Graph
from .placement import Match, place
from .sources import sources
from .written_values import Written, magnitudes

#: Statuses that leave nothing to complain about.
FINE = ("found", "no information", "unused")
#: Values that a writer may put in, or leave out, without carrying a weight: neutral shifts and scales.
NEUTRAL = (0.0, 1.0)


@dataclass(frozen=True)
class Entry:
    """What became of one weight of the source (or, if ``status`` is "unexplained", what one written array adds).

    ``status`` is found, no information (all its values are 0, or all 1: a file without it computes the same),
    unused (no node reads it), missing, altered or unexplained. ``arrays`` names the written arrays it lies in;
    ``how`` says what was done to it on the way.
    """

    name: str
    status: str
    arrays: tuple[str, ...] = ()
    how: str = ""
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Nothing to complain about."""
        return self.status in FINE

    def __str__(self) -> str:
        text = f"{self.name}: {self.status}"
        text += f" in {', '.join(self.arrays)}" if self.arrays else ""
        text += f" ({self.how})" if self.how else ""
        return text + (f": {self.detail}" if self.detail else "")


def account(graph: Graph, arrays: Mapping[str, Array]) -> list[Entry]:
    """An `Entry` for every floating-point constant of ``graph``, then one for every written array with leftovers.

    ``arrays`` are all arrays of the written model by name. A weight counts as found through casts to float32,
    float16 or bfloat16, reshaping, transposing, reversal, gates reordered or split, negation of a gate,
    fusion with other weights, and as the sum of two biases of one node.
    """
    return _Account(graph, Written(arrays)).entries()


def unaccounted(entries: list[Entry]) -> list[Entry]:
    """The entries that somebody must look at."""
    return [entry for entry in entries if not entry.ok]


class _Account:
    def __init__(self, graph: Graph, written: Written) -> None:
        self.written, self.weights = written, sources(graph)
        self.read = {name for node in graph.nodes for name in node.inputs} | set(graph.outputs)
        self.summed: set[tuple[str, int]] = set()

    def entries(self) -> list[Entry]:
        names = sorted(self.weights, key=lambda name: (-self.weights[name].values.size, name))
        names = [name for name in names if name in self.read]
        # Weights with structure first: what they claim is not taken for a value that stands alone.
        results = {name: self._informative(name) for name in names}
        for name in names:
            if results[name].ok:
                results[name] = self._constant_blocks(name, results[name])
        self._copies(names)
        unread = [Entry(name, "unused") for name in self.weights if name not in self.read]
        return [results[name] for name in self.weights if name in results] + unread + list(self._leftovers())

    def _informative(self, name: str) -> Entry:
        arrays: dict[str, None] = {}
        ways: dict[str, None] = {}
        blocks = self.weights[name].blocks()
        for index, block in enumerate(blocks):
            if (_constant(block) and block.size > 1) or (block.size == 1 and float(block.flat[0]) in NEUTRAL):
                continue
            if (name, index) in self.summed:
                ways["summed with another"] = None
                continue
            match, way = self._search(name, index, block)
            if match is not None and match.exact:
                self.written.claimed[match.positions] = True
                arrays[self.written.names[match.array]] = None
                ways.update(dict.fromkeys(self._ways(match, block, way)))
                continue
            return self._failure(name, index, len(blocks), block, match)
        if not arrays and not ways:
            return Entry(
                name, "no information", detail=f"all its values are {_value(self.weights[name].values)}"
            )
        return Entry(name, "found", tuple(arrays), ", ".join(ways))

    def _search(self, name: str, index: int, block: Array) -> tuple[Match | None, str]:
        best: Match | None = None
        for precision in ("float32", "float16", "bfloat16"):
            match = place(arithmetic(precision).cast(block).astype(np.float32), self.written)
            if match is not None and match.exact:
                return match, "" if precision == "float32" else f"rounded to {precision}"
            if match is not None and (best is None or match.wrong.sum() < best.wrong.sum()):
                best = match
        for partner in self.weights[name].partners:
            other = self.weights[partner].blocks()[index]
            for total in (block + other, block.astype(np.float32) + other.astype(np.float32)):
                match = place(total.astype(np.float32), self.written)
                if match is not None and match.exact:
                    self.summed.add((partner, index))
                    return match, f"summed with {partner}"
        return best, ""

    def _ways(self, match: Match, block: Array, way: str) -> Iterator[str]:
        if way:
            yield way
        elif block.dtype == np.float64 and self.written.dtypes[match.array] != "float64":
            yield "cast from float64"
        if match.negated:
            yield "negated"
        if any(stride < 0 for stride in match.strides):
            yield "reversed"
        if list(map(abs, match.strides)) != sorted(map(abs, match.strides), reverse=True):
            yield "transposed"

    def _failure(self, name: str, index: int, count: int, block: Array, match: Match | None) -> Entry:
        part = f" in part {index + 1} of {count}" if count > 1 else ""
        shape = "x".join(map(str, self.weights[name].values.shape))
        if match is None:
            return Entry(name, "missing", detail=f"no written array holds its values{part} ({shape})")
        self.written.claimed[match.positions] = True
        squeezed = block.reshape(match.positions.shape)
        at = tuple(int(i) for i in np.argwhere(match.wrong)[0])
        position = int(match.positions[at])
        return Entry(
            name,
            "altered",
            (self.written.names[match.array],),
            detail=f"{int(match.wrong.sum())} of {block.size} values differ{part}; the first is "
            f"{self.written.values[position]!s} but should be {squeezed[at]!s}, element "
            f"{position - int(self.written.starts[match.array])} of the flattened array",
        )

    def _constant_blocks(self, name: str, entry: Entry) -> Entry:
        """Claim blocks of one repeated value; only 0 and 1 may be left out by a writer."""
        for block in self.weights[name].blocks():
            value = float(np.float32(block.flat[0])) if block.size else 0.0
            if not (_constant(block) and (block.size > 1 or value in NEUTRAL)) or value == 0.0:
                continue
            free = self.written.places(magnitudes(np.array([value]))[0])
            home = [self.written.array_of(position) for position in free]
            ways = sorted(
                set(home), key=lambda a: (home.count(a) < block.size, self.written.names[a] != name, a)
            )
            if ways:
                self.written.claimed[free[np.array(home) == ways[0]][: block.size]] = True
                if value not in NEUTRAL:
                    entry = Entry(name, "found", (*entry.arrays, self.written.names[ways[0]]), entry.how)
            elif value not in NEUTRAL:
                return Entry(name, "missing", detail=f"no written array holds its value {value}")
        if entry.status == "no information" and name in self.written.names:
            # Elsewhere nothing could be told, but an array of the same name and size says it is this one.
            part = self.written.part(self.written.names.index(name))
            there = self.written.values[part]
            mine = self.weights[name].values.astype(np.float32).ravel()
            if there.size == mine.size and not np.array_equal(there, mine):
                wrong = int(np.flatnonzero(there != mine)[0])
                self.written.claimed[part] = True
                return Entry(
                    name,
                    "altered",
                    (name,),
                    detail=f"element {wrong} is {there[wrong]} but should be {mine[wrong]}",
                )
        return entry

    def _copies(self, names: list[str]) -> None:
        """A weight that several nodes read may be written several times; copies are claimed too."""
        while any(True for _ in self._leftovers()):
            before = int(self.written.claimed.sum())
            for name in names:
                for block in self.weights[name].blocks():
                    if not _constant(block):
                        match = place(block.astype(np.float32), self.written)
                        if match is not None and match.exact:
                            self.written.claimed[match.positions] = True
            if int(self.written.claimed.sum()) == before:
                return

    def _leftovers(self) -> Iterator[Entry]:
        for index, name in enumerate(self.written.names):
            part = self.written.part(index)
            free = ~self.written.claimed[part]
            if part.stop - part.start == 1 and free.all():
                continue  # a number that belongs to a formula
            strange = np.flatnonzero(
                free & ~np.isin(self.written.values[part], (*NEUTRAL, SATURATED, -SATURATED))
            )
            if strange.size:
                value = self.written.values[part][strange[0]]
                yield Entry(
                    name,
                    "unexplained",
                    detail=f"{strange.size} of its {free.size} values come from no weight; "
                    f"the first is {value}, element {int(strange[0])}",
                )


def _constant(block: Array) -> bool:
    return block.size == 0 or bool((block == block.flat[0]).all())


def _value(array: Array) -> str:
    values = sorted({float(v) for v in np.unique(array)[:3]})
    return " or ".join(f"{v:g}" for v in values) or "none: it is empty"
