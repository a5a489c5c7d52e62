"""The report as Markdown, for a pull request or a job summary."""

from __future__ import annotations

from typing import Any

from .document import Case, reasons, tally
from .table import rows


def render(document: dict[str, Any]) -> str:
    """The document as Markdown; everything that comes from outside is escaped."""
    cases: list[Case] = document["cases"]
    lines = ["# Parity report", "", tally(cases), ""]
    lines += [f"- {_plain(note)}" for note in document["notes"]] + ([""] if document["notes"] else [])
    if cases:
        header, *body = rows(document)
        lines += [_row(header), _row(["---"] * len(header)), *map(_row, body), ""]
    failures = [case for case in cases if case["outcome"] == "failed"]
    if failures:
        lines += ["## Failed", ""]
        for case in failures:
            lines += [f"### {_plain(case['id'])}", "", *_fenced(case["message"] or case["reason"] or ""), ""]
    if known := [case for case in cases if case["outcome"] == "known"]:
        lines += ["## Known to differ", ""]
        lines += [f"- {_plain(case['id'])}: {_plain(case['reason'] or '')}" for case in known]
        lines += [""]
    if skips := reasons(cases):
        lines += ["## Not judged", ""]
        for reason, one in skips.items():
            lines += [
                f"- {one.number} {one.outcome}: {_plain(reason)}",
                f"  - {_plain(', '.join(one.models))}",
            ]
        lines += [""]
    lines += ["## Environment", ""]
    lines += [f"- {_plain(name)} {_plain(version)}" for name, version in document["environment"].items()]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell if set(cell) == {'-'} else _plain(cell) for cell in cells)} |"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    text = " ".join(str(text).split()).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{c}" if c in "\\`*_[]|#" else c for c in text)


def _fenced(text: str) -> list[str]:
    """A block of literal text whose fence is longer than any run of backticks within."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, *text.splitlines(), fence]


def _runs(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split() if run]
