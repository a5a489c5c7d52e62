"""A record of what a network computes: plain data, with no word of files, notebooks or judging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from ..errors import GoldenError
from ..graph import Array, Graph
from ..verdict.floor import Floor
from .provenance import changes
from .terms import Terms


@dataclass(frozen=True, eq=False)
class Record:
    """Inputs and reference outputs of one network on one input, with floor and provenance.

    ``inputs`` {name: array as declared}; ``outputs`` {name: float64 array}; ``floor`` a `Floor` whose arrays
    have the outputs' shapes; ``provenance`` plain values, see `goldens.provenance.FIELDS`; ``weights``
    {constant: start of its SHA-256}, which tells what has changed when the model has; ``terms`` what a judge
    without the network must know besides, see `Golden.with_terms`. Arrays are read-only.
    """

    inputs: Mapping[str, Array]
    outputs: Mapping[str, Array]
    floor: Floor
    provenance: Mapping[str, Any]
    weights: Mapping[str, str]
    terms: Terms | None = None

    def __post_init__(self) -> None:
        for field in ("inputs", "outputs"):
            object.__setattr__(self, field, MappingProxyType(_frozen(getattr(self, field))))
        for field in ("provenance", "weights"):
            object.__setattr__(self, field, MappingProxyType(dict(getattr(self, field))))
        floors = MappingProxyType(_frozen(self.floor.outputs))
        object.__setattr__(self, "floor", replace(self.floor, outputs=floors))

    def expect_fresh(self, graph: Graph, *, where: object = None) -> None:
        """Raise `GoldenError` saying what has changed, if ``graph`` is not what was recorded."""
        if found := changes(self.provenance, self.weights, graph):
            raise GoldenError(
                f"the golden is stale: {graph.name!r} has changed since",
                where=where,
                found="; ".join(found),
                fix="if the change is wanted, record it anew with --parity-update or modelparity golden --update",
            )

    def __repr__(self) -> str:
        about = self.provenance
        recipe = "given inputs" if about["recipe"] is None else f"{about['recipe']} seed {about['seed']}"
        taken, given = (
            ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            for arrays in (self.inputs, self.outputs)
        )
        floor = max((float(np.max(a, initial=0.0)) for a in self.floor.outputs.values()), default=0.0)
        return (
            f"<Golden {about['model']}, {recipe}: {taken} -> {given}; "
            f"floor {floor:.2g} at {self.floor.precision}, {self.floor.conditioning}-conditioned>"
        )


def _frozen(arrays: Mapping[str, Array]) -> dict[str, Array]:
    result = {}
    for name, array in arrays.items():
        array = np.asarray(array)  # numpy turns arrays without axes into scalars
        # A copy if the array is a view of something larger: a golden owns what it shows.
        result[name] = view = (array if array.base is None else array.copy()).view()
        view.flags.writeable = False
    return result
