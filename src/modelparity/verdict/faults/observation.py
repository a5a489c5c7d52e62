"""What a candidate has at a tensor of the reference, and the faults whose numbers are fitted to it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...graph import Array, Graph
from .fault import Application, Fault

#: The share of a difference (of its squares) that a fit takes away, for it to be worth a trial.
SHARE = 0.99


@dataclass(frozen=True, eq=False)
class Observation:
    """Of one run: what ``tensor`` of the reference's graph holds (``wanted``) and what the candidate has got there,
    in the reference's order of axes. ``others`` are further tensors of the reference in the same run.
    """

    tensor: str
    wanted: Array
    got: Array
    others: Mapping[str, Array] = field(default_factory=dict)

    @property
    def alike(self) -> bool:
        """Whether both are numbers of one shape that differ."""
        return (
            self.wanted.shape == self.got.shape and self.finite and not np.array_equal(self.wanted, self.got)
        )

    @property
    def finite(self) -> bool:
        """Whether both hold finite numbers, and some."""
        kinds = {self.wanted.dtype.kind, self.got.dtype.kind}
        return kinds <= set("fiub") and bool(
            self.wanted.size and np.isfinite(self.wanted).all() and np.isfinite(self.got).all()
        )

    def explains(self, made: Array) -> bool:
        """Whether ``made`` of ``wanted`` comes to what was got, but for a small share of the difference."""
        if made.shape != self.got.shape:
            return False
        got = self.got.astype(np.float64)
        if self.wanted.shape == got.shape:
            whole = float(np.square(got - self.wanted).sum())
        else:
            whole = float(np.square(got).sum())
        left = float(np.square(got - made).sum())
        return left <= (1 - SHARE) * whole and whole > 0


class FittedFault(Fault):
    """A mistake whose numbers are in no list: they are taken from what a candidate has at a node.

    It must hold on another input too: the application has its numbers and is made to any run.
    """

    def applications(self, graph: Graph) -> Iterator[Application]:
        """None: without an observation there are no numbers."""
        return iter(())

    @abstractmethod
    def fits(self, graph: Graph, seen: Observation) -> Iterator[Application]:
        """What it takes, at this tensor of ``graph``, to come near what was got; nothing where no numbers do."""
