"""The JSON document: sorted, complete, and readable by every parser."""

from __future__ import annotations

import json

import numpy as np

from modelparity import __version__
from modelparity.report.document import Unjudged, badge, counts, environment, reasons, short
from modelparity.report.writing import to_json


def test_cases_are_sorted_whatever_order_workers_sent_them_in(report):
    ids = [case["id"] for case in report["cases"]]
    assert ids == sorted(ids)
    assert len(ids) == 4


def test_the_document_survives_json(report):
    assert json.loads(to_json(report), parse_constant=lambda name: 1 / 0) == report


def test_the_environment_names_versions_and_no_place():
    found = environment()
    assert found["modelparity"] == __version__
    assert found["numpy"] == np.__version__
    assert not any("/" in value for value in found.values())


def test_counts_and_reasons(cases):
    assert counts(cases) == {"passed": 2, "failed": 1, "skipped": 1, "unjudged": 0, "known": 0}
    assert reasons(cases) == {"torch is not installed: pip install torch": Unjudged(1, ["toy/a/one"])}


def test_badges(cases):
    assert [badge(case) for case in cases] == ["wrong 3120", "reduced inf (ill)", "rounding 0.5", "skipped"]


def test_short_numbers():
    assert [short(f) for f in (0.0, 0.0123, 12.34, 312.5, 1e9, float("inf"), float("nan"))] == [
        "0",
        "0.012",
        "12",
        "312",
        "1.0e+09",
        "inf",
        "inf",
    ]
