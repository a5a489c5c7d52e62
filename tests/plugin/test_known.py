"""Differences that an adopter knows: listed with a reason and an end, and never longer than they hold."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

import modelparity as mp
from modelparity.errors import InputError
from modelparity.plugin.known import Known, assigned, read

SOON = (datetime.date.today() + datetime.timedelta(days=3)).isoformat()
PAIR = (
    '[net]\nreference = "rnn.pkl"\ncandidates = ["same.pkl", "other.pkl"]\nrecipes = ["noise", "impulse"]\n'
)
FIXTURES = Path(__file__).parents[2] / "fixtures"


def entry(case: str = "net[other.pkl-*]", until: str = SOON) -> str:
    return f'[[known]]\ncase = "{case}"\nreason = "trained again"\nuntil = {until}\n'


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Another network than the fixture, as a file."""
    pytest.importorskip("onnx")
    graph = mp.load(FIXTURES / "rnn.pkl")
    first = next(iter(graph.constants))
    bent = graph.changed(constants={**graph.constants, first: graph.constants[first] * 1.5})
    path = tmp_path_factory.mktemp("other") / "other.onnx"
    mp.convert(bent, path)
    return path.read_bytes()


@pytest.fixture
def bed(other, pytester):
    """Two candidates of a reference, one of them another network; write a parity.toml and run pytest on it."""
    for name in ("rnn.pkl", "same.pkl"):
        (pytester.path / name).write_bytes((FIXTURES / "rnn.pkl").read_bytes())
    (pytester.path / "other.onnx").write_bytes(other)

    def run(text, *arguments):
        table = text.replace("other.pkl", "other.onnx")
        (pytester.path / "parity.toml").write_text(table)
        return pytester.runpytest("--parity-no-explain", *arguments)  # what is known is told without a cause

    return run


def test_a_known_difference_is_expected_and_told(bed, pytester):
    pytest.importorskip("onnxruntime")
    bed(PAIR).assert_outcomes(passed=2, failed=2)
    result = bed(PAIR + entry(), "--parity-report=out")
    result.assert_outcomes(passed=2, xfailed=2)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["2 passed, 0 failed, 0 skipped, 2 known to differ;*"])
    cases = json.loads((pytester.path / "out" / "report.json").read_text())["cases"]
    known = [case for case in cases if case["outcome"] == "known"]
    assert [case["id"] for case in known] == ["net[other.onnx-impulse]", "net[other.onnx-noise]"]
    assert {case["reason"] for case in known} == {f"known difference until {SOON}: trained again"}
    assert "trained again" in (pytester.path / "out" / "report.md").read_text()


def test_entries_may_stand_in_a_file_of_their_own(bed, pytester):
    pytest.importorskip("onnxruntime")
    (pytester.path / "list.toml").write_text(entry().replace("other.pkl", "other.onnx"))
    bed('known = "list.toml"\n' + PAIR).assert_outcomes(passed=2, xfailed=2)


def test_a_case_that_agrees_all_the_same_passes(bed):
    bed(PAIR.replace(', "other.pkl"', "") + entry("net[same.pkl-noise]")).assert_outcomes(passed=2)


def test_what_could_not_be_judged_is_no_known_difference(bed, pytester):
    (pytester.path / "same.pkl").write_bytes(b"nothing")
    result = bed(PAIR.replace(', "other.pkl"', "") + entry("net[same.pkl-*]"))
    result.assert_outcomes(failed=2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (entry("net[gone.pkl-*]"), "a known difference matches no case"),
        (entry(until="2020-01-01"), "a known difference has ended"),
        (entry().replace(f"until = {SOON}", ""), "until is no date"),
        (entry(until='"soon"'), "until is no date"),
        (entry(until="2030-01-01T00:00:00"), "until is no date"),
        (entry().replace('reason = "trained again"', ""), "reason is missing"),
        (entry().replace("case =", "cases ="), "unknown key 'cases'"),
    ],
)
def test_an_entry_that_does_not_hold_is_an_error(bed, text, words):
    result = bed(PAIR + text)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{words}*"])


@pytest.mark.parametrize(
    ("given", "words"),
    [(3, "is of another kind"), ([3], "is of another kind"), ("gone.toml", "not readable as TOML")],
)
def test_what_is_no_list_of_entries_is_refused(tmp_path, given, words):
    with pytest.raises(InputError, match=words):
        read(tmp_path / "parity.toml", {"known": given})


def test_the_last_day_counts(tmp_path):
    table = {"known": [{"case": "a", "reason": "r", "until": datetime.date(2027, 1, 2)}]}
    assert read(tmp_path / "parity.toml", table, today=datetime.date(2027, 1, 2))
    with pytest.raises(InputError, match="has ended"):
        read(tmp_path / "parity.toml", table, today=datetime.date(2027, 1, 3))


def test_brackets_are_letters_and_the_first_entry_speaks():
    end = datetime.date(2027, 1, 1)
    entries = [Known("net[a-*]", "one", end, "1"), Known("net[?-noise]", "two", end, "2")]
    found = assigned(entries, ["net[a-noise]", "net[b-noise]", "neta-noise"])
    assert {name: known.reason for name, known in found.items()} == {
        "net[a-noise]": "one",
        "net[b-noise]": "two",
    }
