"""One table of a ``parity.toml``: a reference, its candidates, and the inputs that both are run on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import InputError, near
from ..graph import Graph, TensorSpec
from ..verdict.question import Question
from .candidate_options import NOTHING, CandidateOptions
from .subject import USUAL, Given, Variant


@dataclass(frozen=True)
class Size:
    """What stands for one axis of an input: a number, a name, or both (``time=16``); ``None`` says nothing."""

    name: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Declared:
    """An input as the table declares it; ``below`` is what its whole numbers stay below."""

    shape: tuple[Size, ...] | None = None
    below: int | None = None


@dataclass(frozen=True)
class Entry(Given):
    """The table, as a subject of the suite. Hashable, for what belongs to it is kept."""

    key: str
    where: str
    reference: Path
    files: tuple[tuple[str, Path], ...]
    recipes: tuple[str, ...]
    inputs: tuple[tuple[str, Declared], ...] = ()
    variants: tuple[Variant, ...] = (USUAL,)
    all_said: CandidateOptions = NOTHING
    own_said: tuple[tuple[str, CandidateOptions], ...] = ()
    seed: int = 0
    #: Whether nobody chose the recipes.
    usual: bool = False

    def question(
        self, graph: Graph, recipe: str | None, variant: Variant, said: CandidateOptions
    ) -> Question:
        """As the table asks it. Raises `InputError` where the table and the reference disagree."""
        known = {spec.name: spec for spec in graph.inputs}
        sizes: dict[str, int] = {}
        below = {}
        for name, declared in self.inputs:
            if name not in known:
                raise InputError(
                    f"the reference has no input {name!r}",
                    where=f"{self.where}, inputs",
                    expected=near(name, known),
                )
            if declared.below is not None:
                below[name] = declared.below
            if declared.shape is not None:
                self._sized(known[name], declared.shape, dict(variant.sizes), sizes)
        asked = super().question(graph, recipe, variant, said)
        for kind, declared_so, own in (("size", sizes, asked.sizes), ("below", below, asked.below)):
            for name, value in own.items():
                if declared_so.get(name, value) != value:
                    raise InputError(
                        f"inputs and {'sizes' if kind == 'size' else kind} contradict each other",
                        where=self.where,
                        found=f"{name}={declared_so[name]}, and {name}={value}",
                        fix="leave one of them out",
                    )
        return replace(asked, seed=self.seed, sizes={**sizes, **asked.sizes}, below={**below, **asked.below})

    def _sized(
        self, spec: TensorSpec, shape: tuple[Size, ...], chosen: Mapping[str, int], sizes: dict[str, int]
    ) -> None:
        """Add the sizes of the input's variable axes, and compare the fixed ones with what is declared."""
        where = f"{self.where}, inputs.{spec.name}"
        if len(shape) != len(spec.axes):
            raise InputError("another number of axes", where=where, found=len(shape), expected=str(spec))
        for place, (said, axis) in enumerate(zip(shape, spec.axes, strict=True)):
            size = chosen.get(said.name, said.size) if said.name else said.size
            if size is None:
                continue
            if size != (sizes.get(axis.name, size) if axis.size is None else axis.size):
                raise InputError(
                    f"axis {place} has another size", where=where, found=size, expected=str(spec)
                )
            if axis.size is None:
                sizes[axis.name] = size
