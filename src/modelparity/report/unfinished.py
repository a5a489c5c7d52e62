"""Cases that were planned and of which nothing came back: what a report says of them, from the journal of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..journal import Told
from .document import Case

#: Why a case has no verdict.
DIED = "never returned: the process that ran it died"
STOPPED = "never returned: the run was stopped while it ran"
#: Why one was not even begun.
AFTER_DEATH = "not run: the process died before it was begun"
AFTER_STOP = "not run: the run was stopped before it was begun"


def without_verdict(entry: Mapping[str, Any], outcome: str, reason: str) -> Case:
    """The case of a journal's ``entry``, "failed" or "skipped" for this reason."""
    return Case(
        id=str(entry["id"]),
        model=str(entry["model"]),
        group=str(entry["group"]),
        backend=str(entry["backend"]),
        recipe=str(entry["recipe"]),
        outcome=outcome,
        reference="none",
        reason=reason,
        message=None,
        verdict=None,
        seconds=0.0,
    )


def cases_of(told: Told) -> list[Case]:
    """Every case that a run had planned which died: those done as they are, all others failed."""
    found: list[Case] = []
    for name, entry in told.planned.items():
        if isinstance(done := told.done.get(name), dict):
            found.append(cast(Case, done))
        else:
            found.append(without_verdict(entry, "failed", DIED if name in told.begun else AFTER_DEATH))
    return found


def sentence(told: Told) -> str:
    """What became of a run that died, for who reads of it later."""
    at = ", ".join(told.at) or "no case"
    left = f"; {len(told.left)} planned cases were never begun" if told.left else ""
    return f"a run before this one died (process {told.process}) while it was at: {at}{left}"
