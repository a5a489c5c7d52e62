"""`golden` records what a network computes; `Golden` is that record, to be kept, read, verified and judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar, overload, runtime_checkable

import numpy as np

from ..engine.feeds import bound, expect_graph
from ..engine.run import run
from ..errors import GoldenError, InputError
from ..files import replace_file
from ..graph import Array, Graph
from ..inputs import length_of, make
from ..verdict.floor import measure
from ..verdict.reference import Reference
from .notebook import as_html
from .provenance import SPEC, provenance, weight_digests
from .record import Record
from .reference import reference_from
from .rerun import compare_again
from .safetensors_file import decode, encode, read
from .terms import terms_of


class Golden(Record):
    """Inputs and reference outputs of one network on one input, with floor and provenance; see `Record`."""

    def save(self, path: str | Path) -> Path:
        """Write the golden as safetensors, whole or not at all; the same golden gives the same bytes."""
        return replace_file(Path(path), encode(self), GoldenError)

    @classmethod
    def load(cls, path: str | Path, graph: Graph | None = None) -> Self:
        """Read and verify a golden; with ``graph`` also that it still belongs to that model.

        With ``graph``, a floor that was measured by another method than today's is measured anew; inputs and outputs
        stay as they were recorded. Raises `GoldenError` for a file that is absent, damaged anywhere or of an unknown
        version, and for one whose model or engine has changed, saying which of structure, weights and engine.
        """
        golden = cls.of(read(Path(path)))
        if graph is None:
            return golden
        golden.expect_fresh(graph, where=path)
        return golden.with_floor(graph)

    @classmethod
    def decoded(cls, data: bytes, *, where: object = "golden") -> Self:
        """The golden that the bytes of a file hold. Raises `GoldenError` naming the place."""
        return cls.of(decode(data, where=where))

    @classmethod
    def of(cls, record: Record) -> Self:
        """The record, with all that a golden can do."""
        return cls(**{field.name: getattr(record, field.name) for field in fields(Record)})

    def with_floor(self, graph: Graph) -> Self:
        """This golden with a floor of today's method: itself, unless its own was measured by another.

        Inputs and outputs stay as they were recorded. Raises `GoldenError` if ``graph`` is not what was recorded.
        """
        if self.floor.current:
            return self
        reference = self.reference(graph)
        return replace(
            self,
            floor=reference.floor(self.floor.precision),
            provenance={**self.provenance, "spec": SPEC},
            terms=self.terms and terms_of(reference),
        )

    def with_terms(self, graph: Graph) -> Self:
        """This golden, fit to be judged by where ``graph`` is not: on a phone, say. Runs it at half precisions.

        Raises `GoldenError` if ``graph`` is not what was recorded.
        """
        plain = replace(self, terms=None).with_floor(graph)
        return replace(plain, terms=terms_of(plain.reference(graph)))

    def reference(self, graph: Graph) -> Reference:
        """``graph`` with the recorded truth and floor, for `check` to judge by.

        Raises `GoldenError` if ``graph`` is not what was recorded.
        """
        self.expect_fresh(graph)
        return reference_from(graph, self)

    def verify(self, graph: Graph) -> None:
        """Run ``graph`` again and compare it with the record, as closely as float64 allows.

        An element may depart by 16 times its floor scaled down to float64, or by 16 units in the last place:
        room for another order of summation, none for another computation. Raises `GoldenError` naming the
        worst element.
        """
        self.expect_fresh(graph)
        compare_again(self, run(graph, self.inputs))

    def _repr_html_(self) -> str:
        return as_html(self)


G_co = TypeVar("G_co", covariant=True)


@runtime_checkable
class Recordable(Protocol[G_co]):
    """What records itself, such as a pipeline: `golden` asks it."""

    def golden(self, *, until: str | None = None, halves: bool = False, **given: Any) -> G_co:
        """Its record on what was ``given``."""
        ...


@overload
def golden(
    graph: Graph,
    *,
    recipe: str = "noise",
    seed: int = 0,
    length: int | None = None,
    inputs: Mapping[str, Array] | Array | None = None,
) -> Golden: ...
@overload
def golden(graph: Recordable[G_co], **given: Any) -> G_co: ...
def golden(
    graph: Graph | Recordable[Any],
    *,
    recipe: str = "noise",
    seed: int = 0,
    length: int | None = None,
    inputs: Mapping[str, Array] | Array | None = None,
    **given: Any,
) -> Any:
    """Record what ``graph`` computes: its float64 outputs and their float32 floor on a recipe's inputs.

    Args:
        graph: the network; or a pipeline, which records every stage of what it is ``given``.
        recipe: a named input, see `modelparity.inputs`.
        seed: the recipe's seed.
        length: its number of frames, along the variable axis that counts as time; by default the recipe's own.
        inputs: an array, or {input name: array}, in place of the recipe.
        **given: of a pipeline: what its first stages take (``audio=x, rate=44100``), and ``until=``, ``halves=`` as
            `Pipeline.golden` has them.

    Returns:
        The record, to be kept with `Golden.save`; of a pipeline its `PipelineGolden`.

    Raises:
        InputError: arguments that do not fit the graph, or the pipeline.
    """
    if isinstance(graph, Recordable):
        if (recipe, seed, length) != ("noise", 0, None) or inputs is not None:
            raise InputError(
                "a pipeline has no recipes: it is given what its first stages take",
                where="mp.golden",
                fix="mp.golden(pipeline, audio=..., rate=...)",
            )
        return graph.golden(**given)
    if given:
        raise InputError(
            f"a network is not given {next(iter(given))!r}",
            where="mp.golden",
            expected="recipe, seed, length, inputs",
            fix="give arrays as inputs={name: array}",
        )
    return _of_network(graph, recipe, seed, length, inputs)


def _of_network(
    graph: Graph, recipe: str, seed: int, length: int | None, inputs: Mapping[str, Array] | Array | None
) -> Golden:
    expect_graph(graph)
    if inputs is None:
        feeds = make(graph, recipe, seed=seed, length=length)
        record = provenance(graph, recipe, seed, length_of(graph, recipe, length))
    else:
        feeds = {name: np.array(array) for name, array in bound(graph, inputs).items()}
        record = provenance(graph, None, None, None)
    truth = run(graph, feeds)
    return Golden(feeds, truth, measure(graph, feeds, truth), record, weight_digests(graph))
