"""Known conversion mistakes as changes of a graph: one catalogue serves explaining and proving.

A fault is made to the reference's graph, which then computes what a candidate with that mistake computes, whatever
format the candidate has: ``for one in faults(): for made in one.applications(graph): made.changed()``.
"""

from __future__ import annotations

from .fault import Application, Fault, Group, everywhere, together
from .registry import fault, faults

__all__ = ["Application", "Fault", "Group", "everywhere", "fault", "faults", "together"]
