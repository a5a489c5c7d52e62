"""The mistakes that a verdict names, made to the reference once more: what the candidate has in place of what."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import ModelparityError
from ..graph import Graph
from ..verdict.cause import Cause
from ..verdict.faults import Application, fault, together
from ..verdict.model import Verdict


def mistaken(graph: Graph, verdict: Verdict) -> Graph | None:
    """``graph``, the reference, with every mistake of the causes; None where one is not of the catalogue."""
    found: list[Application] = []
    for cause in verdict.causes:
        made = _application(graph, cause)
        if made is None:
            return None
        found += made
    try:
        return together(found).changed() if found else None
    except ModelparityError:  # two that exclude each other, or one that leaves no graph
        return None


def _application(graph: Graph, cause: Cause) -> list[Application] | None:
    """The mistake that a cause says; several where it is made at several nodes alike."""
    try:
        return list(_of(graph, cause.fault, cause.variant, cause.nodes)) or None
    except ModelparityError:  # "interface" and the like are none
        return None


def _of(graph: Graph, id: str, variant: str, nodes: tuple[str, ...]) -> Iterator[Application]:
    """At these nodes together, or else at each of them."""
    every = [one for one in fault(id).at(graph, nodes) if one.variant == variant]
    whole = [one for one in every if one.nodes == nodes]
    yield from whole[:1] or [one for one in every if set(one.nodes) <= set(nodes)]
