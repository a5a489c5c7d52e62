"""--parity REF --parity-candidate CAND: a comparison with no test file at all."""

from __future__ import annotations

import json

import numpy as np
import pytest

import modelparity as mp
import modelparity.inputs
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.formats import registry

SUFFIX = ".toynet"


def toynet(path):
    """A format of the bed's own: JSON with one matrix. Read by the engine, so no framework takes part."""
    weight = np.array(json.loads(path.read_text()), "float32")
    return Graph(
        path.stem,
        (TensorSpec("x", (Axis("time"), Axis("feature", len(weight)))),),
        ("y",),
        (Node("dense", "dense", ("x", "w", "b"), ("y",)),),
        {"w": weight, "b": np.zeros(2, "float32")},
    )


@pytest.fixture
def pair(pytester, monkeypatch):
    """Files of the format, and a run of pytest on them."""
    known = registry._own()
    made = registry.Format("toynet", (SUFFIX,), lambda head, path: path.suffix == SUFFIX, toynet)
    monkeypatch.setitem(known, "toynet", made)
    for name, scale in (("ref", 2.0), ("same", 2.0), ("bent", 3.0)):
        (pytester.path / f"{name}{SUFFIX}").write_text(json.dumps([[scale, 1.0], [0.5, -1.0]]))
    pytester.makepyfile(test_own="def test_own(): pass")
    assert mp.load(pytester.path / f"ref{SUFFIX}").name == "ref"
    return pytester.runpytest


def test_only_the_comparison_runs(pair):
    result = pair("--parity", "ref.toynet", "--parity-candidate", "same.toynet", "-v")
    result.assert_outcomes(passed=3)
    ids = [f"modelparity::ref.toynet[[]same.toynet-{recipe}] PASSED*" for recipe in mp.inputs.LENGTHS]
    result.stdout.fnmatch_lines(["*collected 3 items*", *ids, "ref.toynet*"])


def test_every_candidate_is_judged(pair):
    result = pair(
        "--parity", "ref.toynet", "--parity-candidate", "same.toynet", "--parity-candidate", "bent.toynet"
    )
    result.assert_outcomes(passed=3, failed=3)
    result.stdout.fnmatch_lines(["wrong, expected rounding: bent.toynet run by engine*"])


def test_recipes_can_be_chosen(pair):
    result = pair(
        "--parity",
        "ref.toynet",
        "--parity-candidate",
        "same.toynet",
        "--parity-recipe",
        "noise_small",
        "--parity-recipe",
        "impulse",
    )
    result.assert_outcomes(passed=2)


def test_paths_on_the_command_line_run_too(pair):
    pair("test_own.py", "--parity", "ref.toynet", "--parity-candidate", "same.toynet").assert_outcomes(
        passed=4
    )


def test_two_candidates_of_one_name_are_told_apart(pair, pytester):
    other = pytester.mkdir("other") / "same.toynet"
    other.write_text((pytester.path / "bent.toynet").read_text())
    result = pair("--parity", "ref.toynet", "--parity-candidate", "same.toynet", "--parity-candidate", other)
    result.assert_outcomes(passed=3, failed=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--parity", "ref.toynet"], "--parity was given without --parity-candidate"),
        (["--parity-candidate", "same.toynet"], "--parity-candidate was given without --parity:"),
        (["--parity", "no.toynet", "--parity-candidate", "same.toynet"], "--parity: there is no file"),
        (
            ["--parity", "ref.toynet", "--parity-candidate", "no.toynet"],
            "--parity-candidate: there is no file",
        ),
        (
            ["--parity", "ref.toynet", "--parity-candidate", "same.toynet", "--parity-update"],
            "goldens belong to families",
        ),
    ],
)
def test_half_a_comparison_is_a_usage_error(pair, arguments, message):
    result = pair(*arguments)
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*{message}*"])


def test_a_file_of_no_known_format_fails_in_words(pair, pytester):
    (pytester.path / "what.bin").write_text("hello")
    result = pair("--parity", "ref.toynet", "--parity-candidate", "what.bin")
    result.assert_outcomes(failed=3)
    assert "Traceback" not in result.stdout.str()


def test_the_twins(pair, pytester):
    pytester.makeini("[pytest]\nparity_reference = ref.toynet\nparity_candidate = same.toynet\n")
    pytester.makepyfile(test_suite="from modelparity.suite import *")
    pair().assert_outcomes(passed=4)
