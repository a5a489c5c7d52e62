"""The candidate run node by node beside the reference: what agrees is set to the reference's own values.

So every node is given exactly what the reference has, and what it does with it is its own: errors before it neither
hide it nor are taken for its.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ...engine.arithmetic import Arithmetic
from ...engine.limits import TooMuch
from ...engine.operator import Kernel
from ...engine.program import REFUSALS, Program
from ...graph import Array, Graph, Node
from .known import Known, Match, Tensors, telling
from .live import Live

#: Other tensors that a node is tried on, an input.
TRIES = 6
Arrays = Sequence[Array | None]


@dataclass(frozen=True)
class Blame:
    """A node does the reference's work on what the reference gives it.

    ``instead`` are its inputs that hold something else, each with the reference's tensor that it should be.
    """

    node: int
    instead: tuple[tuple[str, str], ...]

    @property
    def given(self) -> str:
        """The first of these inputs."""
        return self.instead[0][0]

    @property
    def known(self) -> str:
        """What it should be."""
        return self.instead[0][1]


@dataclass
class Followed:
    """What became of the candidate's tensors: those that agree, in ``matched``, and all of them as they were."""

    live: Live
    matched: dict[str, Match] = field(default_factory=dict)
    outputs: dict[str, Array] = field(default_factory=dict)
    blames: list[Blame] = field(default_factory=list)
    ran: set[int] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)  # {whole numbers or truth values: how many}


class _Beside(Program):
    """A program that shows every node's results to ``meet`` and goes on with what comes back."""

    def __init__(self, graph: Graph, meet: Callable[..., Any]) -> None:
        self._meet, self._at = meet, {id(node): at for at, node in enumerate(graph.nodes)}
        super().__init__([graph], Arithmetic("float64"))

    def kernel(self, node: Node, *, in_place: bool = False) -> Kernel:
        return partial(self._met, super().kernel(node), self._at[id(node)])

    def _met(self, kernel: Kernel, at: int, /, *arrays: Array | None) -> Any:
        result = kernel(*arrays)
        several = type(result) is tuple
        results = self._meet(at, kernel, arrays, result if several else (result,))
        return tuple(results) if several else results[0]


class Follower:
    """Follows a candidate's run with the reference's tensors at hand."""

    def __init__(self, reference: Tensors, live: Live, until: float) -> None:
        self.reference, self.done, self.until = reference, Followed(live), until
        #: Tensors of zeros and the like that one of the candidate's stands for already.
        self.taken: set[str] = set()

    def run(self, feeds: Mapping[str, Array], known: Mapping[str, str]) -> Followed:
        """Run it; ``known`` {its input: the reference's}. Raises `GraphError`, and `TooMuch` where time is over."""
        live = self.done.live
        ar = Arithmetic("float64")
        given = {name: ar.cast(a)[None] for name, a in feeds.items()}
        for name, array in given.items():
            if name in known and known[name] in self.reference.named:
                match = self._match(array[0], [known[name]])
                if match is not None:
                    self.done.matched[name] = match
        _Beside(live.graph, self.meet)(given)
        return self.done

    def meet(self, at: int, kernel: Kernel, arrays: Arrays, results: Sequence[Array]) -> list[Array]:
        """The results of a node, those that agree in the reference's own values."""
        live, done = self.done.live, self.done
        names = live.graph.nodes[at].outputs
        done.ran.add(at)
        done.outputs |= {n: a[0] for n, a in zip(names, results, strict=False) if n in live.outputs}
        done.sizes |= {n: a[0].size for n, a in zip(names, results, strict=False) if a[0].dtype.kind in "iub"}
        read = [name for name in names if name in live.tensors and name not in live.fixed]
        if not read:
            return list(results)
        if time.monotonic() > self.until:
            raise TooMuch("comparing node by node takes too long")
        found = self._matched(at, names, results)
        if any(name not in found for name in read):
            healed = self._healed(at, kernel, arrays, names, read)
            if healed is not None:
                results, found = healed
        done.matched |= found
        return [_set(a, found.get(name)) for name, a in zip(names, results, strict=False)]

    def _matched(self, at: int, names: Sequence[str], results: Sequence[Array]) -> dict[str, Match]:
        live = self.done.live
        expected = self._expected(at)
        found = {}
        for name, array in zip(names, results, strict=False):
            if name in live.tensors and array is not None:
                match = self._match(array[0], expected)
                if match is not None:
                    found[name] = match
        return found

    def _expected(self, at: int) -> list[str]:
        """Results of the reference's nodes that read what this node reads, its own operator's first."""
        theirs = self.reference.live
        return [name for reader in self._readers(at) for name in theirs.results(reader)]

    def _readers(self, at: int) -> list[int]:
        """The reference's nodes that read what this node reads, its own operator's first."""
        theirs, node = self.reference.live, self.done.live.graph.nodes[at]
        groups = {m.known.group for name in node.inputs if (m := self.done.matched.get(name))}
        members = [one.name for group in groups for one in self.reference.groups[group]]
        readers = sorted({reader for name in members for reader in theirs.readers.get(name, ())})
        readers.sort(key=lambda reader: theirs.graph.nodes[reader].op != node.op)
        return readers

    def _match(self, array: Array, expected: Sequence[str]) -> Match | None:
        """The tensor of the reference that holds these values; zeros and the like only where they are expected."""
        if array.dtype.kind not in "fiub":
            return None
        wide = np.ascontiguousarray(array, np.float64)
        if telling(wide):
            found = next(self.reference.matches(wide, expected, orders=True), None)
            return self.reference.part(wide, expected) if found is None else found
        plain = self.reference.matches(wide, expected, orders=False)
        found = next((m for m in plain if m.known.name in expected and m.known.name not in self.taken), None)
        if found is not None:
            self.taken.add(found.known.name)
        return found

    def _healed(
        self, at: int, kernel: Kernel, arrays: Arrays, names: Sequence[str], read: Sequence[str]
    ) -> tuple[Sequence[Array], dict[str, Match]] | None:
        """Results that agree where one input is another tensor of the reference than the one that it holds."""
        if any(name not in self.done.matched for name in self.done.live.given(at)):
            return None
        for changes in self._changes(at, arrays):
            changed = [changes[n][0][None] if n in changes else a for n, a in enumerate(arrays)]
            try:
                result = kernel(*changed)
            except REFUSALS:
                continue
            results = result if type(result) is tuple else (result,)
            found = self._matched(at, names, results)
            if all(one in found and found[one].move.whole for one in read):
                own = self.done.live.graph.nodes[at].inputs
                self.done.blames.append(Blame(at, tuple((own[n], name) for n, (_, name) in changes.items())))
                return results, found
        return None

    def _changes(self, at: int, arrays: Arrays) -> Iterator[dict[int, tuple[Array, str]]]:
        """{place of an input: another array, the reference's tensor that it is}: what may have been meant.

        One input at a time, then what the reference's nodes of the same operator read of the same values.
        """
        live, theirs = self.done.live, self.reference.live
        node = live.graph.nodes[at]
        open_ones = {
            place: (match, array)
            for place, (name, array) in enumerate(zip(node.inputs, arrays, strict=False))
            if (match := self.done.matched.get(name)) is not None
            and array is not None
            and array.dtype.kind == "f"
        }
        for place, (match, array) in open_ones.items():
            for other in self._instead(match, array):
                if (shown := _laid(other, array)) is not None:
                    yield {place: (shown, other.name)}
        for reader in self._readers(at):
            other_node = theirs.graph.nodes[reader]
            if other_node.op != node.op or len(open_ones) < 2:
                continue
            changes = {}
            for place, (match, array) in open_ones.items():
                name = other_node.inputs[place] if place < len(other_node.inputs) else ""
                known = self.reference.named.get(name)
                if known is None or known.group != match.known.group or _same(known, array):
                    continue
                if (shown := _laid(known, array)) is not None:
                    changes[place] = (shown, known.name)
            if len(changes) > 1:
                yield changes

    def _instead(self, match: Match, array: Array) -> Iterator[Known]:
        """Tensors of the same values in another order, and what the reference makes of them before it goes on."""
        reference = self.reference
        members = reference.groups[match.known.group]
        others = [*members]
        for one in members:
            for reader in reference.live.readers.get(one.name, ()):
                others += [reference.named[n] for n in reference.live.results(reader) if n in reference.named]
        tried = 0
        for other in dict.fromkeys(one.name for one in others):
            known = reference.named[other]
            if tried < TRIES and not _same(known, array):
                tried += 1
                yield known


def _same(known: Known, array: Array) -> bool:
    """Whether the array holds the reference's values in its order."""
    return known.values.size == array.size and np.array_equal(
        known.values.reshape(-1), array.reshape(-1), equal_nan=True
    )


def _laid(known: Known, array: Array) -> Array | None:
    """The reference's tensor in the shape of the array (with a lane), or in its own with as many axes."""
    if known.values.size == array.size:
        return known.values.reshape(array.shape[1:])
    return known.values if known.values.ndim == array.ndim - 1 else None


def _set(array: Array, match: Match | None) -> Array:
    """The result in the reference's own values where it agrees; whole numbers are what they are."""
    if match is None or array.dtype.kind != "f":
        return array
    result: Array = match.move.view(match.known.values).reshape(array.shape).astype(array.dtype, copy=False)
    return result
