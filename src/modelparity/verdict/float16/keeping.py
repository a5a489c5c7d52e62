"""The fewest nodes that must stay in float32: those around what float16 does not hold first, then by bisection."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...engine.run import run
from ...errors import GraphError
from ...graph import Array, Graph
from ..bands import BANDS
from ..bisection import culprits
from ..compare import compare
from ..reference import Reference
from .headroom import flushed, overflowing
from .mixed import mixed
from .model import LARGEST


class TimeIsUp(Exception):
    """Raised by a run that would begin after its time."""


@dataclass(eq=False)
class Trial:
    """A reference whose nodes run in float16 but for some, judged at the floor of float16; ``until`` when."""

    reference: Reference
    until: float
    runs: int = field(default=0, init=False)

    @cached_property
    def truth(self) -> dict[str, Array]:
        """Every tensor in float64, inputs and constants too."""
        graph, feeds = self.reference.graph, self.reference.feeds
        return {**graph.constants, **feeds, **run(graph, feeds, taps=True)}

    @cached_property
    def floats(self) -> frozenset[str]:
        """Names of tensors of floats."""
        return frozenset(name for name, array in self.truth.items() if array.dtype.kind == "f")

    @cached_property
    def computing(self) -> tuple[int, ...]:
        """Places of nodes that give floats."""
        return tuple(
            place
            for place, node in enumerate(self.reference.graph.nodes)
            if any(name in self.floats for name in node.outputs)
        )

    @cached_property
    def half(self) -> dict[str, Array]:
        """Every tensor with everything in float16."""
        graph = mixed(self.reference.graph, (), self.floats)
        return run(graph, self.reference.feeds, arithmetic="declared", taps=True)

    def floors(self, outputs: Mapping[str, Array]) -> float:
        """How far outputs are off, in floors of float16; infinite where shapes or finite values disagree."""
        allowed = self.reference.floor("float16").outputs
        found = [
            compare(name, array, truth, allowed[name], dtypes=(str(array.dtype),))
            for (name, truth), array in zip(self.reference.truth.items(), outputs.values(), strict=True)
        ]
        worst = [one.floors if one.band == BANDS[-1] or one.floors <= 1 else 1.0 for one in found]
        return max(worst, default=0.0)

    def keeping(self, kept: Collection[int]) -> float:
        """How far it is off with those places in float32."""
        return self._ran(mixed(self.reference.graph, frozenset(kept), self.floats), "declared")

    def without_small(self, places: Sequence[int]) -> bool:
        """Whether it agrees with values below 2^-14 made 0 in the results of these nodes."""
        return self._ran(flushed(self.reference.graph, frozenset(places)), "float64") <= 1

    def _ran(self, graph: Graph, arithmetic: str) -> float:
        if self.runs and time.monotonic() > self.until:
            raise TimeIsUp
        self.runs += 1
        try:
            outputs = run(graph, self.reference.feeds, arithmetic=arithmetic)
        except GraphError:  # as where sizes are computed from numbers that are not finite
            return math.inf
        return self.floors({name: outputs[name] for name in graph.outputs})

    def near_the_edge(self) -> list[int]:
        """Nodes that read or give what float16 does not hold, or whose inside it does not."""
        beyond = {
            name
            for name in self.floats
            if (np.abs(self.truth[name][np.isfinite(self.truth[name])]) > LARGEST).any()
        }
        own = set(overflowing(self.reference.graph, self.truth, self.half))
        return [
            place
            for place in self.computing
            if place in own
            or beyond
            & {*self.reference.graph.nodes[place].inputs, *self.reference.graph.nodes[place].outputs}
        ]

    def fewest(self) -> tuple[int, ...]:
        """The fewest places to keep in float32; () if none helps. Raises `TimeIsUp`."""

        def right(kept: Sequence[int]) -> bool:
            return self.keeping(kept) <= 1

        near = self.near_the_edge()
        return culprits(near, right) or culprits(self.computing, right)
