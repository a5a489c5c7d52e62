"""Figures as properties: text, complete, and without what is not known."""

from __future__ import annotations

from modelparity.report.junit import properties


def test_the_figures_of_a_verdict(make_case):
    assert dict(properties(make_case("a/b", "torch"))) == {
        "parity_reference": "live",
        "parity_band": "rounding",
        "parity_expected": "rounding",
        "parity_floors": "0.5",
        "parity_runtime": "torch 1.0",
        "parity_runtime_version": "1.0",
        "parity_conditioning": "well",
        "parity_floor_runs": "8",
        "parity_where": "y[3]",
    }


def test_what_explains_a_reduced_verdict_is_told(make_case):
    case = make_case("a/b", "torch", verdict={"explained_by": "float16 weights"})
    assert ("parity_explained_by", "float16 weights") in properties(case)


def test_a_skip_gives_its_reason(make_case):
    case = make_case("a/b", "torch", "skipped", reason="not here")
    assert properties(case) == [("parity_reference", "live"), ("parity_reason", "not here")]
