"""What a format finds in a file is a case of the suite: of files named on the command line, and of a family's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RTNEURAL, FAULTS = ROOT / "fixtures" / "rtneural", ROOT / "tests" / "hostile" / "rtneural"


@pytest.fixture
def run(pytester):
    def start(*arguments):
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-n0", *map(str, arguments))

    return start


def test_a_candidates_file_is_examined_and_settled(run, pytester):
    gru = RTNEURAL / "gru.json"
    made = json.loads(gru.read_text())
    made["layers"][1]["weights"] = [
        [[*r[4:8], *r[:4], *r[8:]] for r in block] for block in made["layers"][1]["weights"]
    ]
    (pytester.path / "wild.json").write_text(json.dumps(made))
    result = run("--parity", gru, "--parity-candidate", "wild.json", "--parity-candidate", gru)
    assert result.ret == 1
    text = result.stdout.str()
    assert "gru.json[wild.json-findings]" in text
    assert "silent: gate-order: $.layers[1].weights (layer 1, gru)" in text
    assert "with layer1's gates r and z swapped" in text
    passed, failed = [
        [line for line in text.splitlines() if line.startswith(outcome) and "findings" in line]
        for outcome in ("PASSED", "FAILED")
    ]
    assert not passed
    assert len(failed) == 1


def test_a_faulty_reference_fails_by_its_finding(run):
    fault = FAULTS / "conv1d_stride.json"
    result = run("--parity", fault, "--parity-candidate", fault, "-rA")
    text = result.stdout.str()
    assert "conv1d_stride.json[findings]" in text
    assert "field-ignored: $.layers[0].strides (layer 0, conv1d)" in text


def test_a_familys_files_are_examined_and_open_questions_are_noted(run, pytester):
    (pytester.path / "models").mkdir()
    for name in ("gru", "image"):
        shutil.copy(RTNEURAL / f"{name}.json", pytester.path / "models")
    (pytester.path / "models" / "package.json").write_text('{"name": "no model"}')
    pytester.makeconftest("from modelparity.family import add_folder\nadd_folder('mine', 'models')")
    pytester.makepyfile("from modelparity.suite import *")
    result = run("--parity-family", "mine", "--parity-recipe", "findings")
    result.assert_outcomes(passed=2)
    assert "gru.json: the file alone cannot tell: gate-order" in result.stdout.str()
    assert "package" not in result.stdout.str()


def test_json_is_interpreted_by_one_backend_and_run_by_another(run, pytester, monkeypatch):
    monkeypatch.delenv("MODELPARITY_RTNEURAL", raising=False)
    (pytester.path / "models").mkdir()
    shutil.copy(RTNEURAL / "lstm.json", pytester.path / "models")
    pytester.makeconftest("from modelparity.family import add_folder\nadd_folder('ours', 'models')")
    pytester.makepyfile("from modelparity.suite import *")
    options = ("--parity-family", "ours", "--parity-recipe", "noise", "--parity-backend")
    run(*options, "rtneural-json").assert_outcomes(passed=1)
    result = run(*options, "rtneural")
    result.assert_outcomes(skipped=1)
    assert "export MODELPARITY_RTNEURAL=" in result.stdout.str()
