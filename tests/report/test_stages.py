"""Pipelines on a report's page: a row for each stage, everything escaped, no picture from anywhere else."""

from __future__ import annotations

import pytest

from modelparity.report.stages import render


def case(**inputs):
    stage = {
        "band": "wrong",
        "floors": "inf",
        "where": "off <i>",
        "inputs": {"recipe": "features", "value": "given"},
    }
    after = {**stage, "inputs": {"recipe": "events", "value": "computed", "follows": "features"}}
    verdict = {
        "inputs": {"pipeline": "toy/loud", "recipe": "a.wav", **inputs},
        "cases": [stage, after],
        "unjudged": [{"case": "word", "reason": "it is constant"}],
    }
    return {"id": "loud[a<b>-a.wav]", "outcome": "failed", "verdict": verdict}


def test_every_stage_has_a_row():
    page = "".join(render([case(sound=["resampled from 48000 to 44100 Hz"])]))
    assert page.count("<tr><th scope=row>") == 3
    assert "follows from features" in page
    assert "resampled from 48000" in page
    assert "it is constant" in page
    assert "<b>" not in page
    assert "<i>" not in page


def test_other_cases_are_none():
    assert list(render([{"id": "x", "outcome": "failed", "verdict": None}])) == []
    assert list(render([{"id": "x", "outcome": "passed", "verdict": {"inputs": {"recipe": "noise"}}}])) == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [("pictures/a.svg", True), ("http://a/b.svg", False), ("/etc/a.svg", False), ("javascript:a.svg", False)],
)
def test_pictures_lie_beside_the_page(path, shown):
    assert (f'src="{path}"' in "".join(render([case(pictures={"features": path})]))) == shown
