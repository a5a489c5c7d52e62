"""Known conversion mistakes as changes of a graph: one catalogue serves explaining and proving.

A fault is made to the reference's graph, which then computes what a candidate with that mistake computes, whatever
format the candidate has: ``for one in faults(): for made in one.applications(graph): made.changed()``. Faults whose
numbers stand in no list are fitted to an `Observation` of what a candidate has at a node: ``one.fits(graph, seen)``
for each of `fitted()`.
"""

from __future__ import annotations

from .fault import Application, Fault, Group, everywhere, together
from .observation import FittedFault, Observation
from .registry import fault, faults, fitted

__all__ = [
    "Application",
    "Fault",
    "FittedFault",
    "Group",
    "Observation",
    "everywhere",
    "fault",
    "faults",
    "fitted",
    "together",
]
