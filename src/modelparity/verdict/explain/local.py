"""The place looked at again: what of a candidate is nowhere in a reference, and whether a mistake makes it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ...engine.arithmetic import Arithmetic
from ...engine.feeds import bound
from ...engine.limits import limited
from ...engine.operator import Kernel
from ...errors import ModelparityError
from ...graph import Array, Graph
from ..fit import Fit
from ..locate.beside import Beside as Watched
from ..locate.followed import Followed
from ..locate.following import Follower
from ..locate.known import Tensors, telling, tensors
from ..locate.live import Live
from ..locate.model import Located
from ..locate.place import placed
from .order import Possible, changed
from .rerun import Rerun


@dataclass(frozen=True, eq=False)
class Beside:
    """A candidate's graph that can be run beside a reference's on ``feeds``: on what it is ``given``, by a ``fit``.

    ``wrong`` are outputs of the reference that differ, ``precision`` is what the candidate's weights are rounded to.
    """

    candidate: Graph
    feeds: Mapping[str, Array]
    given: Mapping[str, Array]
    fit: Fit
    wrong: Sequence[str]
    precision: str = "float32"

    @cached_property
    def deaf(self) -> bool:
        """Whether its outputs come from zeros alone here, as behind units that are dead: they prove nothing."""
        live = Live(self.candidate, tuple(pair.candidate for pair in self.fit.outputs))
        silent: set[str] = set()

        def listen(at: int, kernel: Kernel, arrays: Sequence[Array | None]) -> Sequence[Array]:
            made = kernel(*arrays)
            results: Sequence[Array] = made if type(made) is tuple else (made,)
            names = zip(live.node(at).outputs, results, strict=False)
            silent.update(name for name, array in names if array.dtype.kind == "f" and not telling(array))
            return results

        ar = Arithmetic("float64")
        try:
            given = bound(self.candidate, self.given)
            Watched(self.candidate, ar, listen)({name: ar.cast(array)[None] for name, array in given.items()})
        except ModelparityError:
            return False
        inputs = {spec.name for spec in self.candidate.inputs}
        heard = live.back(live.outputs, silent | live.fixed)
        return not any(inputs.intersection(live.given(at)) for at in heard)

    def shows(self, reference: Graph, rerun: Rerun, one: Possible, seconds: float) -> bool:
        """Whether the mistake makes what the candidate's node gives that departs first."""
        place = self.place(reference, seconds)
        if place is None:
            return False
        first = [node.outputs for node in self.candidate.nodes if node.name == place.located.candidate]
        odd = {
            name: place.followed.odd[name] for names in first for name in names if name in place.followed.odd
        }
        return bool(replace(place, followed=replace(place.followed, odd=odd)).made(rerun, [one]))

    def place(self, reference: Graph, seconds: float) -> Place | None:
        """Where it departs from ``reference``; None where that does not run, or not in the time."""
        until = time.monotonic() + seconds
        taken = {pair.candidate for pair in self.fit.outputs if pair.reference in self.wrong}
        outputs = tuple(name for name in self.candidate.outputs if name in taken)
        try:
            with limited(seconds=max(seconds, 0.1)):
                known = tensors(reference, bound(reference, self.feeds), tuple(self.wrong), self.precision)
                follower = Follower(known, Live(self.candidate, outputs), until)
                names = {pair.candidate: pair.reference for pair in self.fit.inputs}
                followed = follower.run(bound(self.candidate, self.given), names)
        except (ModelparityError, MemoryError):
            return None
        return Place(reference, known, followed, placed(known, followed, self.fit, self.wrong))


@dataclass(frozen=True, eq=False)
class Place:
    """Where a candidate departs from a reference, with the tensors of both sides."""

    reference: Graph
    known: Tensors
    followed: Followed
    located: Located
    _sizes: dict[int, list[Array]] = field(default_factory=dict)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Names of the reference's nodes that may be at fault, the likeliest first."""
        found = (self.located.reference or "", *self.located.region)
        return tuple(dict.fromkeys(filter(None, found)))

    def made(self, rerun: Rerun, possible: Sequence[Possible]) -> list[Possible]:
        """Those of ``possible`` that make a tensor which the candidate has and the reference has not.

        Each is run no further than the nodes that it changes.
        """
        graphs = [(one, graph) for one in possible if (graph := changed(one.made)) is not None]
        names = [self._results(one) for one, _ in graphs]
        changes = [rerun.change(graph, until=own) for (_, graph), own in zip(graphs, names, strict=True)]
        found = []
        for (one, _), own, arrays in zip(graphs, names, rerun.run(changes), strict=True):
            if arrays is not None and any(map(self._is_odd, own, arrays)):
                found.append(one)
        return found

    def _results(self, one: Possible) -> list[str]:
        """What the nodes that it changes give."""
        nodes = [node for node in self.reference.nodes if node.name in one.made.nodes]
        return [name for node in nodes for name in node.outputs if name in self.known.named]

    def _is_odd(self, name: str, array: Array) -> bool:
        """Whether these values are among the candidate's that are nowhere in the reference."""
        if array.dtype.kind != "f" or name not in self.known.named:
            return False
        if not self._sizes:
            for odd in self.followed.odd.values():
                self._sizes.setdefault(odd.size, []).append(np.asarray(odd, np.float64))
        others = self._sizes.get(array.size, [])
        if not others:
            return False
        alone = Tensors(self.known.live)
        alone.add(name, np.asarray(array, np.float64), self.known.named[name].within)
        return any(next(iter(alone.matches(odd, (name,), orders=True)), None) is not None for odd in others)
