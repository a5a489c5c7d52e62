"""A small report with every kind of case in it."""

from __future__ import annotations

from typing import Any

import pytest

from modelparity.report import Case, document


def made_case(model: str, backend: str, outcome: str = "passed", **changes: Any) -> Case:
    verdict = {
        "band": "rounding",
        "expected": "rounding",
        "floors": 0.5,
        "runtime": f"{backend} 1.0",
        "conditioning": "well",
        "floor_runs": 8,
        "explained_by": None,
        "where": "y[3]",
        "settings": {"version": "1.0"},
    }
    verdict.update(changes.pop("verdict", {}))
    skipped = outcome == "skipped"
    fields: dict[str, Any] = {
        "id": f"{model}[{backend}-noise]",
        "model": model,
        "group": model.rpartition("/")[0],
        "backend": backend,
        "recipe": "noise",
        "outcome": outcome,
        "reference": "live",
        "reason": None,
        "message": None,
        "verdict": None if skipped else verdict,
        "seconds": 0.1,
    }
    return Case(**{**fields, **changes})


@pytest.fixture
def make_case():
    return made_case


@pytest.fixture
def cases():
    wrong = {"band": "wrong", "floors": 3120.0}
    return [
        made_case("toy/b/two", "torch", "failed", verdict=wrong, message="wrong: look <here>"),
        made_case(
            "toy/b/two", "onnxruntime", verdict={"floors": "inf", "band": "reduced", "conditioning": "ill"}
        ),
        made_case("toy/a/one", "onnxruntime"),
        made_case("toy/a/one", "torch", "skipped", reason="torch is not installed: pip install torch"),
    ]


@pytest.fixture
def report(cases):
    return document(cases, ["references: 2 computed live"])
