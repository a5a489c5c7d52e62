"""The end of a run in the terminal: the table, loud skips, and where the report lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest

from ..describe.text_table import layout
from ..report.document import Case, reasons, tally
from ..report.table import rows
from .findings import FINDINGS

#: Up to so many models get a row each; more are shown by group.
FEW = 12


def summarise(terminal: pytest.TerminalReporter, document: dict[str, Any], written: Sequence[Path]) -> None:
    """Write the summary section."""
    cases: list[Case] = document["cases"]
    few = len({case["model"] for case in cases}) <= FEW
    by = "model" if few or terminal.verbosity > 0 else "group"
    terminal.ensure_newline()
    terminal.section("parity: worst difference, times what rounding can explain", bold=True)
    for number, line in enumerate(layout(rows(document, by=by))):
        terminal.write_line(line, **_colour(line, heading=number == 0))
    terminal.write_line("")
    terminal.write_line(f"{tally(cases)}; up to {document['limit']:g} is rounding")
    for note in document["notes"]:
        terminal.write_line(f"note: {note}", yellow=True)
    for reason, one in reasons(cases).items():
        terminal.write_line(f"{one.outcome.upper()} {one.number}: {reason}", yellow=True, bold=True)
        for line in wrap(", ".join(one.models), 100, break_on_hyphens=False, break_long_words=False):
            terminal.write_line(f"    {line}", yellow=True)
    if none := silent(cases):
        terminal.write_line(f"ERROR: no case could tell: {', '.join(none)}", red=True, bold=True)
    if written:
        terminal.write_line("report: " + ", ".join(map(str, written)))


def silent(cases: Iterable[Case]) -> list[str]:
    """``model (backend)`` of whatever was compared and of which no case could tell."""
    outcomes: dict[str, set[str]] = {}
    for case in cases:
        if case["recipe"] != FINDINGS:
            outcomes.setdefault(f"{case['model']} ({case['backend']})", set()).add(case["outcome"])
    return sorted(name for name, found in outcomes.items() if found == {"unjudged"})


def _colour(line: str, *, heading: bool) -> dict[str, bool]:
    if heading:
        return {"bold": True}
    if "FAILED" in line:
        return {"red": True}
    return {"yellow": True} if "SKIPPED" in line else {}
