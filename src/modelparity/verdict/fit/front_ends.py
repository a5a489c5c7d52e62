"""Sizes that what stands before a network gives it, where a family says so: a candidate for another one is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from ...describe.shapes import free_axes, zeros
from ...discovery import Plugins
from ...engine.limits import limited
from ...engine.run import run
from ...errors import ModelparityError
from ...graph import Axis, Graph, TensorSpec
from .axes import ways
from .model import Fit
from .signature import Candidate


@runtime_checkable
class Knows(Protocol):
    """What is asked of a family here."""

    def front_end(self, graph: Graph) -> Mapping[str, int]:
        """{axis: the size that the family's own front end gives}; nothing for a network that it does not know."""


_families = Plugins[Knows](
    "family",
    "modelparity.families",
    lack=lambda name, found: None if isinstance(found, Knows) else "without front_end",
    expected="an object of a class that derives from modelparity.family.Family",
    page="docs/extending/family.md",
)


def front_end(graph: Graph) -> tuple[str, Mapping[str, int]]:
    """The family that knows the network, and its sizes; ``("", {})`` where none does."""
    if graph.source is None:
        return "", {}
    for name in _families.names():
        with suppress(ModelparityError):  # a broken family is said where it is asked for
            family = _families.get(name)
            if family is not None and (sizes := family.front_end(graph)):
                return name, sizes
    return "", {}


def contradicted(graph: Graph, fit: Fit) -> str | None:
    """Why a candidate that was run is wrong all the same: it fixes a size that the front end never gives."""
    fixed = {name: size for name, size in fit.sizes if any(_is(axis, name) for axis in _axes(graph))}
    if not fixed:
        return None
    family, sizes = front_end(graph)
    return _text(family, sizes, {name: size for name, size in fixed.items() if name in sizes})


def refused(graph: Graph, candidate: Candidate) -> str | None:
    """The same for a candidate that does not fit because the reference is read at the front end's size.

    None where the candidate's sizes are no such, or the reference does not run at them either.
    """
    family, sizes = front_end(graph)
    found: dict[str, int] = {}
    for spec in graph.inputs:
        other = candidate.specs.get(spec.name) or _only(graph, candidate)
        if other is None:
            continue
        opened = [replace(axis, size=None) if axis.name in sizes else axis for axis in spec.axes]
        for way in ways(opened, [axis.size for axis in other.axes], [axis.name for axis in other.axes])[:1]:
            found |= {name: size for name, size in way.sizes.items() if name in sizes}
    return _text(family, sizes, found) if found and _runs(graph, found) else None


def _only(graph: Graph, candidate: Candidate) -> TensorSpec | None:
    specs = [*candidate.specs.values()]
    return specs[0] if len(specs) == 1 == len(graph.inputs) else None


def _axes(graph: Graph) -> list[Axis]:
    return [axis for spec in graph.inputs for axis in spec.axes]


def _is(axis: Axis, name: str) -> bool:
    return axis.name == name and axis.size is None


def _runs(graph: Graph, sizes: Mapping[str, int]) -> bool:
    """Whether the reference runs at these sizes of axes that it was read with others of."""
    inputs = tuple(
        replace(spec, axes=tuple(replace(a, size=sizes.get(a.name, a.size)) for a in spec.axes))
        for spec in graph.inputs
    )
    other = graph.changed(inputs=inputs)
    try:
        with limited(seconds=10), np.errstate(all="ignore"):
            run(other, zeros(other, free_axes(other)), arithmetic="float32")
    except ModelparityError:
        return False
    return True


def _text(family: str, sizes: Mapping[str, int], found: Mapping[str, int]) -> str | None:
    wrong = {name: size for name, size in found.items() if size != sizes[name]}
    if not wrong:
        return None
    took = ", ".join(f"{name}={size}" for name, size in wrong.items())
    gives = ", ".join(f"{name}={sizes[name]}" for name in wrong)
    return (
        f"the candidate is made for {took}, which the network runs with too, but {family}'s own front end gives "
        f"{gives}: convert it for that"
    )
