"""`golden` makes a record of what a network computes; `Golden` is that record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.feeds import bound, expect_graph
from ..engine.run import run
from ..errors import GoldenError
from ..files import replace_file
from ..graph import Array, Graph
from ..inputs import length_of, make
from .provenance import changes, provenance, weight_digests

if TYPE_CHECKING:
    from ..verdict.floor import Floor
    from .terms import Terms


@dataclass(frozen=True, eq=False)
class Golden:
    """Inputs and reference outputs of one network on one input, with floor and provenance.

    ``inputs`` {name: array as declared}; ``outputs`` {name: float64 array}; ``floor`` a `Floor` whose arrays
    have the outputs' shapes; ``provenance`` plain values, see `goldens.provenance.FIELDS`; ``weights``
    {constant: start of its SHA-256}, which tells what has changed when the model has; ``terms`` what a judge
    without the network must know besides, see `with_terms`. Arrays are read-only.
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

    def save(self, path: str | Path) -> Path:
        """Write the golden as safetensors, whole or not at all; the same golden gives the same bytes."""
        from .file import encode

        return replace_file(Path(path), encode(self), GoldenError)

    @classmethod
    def load(cls, path: str | Path, graph: Graph | None = None) -> Golden:
        """Read and verify a golden; with ``graph`` also that it still belongs to that model.

        Raises `GoldenError` for a file that is absent, damaged anywhere or of another version, and for one
        whose model or engine has changed, saying which of structure, weights and engine.
        """
        from .file import read

        golden = read(Path(path))
        if graph is not None:
            golden.expect_fresh(graph, where=path)
        return golden

    def expect_fresh(self, graph: Graph, *, where: object = None) -> None:
        """Raise `GoldenError` saying what has changed, if ``graph`` is not what was recorded."""
        if found := changes(self.provenance, self.weights, graph):
            raise GoldenError(
                f"the golden is stale: {graph.name!r} has changed since",
                where=where,
                found="; ".join(found),
                fix="if the change is wanted, record it anew with --parity-update or modelparity golden --update",
            )

    def with_terms(self, graph: Graph) -> Golden:
        """This golden, fit to be judged by where ``graph`` is not: on a phone, say. Runs it at half precisions.

        Raises `GoldenError` if ``graph`` is not what was recorded.
        """
        from ..verdict.reference import Reference
        from .terms import terms_of

        self.expect_fresh(graph)
        return replace(self, terms=terms_of(Reference.from_golden(graph, replace(self, terms=None))))

    def verify(self, graph: Graph) -> None:
        """Run ``graph`` again and hold it against the record, as closely as float64 allows.

        An element may depart by 16 times its floor scaled down to float64, or by 16 units in the last place:
        room for another order of summation, none for another computation. Raises `GoldenError` naming the
        worst element.
        """
        from .rerun import compare_again

        self.expect_fresh(graph)
        compare_again(self, run(graph, self.inputs))

    def __repr__(self) -> str:
        about = self.provenance
        recipe = "given inputs" if about["recipe"] is None else f"{about['recipe']} seed {about['seed']}"
        ends = [
            ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            for arrays in (self.inputs, self.outputs)
        ]
        floor = max((float(np.max(a, initial=0.0)) for a in self.floor.outputs.values()), default=0.0)
        return (
            f"<Golden {about['model']}, {recipe}: {ends[0]} -> {ends[1]}; "
            f"floor {floor:.2g} at {self.floor.precision}, {self.floor.conditioning}-conditioned>"
        )

    def _repr_html_(self) -> str:
        from .notebook import as_html

        return as_html(self)


def golden(
    graph: Graph,
    *,
    recipe: str = "noise",
    seed: int = 0,
    length: int | None = None,
    inputs: Mapping[str, Array] | Array | None = None,
) -> Golden:
    """Record what ``graph`` computes: its float64 outputs and their float32 floor on a recipe's inputs.

    ``inputs`` (an array, or {input name: array}) stand in for the recipe where they are given. See
    `modelparity.inputs` for recipes, seed and length. Raises `InputError` for arguments that do not fit.
    """
    from ..verdict.floor import measure

    expect_graph(graph)
    if inputs is None:
        feeds = make(graph, recipe, seed=seed, length=length)
        record = provenance(graph, recipe, seed, length_of(graph, recipe, length))
    else:
        feeds = {name: np.array(array) for name, array in bound(graph, inputs).items()}
        record = provenance(graph, None, None, None)
    truth = run(graph, feeds)
    floor = measure(graph, feeds, truth)
    return Golden(feeds, truth, floor, record, weight_digests(graph))


def _frozen(arrays: Mapping[str, Array]) -> dict[str, Array]:
    result = {}
    for name, array in arrays.items():
        array = np.asarray(array)  # numpy turns arrays without axes into scalars
        # A copy if the array is a view of something larger: a golden owns what it shows.
        result[name] = view = (array if array.base is None else array.copy()).view()
        view.flags.writeable = False
    return result
