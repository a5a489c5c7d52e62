"""The candidate run node by node beside the reference: what agrees is set to the reference's own values.

So every node is given exactly what the reference has, and what it does with it is its own: errors before it neither
hide it nor are taken for its.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial

import numpy as np

from ...engine.arithmetic import Arithmetic
from ...engine.limits import TooMuch
from ...engine.operator import Kernel
from ...engine.program import REFUSALS
from ...errors import GraphError
from ...graph import Array
from .beside import Beside
from .followed import Followed
from .healing import Arrays, Step, healed, laid, resumed
from .known import Match, Tensors, telling
from .live import Live


class Follower:
    """Follows a candidate's run with the reference's tensors at hand."""

    def __init__(self, reference: Tensors, live: Live, until: float, resume: Collection[int] = ()) -> None:
        self.reference, self.done, self.until = reference, Followed(live), until
        #: Nodes that lead from what departs to an output: behind what departs, the run goes on with these.
        self.resume = frozenset(resume)
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
        try:
            Beside(live.graph, ar, self.meet)(given)
        except TooMuch:
            raise
        except GraphError as error:  # with values of the reference it goes another way than without
            self.done.stopped = error.what
        return self.done

    def meet(self, at: int, kernel: Kernel, arrays: Arrays) -> Sequence[Array]:
        """The results of a node, those that agree in the reference's own values."""
        live, done = self.done.live, self.done
        node = live.graph.nodes[at]
        names, read = node.outputs, [n for n in live.results(at) if n not in live.fixed]
        arrays = [self._instead(name, a) for name, a in zip(node.inputs, arrays, strict=True)]
        step = Step(at, node, kernel, arrays, read, self._readers(at), partial(self._matched, at, names))
        try:
            result = kernel(*arrays)
        except REFUSALS:
            if at not in self.resume or (found := resumed(self.reference, done, step)) is None:
                raise
            results, matched = found
        else:
            results = result if type(result) is tuple else (result,)
            done.outputs |= {n: a[0] for n, a in zip(names, results, strict=False) if n in live.outputs}
            done.sizes |= {
                n: a[0].size for n, a in zip(names, results, strict=False) if a[0].dtype.kind in "iub"
            }
            matched = step.matched(results) if read else {}
            if time.monotonic() > self.until:
                raise TooMuch("comparing node by node takes too long")
            if any(name not in matched for name in read):
                odd = {
                    n: a[0] for n, a in zip(names, results, strict=False) if n in read and n not in matched
                }
                done.odd |= {name: array for name, array in odd.items() if array.dtype.kind == "f"}
                found = healed(self.reference, done, step)
                if found is None and at in self.resume:
                    found = resumed(self.reference, done, step)
                results, matched = (results, matched) if found is None else found
        done.ran.add(at)
        done.matched |= matched
        return [_set(a, matched.get(name)) for name, a in zip(names, results, strict=False)]

    def _instead(self, name: str, array: Array | None) -> Array | None:
        """What a tensor should be, where that is known and has its shape."""
        known = self.done.instead.get(name)
        shown = None if known is None or array is None else laid(known, array)
        return array if shown is None else shown[None]

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


def _set(array: Array, match: Match | None) -> Array:
    """The result in the reference's own values where it agrees; whole numbers are what they are."""
    if match is None or array.dtype.kind != "f":
        return array
    result: Array = match.move.view(match.known.values).reshape(array.shape).astype(array.dtype, copy=False)
    return result
