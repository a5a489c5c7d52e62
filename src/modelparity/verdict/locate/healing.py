"""What if a node were given what the reference gives it: a node whose result is nowhere is tried on other inputs.

Where its result then agrees, it is not the node that departs, but what its input comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...engine.operator import Kernel, find
from ...engine.program import REFUSALS
from ...graph import Array, Node
from .followed import Blame, Followed
from .known import Known, Match, Tensors

#: Other tensors that a node is tried on, an input; nodes of the reference with which what departed is gone on from.
TRIES, AHEAD = 6, 4
Arrays = Sequence[Array | None]
#: {place of an input: another array, the reference's tensor that it is}
Changes = Mapping[int, tuple[Array, Known]]
#: Results of a node, and the reference's tensors that they are.
Healed = tuple[Sequence[Array], dict[str, Match]]


@dataclass(frozen=True, eq=False)
class Step:
    """A node at hand: its kernel and arrays, the results that somebody reads, and the reference's nodes beside it.

    ``readers`` are those that read what this node reads; ``matched`` finds the tensors that results are.
    """

    at: int
    node: Node
    kernel: Kernel
    arrays: Arrays
    read: Sequence[str]
    readers: Sequence[int]
    matched: Callable[[Sequence[Array]], dict[str, Match]]

    def tried(self, changes: Changes) -> Healed | None:
        """The results with other inputs, if all that are read agree."""
        changed = [changes[n][0][None] if n in changes else a for n, a in enumerate(self.arrays)]
        try:
            result = self.kernel(*changed)
        except REFUSALS:
            return None
        results = result if type(result) is tuple else (result,)
        found = self.matched(results)
        return (results, found) if all(one in found and found[one].move.whole for one in self.read) else None


def healed(reference: Tensors, done: Followed, step: Step) -> Healed | None:
    """Results that agree where inputs of the node are other tensors of the reference than those that they hold."""
    if not all(map(done.agrees, done.live.given(step.at))):
        return None
    for changes in _changes(reference, done, step):
        if (found := step.tried(changes)) is not None:
            pairs = tuple((step.node.inputs[n], known.name) for n, (_, known) in changes.items())
            done.blames.append(Blame(step.at, pairs))
            return found
    return None


def resumed(reference: Tensors, done: Followed, step: Step) -> Healed | None:
    """Results that agree where inputs that are nowhere are what a node of the reference reads that is still to come.

    What these inputs should have been is then known, and the run goes on behind them.
    """
    if find(step.node.op).facts.moves:  # it would hand on whatever it got
        return None
    missing = [
        place
        for place, name in enumerate(step.node.inputs)
        if name in done.live.made and name not in done.live.fixed and not done.agrees(name)
    ]
    if not missing or any(step.arrays[place] is None for place in missing):
        return None
    for changes in _ahead(reference, done, step, missing):
        if (found := step.tried(changes)) is not None:
            done.instead |= {step.node.inputs[place]: known for place, (_, known) in changes.items()}
            return found
    return None


def _ahead(reference: Tensors, done: Followed, step: Step, missing: Sequence[int]) -> Iterator[Changes]:
    """What the reference's next nodes of the same operator read whose results are not there yet."""
    live, tried = reference.live, 0
    present = {match.known.group for match in done.matched.values()}
    plain = find(step.node.op).facts.elementwise
    for at in live.nodes:
        other = live.node(at)
        results = [reference.named[n] for n in live.results(at) if n in reference.named]
        if other.op != step.node.op or not results or any(one.group in present for one in results):
            continue
        changes: dict[int, tuple[Array, Known]] = {}
        for place, (name, array) in enumerate(zip(step.node.inputs, step.arrays, strict=False)):
            known = reference.named.get(other.inputs[place]) if place < len(other.inputs) else None
            match = done.matched.get(name)
            if match is not None and known is not None and known.group != match.known.group:
                break
            if place not in missing:
                continue
            shown = None if known is None or array is None else laid(known, array)
            if known is None or array is None or shown is None or (plain and known.values.size != array.size):
                break
            changes[place] = (shown, known)
        else:
            if tried >= AHEAD:
                return
            tried += 1
            yield changes


def _changes(reference: Tensors, done: Followed, step: Step) -> Iterator[Changes]:
    """One input at a time, then what the reference's nodes of the same operator read of the same values."""
    open_ones = {
        place: (match, array)
        for place, (name, array) in enumerate(zip(step.node.inputs, step.arrays, strict=False))
        if (match := done.matched.get(name)) is not None and array is not None and array.dtype.kind == "f"
    }
    for place, (match, array) in open_ones.items():
        for other in _instead(reference, match, array):
            if (shown := laid(other, array)) is not None:
                yield {place: (shown, other)}
    for reader in step.readers:
        other_node = reference.live.node(reader)
        if other_node.op != step.node.op or len(open_ones) < 2:
            continue
        changes = {}
        for place, (match, array) in open_ones.items():
            name = other_node.inputs[place] if place < len(other_node.inputs) else ""
            known = reference.named.get(name)
            if known is None or known.group != match.known.group or _same(known, array):
                continue
            if (shown := laid(known, array)) is not None:
                changes[place] = (shown, known)
        if len(changes) > 1:
            yield changes


def _instead(reference: Tensors, match: Match, array: Array) -> Iterator[Known]:
    """Tensors of the same values in another order, and what the reference makes of them before it goes on."""
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


def laid(known: Known, array: Array) -> Array | None:
    """The reference's tensor in the shape of the array (with a lane), or in its own with as many axes."""
    if known.values.size == array.size:
        return known.values.reshape(array.shape[1:])
    return known.values if known.values.ndim == array.ndim - 1 else None
