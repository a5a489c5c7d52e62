"""How far a candidate is from a changed reference, in floors, and when that proves a mistake."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import ModelparityError
from ...graph import Array, Graph
from ..bands import BANDS, LIMIT
from ..compare import compare
from ..judging import judge
from ..reference import Reference

#: A mistake must take away so much of a difference: one of 1.2 floors comes to 0.9 by chance.
LESS = 3.0
#: Where that much of it goes, the changed reference is asked for its own floors, and whether half precision is left.
MUCH = 30.0
#: What serves for a floor where there is none, as a share of the largest value, and for nothing but zeros.
NEAR, TINY = 1e-6, 1e-30
#: So many floors are far, where the difference is in shape and has no number.
FAR = 1e3
#: Elements that are looked at before all of them are.
SAMPLE = 64


@dataclass(frozen=True, eq=False)
class Observed:
    """A reference on an input, and what a candidate gave there: {the reference's output: array in its layout}."""

    reference: Reference
    outputs: Mapping[str, Array]
    held: str | None = None

    @property
    def before(self) -> float:
        """How far the candidate is from the reference as it is, in floors."""
        return self.floors([self.reference.truth[name] for name in self.reference.graph.outputs])

    def floors(self, results: Sequence[Array]) -> float:
        """How far the candidate is from these ``results``, in the order of the graph's outputs, in floors.

        Infinite where shapes are not those of the reference, and where the candidate gave no finite number: any other
        network without one would explain that.
        """
        floors, worst = self.reference.floor().outputs, 0.0
        for name, got, truth in self._pairs(results):
            if got.shape != truth.shape or floors[name].shape != truth.shape:
                return math.inf
            if got.dtype.kind == "f" and got.size and not np.isfinite(got).any():
                return math.inf
            worst = max(worst, compare(name, got, truth, floors[name], dtypes=(str(got.dtype),)).floors)
        return worst

    def sampled(self, results: Sequence[Array]) -> float:
        """As `floors`, of a few elements only; infinite where shapes are not the candidate's."""
        floors, worst = self.reference.floor().outputs, 0.0
        for name, got, truth in self._pairs(results):
            if got.shape != truth.shape:
                return math.inf
            if truth.dtype.kind != "f" or not truth.size:
                continue
            floor = floors[name]
            if floor.shape != truth.shape:  # there is none of it: a share of the largest value serves here
                floor = np.full(truth.shape, NEAR * np.max(np.abs(truth), initial=0.0) + TINY)
            at = np.linspace(0, truth.size - 1, min(SAMPLE, truth.size)).astype(np.intp)
            with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
                off = np.abs(got.flat[at].astype(np.float64) - truth.flat[at]) / floor.flat[at]
            worst = max(worst, float(np.max(off, initial=0.0, where=np.isfinite(off))))
        return worst

    def proven(self, graph: Graph, results: Sequence[Array], before: float) -> tuple[float, str] | None:
        """(what is left, in floors; the half precision that explains it, if it takes one), or None if too much is.

        Where most of the difference goes, but not all, the changed network may amplify rounding more than the one
        that it was made of, or the candidate may besides be in half precision: it is judged like any other.
        """
        most = max(LIMIT, before / MUCH) if math.isfinite(before) else FAR
        if self.sampled(results) > most:
            return None
        after = self.floors(results)
        if after <= LIMIT:
            return (after, "") if after * LESS <= before else None
        floors = self.reference.floor().outputs
        reshaped = any(floors[name].shape != truth.shape for name, _, truth in self._pairs(results))
        if not reshaped and (math.isinf(after) or after * MUCH > before):
            return None
        try:
            verdict = judge(
                Reference(graph, self.reference.feeds, self.reference.about),
                dict(self.outputs),
                candidate="",
                runtime="",
                held=self.held,
                ignored=[name for name in graph.outputs if name not in self.outputs],
            )
        except ModelparityError:
            return None
        if verdict.band == BANDS[-1]:
            return None
        return verdict.floors, verdict.explained_by or ""

    def _pairs(self, results: Sequence[Array]) -> Iterator[tuple[str, Array, Array]]:
        """(output, what the candidate gave, what it should be) of those that are compared."""
        for name, truth in zip(self.reference.graph.outputs, results, strict=True):
            if name in self.outputs:
                yield name, np.asarray(self.outputs[name]), truth
