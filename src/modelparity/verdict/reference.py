"""One reference on one input: the truth and the floors, each computed once however many candidates come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..engine import run
from ..graph import Array, Graph
from ..signature import bound
from .floor import Floor, measure

if TYPE_CHECKING:
    from ..goldens import Golden


class Reference:
    """A graph and its inputs, with truth (float64 outputs) and floor at any precision on demand.

    ``about`` describes the inputs in reports (recipe, seed, length or file).
    """

    def __init__(
        self, graph: Graph, feeds: Mapping[str, Array] | Array, about: Mapping[str, Any] | None = None
    ) -> None:
        self.graph, self.feeds, self.about = graph, bound(graph, feeds), dict(about or {})
        self._truth: dict[str, Array] | None = None
        self._floors: dict[str, Floor] = {}
        self._kept: dict[str, Mapping[str, Array]] = {}

    @classmethod
    def from_golden(cls, graph: Graph, golden: Golden) -> Reference:
        """The recorded truth and floor instead of a fresh run; the golden must have been verified."""
        reference = cls(graph, golden.inputs, {**golden.provenance, "golden": True})
        reference._truth = dict(golden.outputs)
        reference._floors[golden.floor.precision] = golden.floor
        for precision, half in golden.terms.halves.items() if golden.terms else ():
            own = replace(golden.floor, precision=precision, outputs=half.floor)
            reference._floors[precision] = own
            reference._kept[f"{precision} weights"] = half.weights
        return reference

    @property
    def truth(self) -> dict[str, Array]:
        """{output: array}, computed in float64."""
        if self._truth is None:
            self._truth = run(self.graph, self.feeds)
        return self._truth

    def floor(self, precision: str = "float32") -> Floor:
        """The floor at ``precision``."""
        if precision not in self._floors:
            self._floors[precision] = measure(self.graph, self.feeds, self.truth, precision=precision)
        return self._floors[precision]

    def kept(self, name: str, compute: Callable[[], Mapping[str, Array]]) -> Mapping[str, Array]:
        """What ``compute`` gives, computed once under that name: runs that every candidate is held against."""
        if name not in self._kept:
            self._kept[name] = compute()
        return self._kept[name]
