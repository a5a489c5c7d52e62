"""The report as a table of text for terminals: a row for each group or model, a column for each backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..describe.text_table import layout
from .document import Case, badge, floors_of

#: How this package's engine ends its description.
INTERPRETED = "file interpreted"
#: From good to bad, as far as a cell is concerned: what could not tell says nothing of the others.
_RANK = ("unjudged", "exact", "rounding", "reduced", "skipped", "wrong", "failed")


def rows(document: dict[str, Any], *, by: str = "group") -> list[list[str]]:
    """Header and rows of cells. ``by`` is "group" (family/year) or "model".

    A cell shows the worst band with its floors, and says how many cases failed or were skipped.
    """
    cases: list[Case] = document["cases"]
    backends = sorted({case["backend"] for case in cases})
    table = [[by, "cases", *(heading(backend, cases) for backend in backends)]]
    for key in sorted({_key(case, by) for case in cases}):
        members = [case for case in cases if _key(case, by) == key]
        cells = [cell([case for case in members if case["backend"] == backend]) for backend in backends]
        table.append([key, str(len(members)), *cells])
    return table


def heading(backend: str, cases: Sequence[Case]) -> str:
    """A backend as a column's name; it says if files were interpreted and no vendor's runtime ran."""
    by = {case["verdict"]["runtime"] for case in cases if case["backend"] == backend and case["verdict"]}
    interpreted = backend != "engine" and any(one.endswith(INTERPRETED) for one in by)
    return f"{backend} ({INTERPRETED})" if interpreted else backend


def cell(cases: Sequence[Case]) -> str:
    """Several cases in a few words, worst first: ``wrong 312, 2 of 9 failed``."""
    if not cases:
        return "-"
    judged = [case for case in cases if case["verdict"] is not None]
    failed = sum(case["outcome"] == "failed" for case in cases)
    skipped = sum(case["outcome"] == "skipped" for case in cases)
    words = [badge(max(judged, key=_badness))] if judged else []
    if any(_ill(case) for case in judged) and not words[0].endswith("(ill)"):
        words.append(f"{sum(map(_ill, judged))} ill")
    words += [f"{failed} of {len(cases)} FAILED"] if failed else []
    silent = sum(case["outcome"] == "unjudged" for case in cases)
    words += [f"{silent} of {len(cases)} unjudged"] if 0 < silent < len(cases) else []
    known = sum(case["outcome"] == "known" for case in cases)
    words += [f"{known} of {len(cases)} known"] if known else []
    words += [f"{skipped} of {len(cases)} SKIPPED"] if skipped else []
    return ", ".join(words) or "passed"


def render(document: dict[str, Any], *, by: str = "group") -> str:
    """The whole table as text."""
    return "\n".join(layout(rows(document, by=by)))


def _key(case: Case, by: str) -> str:
    return case["group"] if by == "group" else case["model"]


def _ill(case: Case) -> bool:
    return case["verdict"] is not None and case["verdict"]["conditioning"] == "ill"


def _badness(case: Case) -> tuple[int, float]:
    verdict = case["verdict"]
    return (_RANK.index(verdict["band"]), floors_of(case) or 0.0) if verdict else (-1, 0.0)
