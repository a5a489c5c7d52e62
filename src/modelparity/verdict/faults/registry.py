"""The catalogue: every fault, likeliest kinds first, found by listing the modules that hold them."""

from __future__ import annotations

import inspect
from functools import cache

from ...discovery import modules
from ...errors import GraphError, near
from .fault import Fault
from .observation import FittedFault


@cache
def faults() -> tuple[Fault, ...]:
    """Every known fault, those of likelier kinds first, within a kind in the order of its module."""
    found = [
        one()
        for module in modules("modelparity.verdict.faults.catalogue")
        for name, one in vars(module).items()
        if inspect.isclass(one)
        and issubclass(one, Fault)
        and one.__module__ == module.__name__
        and not name.startswith("_")
    ]
    return tuple(sorted(found, key=lambda fault: fault.group.rank))


def fitted() -> tuple[FittedFault, ...]:
    """Those of them whose numbers are fitted to what a candidate has at a node, the special before the general."""
    return tuple(one for one in faults() if isinstance(one, FittedFault))


def fault(id: str) -> Fault:
    """The fault of that id. Raises `GraphError` naming what is near if there is none."""
    by_id = {one.id: one for one in faults()}
    if id not in by_id:
        raise GraphError(f"unknown fault {id!r}", expected=near(id, tuple(by_id)))
    return by_id[id]
