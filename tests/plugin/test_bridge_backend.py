"""--parity-backend=stand-in: from pytest through the bridge and back; never chosen by itself nor called Core ML."""

from __future__ import annotations

import json
import os
import platform
from importlib.util import find_spec
from pathlib import Path

import pytest

from modelparity.errors import Unavailable
from modelparity.runtimes.bridge import building, finding

FIXTURES = Path(__file__).parents[2] / "fixtures"
SUITE = f"""
from modelparity.family import add_folder
add_folder("fixtures", {str(FIXTURES)!r}, alone=("crf",))
"""


@pytest.fixture
def fixtures(pytester, monkeypatch):
    """Run the suite on three fixtures with these options; the result, and the report."""
    for name in ("cffi", "coremltools"):  # the bed forgets what is imported in it: only look
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed: pip install 'modelparity[coreml]'")
    pytester.makeconftest(SUITE)
    pytester.makepyfile(test_suite="from modelparity.suite import *")

    def run(*options):
        models = [f"--parity-model={name}" for name in ("dnn", "lstm", "cnn")]
        result = pytester.runpytest_subprocess(
            "-m",
            "parity",
            "--parity-family=fixtures",
            "--parity-recipe=noise",
            "--parity-golden=live",
            "--parity-report=report",
            *models,
            *options,
        )
        report = json.loads((pytester.path / "report" / "report.json").read_text())
        assert len(report["cases"]) >= 3
        return result, report

    return run


@pytest.fixture(scope="module")
def built():
    """The library, found before the bed moves the user's home."""
    if platform.system() != "Linux":
        pytest.skip("the stand-in is there on Linux only")
    try:
        return finding.library() if os.environ.get(finding.VARIABLE) else building.build()
    except Unavailable as error:
        pytest.skip(str(error))


def test_the_way_from_pytest_to_the_library_and_back(built, fixtures, monkeypatch):
    monkeypatch.setenv(finding.VARIABLE, str(built))
    result, report = fixtures("--parity-backend=stand-in", "--parity-backend=coreml", "--parity-strict")
    result.assert_outcomes(passed=len(report["cases"]))
    result.stdout.fnmatch_lines(["*stand-in (file interpreted)*"])
    by = {case["backend"]: case["verdict"]["runtime"] for case in report["cases"]}
    assert by["stand-in"].startswith("stand-in ")
    assert "Apple's runtime did not run" in result.stdout.str()
    floors = {
        backend: {c["model"]: c["verdict"]["floors"] for c in report["cases"] if c["backend"] == backend}
        for backend in by
    }
    assert floors["stand-in"] == floors["coreml"], "the same bits have the same verdict"


def test_it_takes_no_part_unless_it_is_named(fixtures):
    _, report = fixtures()
    assert {"stand-in", "coremltools"}.isdisjoint(case["backend"] for case in report["cases"])


@pytest.mark.skipif(
    platform.system() == "Darwin", reason="there the stand-in is not missing but out of place"
)
@pytest.mark.parametrize(("strict", "outcome"), [(False, "skipped"), (True, "failed")])
def test_without_a_library_it_is_a_loud_skip(fixtures, monkeypatch, strict, outcome):
    monkeypatch.setenv(finding.VARIABLE, "/no/such/library.so")
    result, report = fixtures("--parity-backend=stand-in", *(["--parity-strict"] if strict else []))
    result.assert_outcomes(**{outcome: len(report["cases"])})
    result.stdout.fnmatch_lines(["*MODELPARITY_BRIDGE names no file*modelparity bridge build*"])


def test_a_library_that_is_none_is_a_loud_skip(fixtures, monkeypatch, tmp_path):
    (tmp_path / "lib.so").write_text("no library")
    monkeypatch.setenv(finding.VARIABLE, str(tmp_path / "lib.so"))
    result, report = fixtures("--parity-backend=stand-in")
    result.assert_outcomes(skipped=len(report["cases"]))
    if platform.system() != "Darwin":
        result.stdout.fnmatch_lines(["*no library that can be loaded*"])
