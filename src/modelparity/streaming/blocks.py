"""A network with caches of its own, or of one fixed length: run once a block, what it gives is given back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..describe.shapes import free_axes, two_lengths, zeros
from ..engine.arithmetic import Arithmetic
from ..engine.feeds import bound
from ..engine.run import run
from ..errors import InputError, ModelparityError
from ..graph import Array, Graph
from .growing import from_nothing, running


class Blocks:
    """A network in the middle of a sequence. Made by `stream`; not to be shared between threads.

    ``axes`` says along which axis of each output the frames of successive blocks are to be concatenated; ``states``
    {input: output} go from block to block, and start from zeros or from what the first push gives.
    """

    axes: dict[str, int]

    def __init__(
        self, graph: Graph, ar: Arithmetic, axis: str, states: Mapping[str, str], hop: int | None
    ) -> None:
        self.graph, self._ar, self._axis, self.states = graph, ar, axis, dict(states)
        self._places = {
            spec.name: place
            for spec in graph.inputs
            if spec.name not in states
            for place, one in enumerate(spec.axes)
            if one.name == axis
        }
        known = {one.size for spec in graph.inputs for one in spec.axes if one.name == axis}
        self._size = next(iter(known - {None}), None)
        self._hop = self._checked(hop)
        self._least = free_axes(graph).get(axis, 1)
        self.outputs = tuple(name for name in graph.outputs if name not in states.values())
        self._empty = self._told()
        self.graph, self._every = from_nothing(graph, states)
        graph = self.graph
        self._fed = graph.changed(
            inputs=tuple(
                replace(
                    spec,
                    axes=tuple(replace(a, size=None, least=0) if a.name == axis else a for a in spec.axes),
                )
                for spec in graph.inputs
            ),
            states={},
            defaults={**dict.fromkeys(states, 0.0), **graph.defaults},
        )
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next block is the first of a new sequence."""
        self._kept: dict[str, Array] = {}
        self._once: dict[str, Array] | None = None

    def push(self, block: Array | Mapping[str, Array]) -> dict[str, Array]:
        """Take the next frames, any number (an array, or {input: array}), and return {output: array}.

        Inputs without the axis are given with the first block, masks over all that came before with every one; states
        that are left out start from zeros, those that grow from nothing. Frames wait until there are as many as the
        network takes at once. Raises `InputError` for what does not fit.
        """
        feeds = self._taken(block)
        for name, place in self._places.items():
            before = self._kept.get(name)
            self._kept[name] = (
                feeds[name] if before is None else np.concatenate((before, feeds[name]), axis=place)
            )
        made: dict[str, list[Array]] = {name: [] for name in self.outputs}
        while (count := self._ready()) is not None:
            part = {n: np.take(self._kept[n], range(count), place) for n, place in self._places.items()}
            ran = run(self.graph, {**(self._once or {}), **part}, arithmetic=self._ar)
            self._once = {**(self._once or {}), **{name: ran[to] for name, to in self.states.items()}}
            for name in self.outputs:
                made[name].append(ran[name] if name not in self._stacked else ran[name][None])
            drop = self._hop or count
            for name, place in self._places.items():
                have = self._kept[name].shape[place]
                self._kept[name] = np.take(self._kept[name], range(drop, have), place)
        return {
            name: np.concatenate(parts, axis=self.axes[name]) if parts else self._empty[name].copy()
            for name, parts in made.items()
        }

    def _ready(self) -> int | None:
        """How many frames the next run takes; None if there are too few."""
        have = min(self._kept[name].shape[place] for name, place in self._places.items())
        if self._size is not None:
            return self._size if have >= self._size else None
        return have if have >= max(self._least, 1) else None

    def _taken(self, block: Array | Mapping[str, Array]) -> dict[str, Array]:
        if not isinstance(block, Mapping):
            needed = [spec.name for spec in self.graph.inputs if spec.name not in self._fed.defaults]
            if self._once is None or len(self._places) != 1:
                block = {needed[0]: block} if len(needed) == 1 else block
            else:
                block = {next(iter(self._places)): block}
        first = self._once is None
        if isinstance(block, Mapping) and not first:
            if late := [name for name in self._every if name not in block]:
                raise InputError(
                    f"{late[0]!r} is given with every block: it is as long as what came before",
                    where=self.graph.name,
                    found=", ".join(block),
                )
            if more := [name for name in block if name not in self._places and name not in self._every]:
                raise InputError(
                    f"{more[0]!r} is given with the first block",
                    where=self.graph.name,
                    fix="leave it out, it goes on from there; call reset() before a sequence of its own",
                )
            block = {**(self._once or {}), **block}
        feeds = bound(self._fed, block)
        if first or self._every:
            self._once = {name: array for name, array in feeds.items() if name not in self._places}
        return feeds

    def _checked(self, hop: int | None) -> int | None:
        if hop is None:
            return None
        if self._size is None or self.states or not 0 < hop <= self._size:
            raise InputError(
                "a hop is for networks that take one length and keep no states",
                where=self.graph.name,
                found=hop,
                expected=f"from 1 to {self._size}" if self._size and not self.states else None,
                fix="leave hop= out",
            )
        return hop

    def _told(self) -> dict[str, Array]:
        """An empty array of each output; how those of blocks are joined is noted on the way."""
        least = free_axes(self.graph)
        grown: dict[str, list[int]] = {}
        length = self._size
        if length is None:
            try:
                length, few, _, many = two_lengths(self.graph, self._axis)
            except ModelparityError:  # a mask is as long as cache and block are together
                if (found := running(self.graph)) is None:
                    raise
                least, length = found[0], found[0][self._axis]
            else:
                grown = {
                    name: [i for i, (a, b) in enumerate(zip(few[name], many[name], strict=True)) if a != b]
                    for name in self.outputs
                }
            least = {**least, self._axis: length}
        ran = run(self.graph, zeros(self.graph, least), arithmetic=self._ar)
        self.axes, self._stacked = {}, set()
        for name in self.outputs:
            place = self._joined(ran[name], grown.get(name, []), length)
            if place is None:
                self._stacked.add(name)
                ran[name] = ran[name][None]
            self.axes[name] = place or 0
        return {name: np.take(ran[name], range(0), self.axes[name]) for name in self.outputs}

    def _joined(self, array: Array, grown: list[int], length: int) -> int | None:
        """The axis along which blocks' results lie behind each other; None for a new one in front."""
        if len(grown) == 1:
            return grown[0]
        ranks = {
            len(spec.axes): place
            for spec in self.graph.inputs
            for n, place in self._places.items()
            if n == spec.name
        }
        same = [place for place, size in enumerate(array.shape) if size == length]
        if array.ndim in ranks and (len(same) != 1 or ranks[array.ndim] in same):
            return ranks[array.ndim]
        return same[0] if len(same) == 1 else None

    def __repr__(self) -> str:
        return f"<Blocks of {self.graph!r} in {self._ar.name}>"
