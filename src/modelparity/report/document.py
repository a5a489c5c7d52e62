"""The report document: plain data, the same for a terminal, a page, a build server and another program.

::

    {"format": "modelparity report", "version": 3, "limit": 1.0,
     "environment": {"python": "3.12.1", "numpy": "2.1.0", ...},
     "notes": ["a sentence for the reader", ...],
     "cases": [Case, ...]}

``limit`` is the number of floors up to which a difference counts as rounding. `reading` brings a document of an older
version to this form; docs/schemas/report.json is its schema.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any, TypedDict

#: The band beside the scale.
UNJUDGED = "unjudged"
#: What the document calls itself, and the version of its form. Raised with a step in `reading.STEPS`.
FORMAT, VERSION = "modelparity report", 3
#: Packages whose versions belong to a result.
PACKAGES = ("numpy", "scipy", "safetensors", "onnx", "onnxruntime", "torch", "coremltools")


class Case(TypedDict):
    """One comparison, or why there is none.

    ``outcome`` is passed, failed, skipped, unjudged where the input could not tell, or known where the verdict is a
    difference that the adopter lists;
    ``reason`` says why a case was skipped or could not be judged, or what is known of it;
    ``message`` is the text of a failed verdict; ``reference`` is live, golden or given (inputs from a file);
    ``verdict`` is `Verdict.to_json()`.
    """

    id: str
    model: str
    group: str
    backend: str
    recipe: str
    outcome: str
    reference: str
    reason: str | None
    message: str | None
    verdict: dict[str, Any] | None
    seconds: float


class Document(TypedDict):
    """The report: what was compared, with what, by which versions; ``limit`` is in floors."""

    format: str
    version: int
    limit: float
    environment: dict[str, str]
    notes: list[str]
    cases: list[Case]


def document(cases: Iterable[Case], notes: Sequence[str] = ()) -> dict[str, Any]:
    """The report on ``cases``, sorted by id, with the versions of everything that took part."""
    from ..verdict.bands import LIMIT

    return {
        "format": FORMAT,
        "version": VERSION,
        "limit": LIMIT,
        "environment": environment(),
        "notes": list(notes),
        "cases": sorted(cases, key=lambda case: case["id"]),
    }


def environment() -> dict[str, str]:
    """Versions of Python, the system and the packages that a result depends on. Nothing that names a person."""
    from ..version import __version__

    found = {
        "modelparity": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def counts(cases: Iterable[Case]) -> dict[str, int]:
    """How many cases passed, failed, were skipped, could not tell and differ as is known."""
    total = {"passed": 0, "failed": 0, "skipped": 0, "unjudged": 0, "known": 0}
    for case in cases:
        total[case["outcome"]] += 1
    return total


def tally(cases: Iterable[Case]) -> str:
    """`counts` as text; what is rare only where there is any."""
    total = counts(cases)
    rare = {"unjudged": "unjudged", "known": "known to differ"}
    told = [f"{number} {rare.get(key, key)}" for key, number in total.items() if number or key not in rare]
    return ", ".join(told)


def floors_of(case: Case) -> float | None:
    """The case's worst multiple of the floor; infinity if shapes, types or finiteness disagree."""
    verdict = case["verdict"]
    return None if verdict is None or verdict["band"] == UNJUDGED else float(verdict["floors"])


def node_of(case: Case) -> str | None:
    """The node that departs: the candidate's, else the reference's whose result the candidate has nowhere."""
    located = (case["verdict"] or {}).get("located") or {}
    found: str | None = located.get("candidate") or located.get("reference")
    return found


@dataclass
class Unjudged:
    """Cases that could not be judged for one reason: how many, of which models, and whether skipped or unjudged."""

    number: int = 0
    models: list[str] = field(default_factory=list)
    outcome: str = "skipped"


def reasons(cases: Iterable[Case]) -> dict[str, Unjudged]:
    """Every reason for which cases were skipped or could not tell."""
    found: dict[str, Unjudged] = {}
    for case in cases:
        if case["outcome"] in ("skipped", "unjudged"):
            one = found.setdefault(case["reason"] or "no reason was given", Unjudged(outcome=case["outcome"]))
            one.number += 1
            if case["model"] not in one.models:
                one.models.append(case["model"])
    return dict(sorted(found.items()))


def badge(case: Case) -> str:
    """The case in two words: its band and floors, or its outcome."""
    verdict = case["verdict"]
    if verdict is None:
        return case["outcome"]
    if verdict["band"] == UNJUDGED:
        return UNJUDGED
    floors = float(verdict["floors"])
    mark = " (ill)" if verdict["conditioning"] == "ill" else ""
    return f"{verdict['band']} {short(floors)}{mark}"


def short(floors: float) -> str:
    """A multiple of the floor in at most six characters."""
    if floors != floors or floors in (float("inf"), float("-inf")):
        return "inf"
    return f"{floors:.1e}" if floors >= 1e5 else f"{floors:.0f}" if floors >= 100 else f"{floors:.2g}"
