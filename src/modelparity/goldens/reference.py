"""A record as something to judge by: its truth and floor instead of a fresh run."""

from __future__ import annotations

from dataclasses import replace

from ..graph import Graph
from ..verdict.reference import Reference
from .record import Record


def reference_from(graph: Graph, record: Record) -> Reference:
    """The recorded truth and floors; floors that were measured by another method are measured anew when asked for.

    ``record`` must be ``graph``'s: nothing is verified here.
    """
    reference = Reference(graph, record.inputs, {**record.provenance, "golden": True}, truth=record.outputs)
    halves = record.terms.halves if record.terms else {}
    for precision, half in halves.items():
        reference.keep(f"{precision} weights", half.weights)
    if record.floor.current:
        reference.know(record.floor)
        for precision, half in halves.items():
            reference.know(replace(record.floor, precision=precision, outputs=half.floor))
    return reference
