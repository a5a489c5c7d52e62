"""What dies: a candidate's engine in a process of its own, a worker, the whole run. Every planned case is told of."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from xml.etree import ElementTree

import pytest

#: Two models more: one takes the process along (or raises what nobody foresaw), and one comes after it.
DYING = '''

class Dying(Model):
    """A model whose candidate is the end of the process that asks for it."""

    def candidate(self, backend):
        import signal
        if os.environ.get("TOY_DIES") == "dead":
            os.kill(os.getpid(), signal.SIGSEGV)
        if os.environ.get("TOY_DIES") == "odd":
            raise KeyError("nobody foresaw this")
        if os.environ.get("TOY_DIES") == "stopped":
            raise KeyboardInterrupt
        return None


class Mortal(Toy):
    def models(self):
        dies = Dying("good/dies", "toy", lambda: HERE, lambda path: line("dies"), ("noise",), ("engine",))
        return tuple(sorted((*super().models(), dies), key=lambda one: one.key))


FAMILY = Mortal()
'''
DIES, BEFORE, AFTER = (
    "toy/good/dies[engine-noise]",
    "toy/good/curve[engine-noise]",
    "toy/good/line[engine-noise]",
)


@pytest.fixture
def mortal(toy, pytester, monkeypatch):
    """The suite on the toy family with one that dies as ``TOY_DIES`` says; what really dies, in a process apart."""
    family = pytester.path / "site" / "toy_family.py"
    family.write_text(family.read_text() + DYING)

    def run(how, *arguments):
        monkeypatch.setenv("TOY_DIES", how)
        return toy("-p", "no:faulthandler", *arguments, apart=how == "dead")

    return run


def outcomes(folder):
    report = json.loads((folder / "report.json").read_text())
    return {case["id"]: (case["outcome"], case["reason"] or "") for case in report["cases"]}


def told(folder):
    """What the report says once the run is dead and somebody has noticed."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = outcomes(folder)
        if len({reason for _, reason in found.values()}) > 1:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def says_once(mortal, *arguments):
    """The run after the one that died says so, and the one after that does not."""
    said = f"note: a run before this one died (process *) while it was at: {DIES}; 3 planned cases were never begun"
    result = mortal("", *arguments)
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines([said.replace("[", "[[]")])
    assert "a run before this one died" not in mortal("", *arguments).stdout.str()


def test_the_report_of_a_run_that_died(mortal, pytester):
    out = pytester.path / "out"
    assert mortal("", "--parity-report", "out").ret == 0
    assert {outcome for outcome, _ in outcomes(out).values()} == {"passed"}
    assert mortal("dead", "--parity-report", "out").ret == -signal.SIGSEGV
    found = told(out)
    assert found[BEFORE] == ("passed", "")
    assert found[DIES] == ("failed", "never returned: the process that ran it died")
    assert found[AFTER] == ("failed", "not run: the process died before it was begun")
    assert len(found) == 6
    for page in ("report.html", "report.md"):
        assert "never returned: the process that ran it died" in (out / page).read_text()
    says_once(mortal, "--parity-report", "out")


def test_without_a_report_the_next_run_says_what_died(mortal):
    assert mortal("dead").ret == -signal.SIGSEGV
    says_once(mortal)


def test_a_run_that_ended_leaves_no_journal(mortal, pytester):
    assert mortal("", "--parity-report", "out").ret == 0
    assert not list(pytester.path.rglob("journal-*"))


def test_a_journal_of_a_run_that_goes_on_is_left_alone(mortal, pytester):
    (pytester.path / "out").mkdir()
    mine = pytester.path / "out" / f"journal-{os.getpid()}-00000000.jsonl"
    mine.write_text(
        json.dumps({"format": "modelparity journal", "version": 1, "process": os.getpid()}) + "\n"
    )
    result = mortal("", "--parity-report", "out")
    assert "died" not in result.stdout.str()
    assert mine.exists()


def test_without_a_cache_nothing_is_left_anywhere(mortal, pytester, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert mortal("", "-p", "no:cacheprovider").ret == 0
    assert not list(tmp_path.rglob("*journal*"))
    assert not list(tmp_path.glob("modelparity-*"))


def test_a_worker_that_died(mortal, pytester):
    """xdist starts another, which goes on with the next case."""
    pytest.importorskip("xdist")
    result = mortal("dead", "-n", "1", "--parity-report", "out", "--junit-xml", "junit.xml")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=5, failed=1)
    found = outcomes(pytester.path / "out")
    outcome, reason = found.pop(DIES)
    assert outcome == "failed"
    assert reason.startswith("never returned: the process that ran it died: worker 'gw")
    assert set(found.values()) == {("passed", "")}
    assert len(found) == 5
    result.stdout.fnmatch_lines(["toy/good/dies*1 of 1 FAILED", "5 passed, 1 failed, 0 skipped;*"])
    failed = [
        case.get("name")
        for case in ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    ]
    assert failed == [DIES]


def test_an_error_that_nobody_foresaw_is_a_failed_case(mortal, pytester):
    result = mortal("odd", "--parity-report", "out")
    result.assert_outcomes(passed=5, failed=1)
    assert outcomes(pytester.path / "out")[DIES] == ("failed", "KeyError: 'nobody foresaw this'")
    result.stdout.fnmatch_lines(["toy/good/dies*1 of 1 FAILED"])


def test_what_a_run_did_not_come_to_is_listed(mortal, pytester):
    mortal("odd", "--parity-report", "out", "-x")
    found = outcomes(pytester.path / "out")
    assert found[AFTER] == ("skipped", "not run: the run was stopped before it was begun")
    assert len(found) == 6


def test_a_run_that_was_stopped(mortal, pytester):
    with pytest.raises(KeyboardInterrupt):
        mortal("stopped", "--parity-report", "out")
    found = outcomes(pytester.path / "out")
    assert found[DIES] == ("failed", "never returned: the run was stopped while it ran")
    assert found[AFTER][0] == "skipped"


def test_a_test_that_was_skipped_before_it_ran_is_listed(mortal, pytester):
    pytester.makeconftest(
        "import pytest\n"
        "def pytest_runtest_setup(item):\n"
        "    if 'dies' in item.name:\n"
        "        pytest.skip('not on a Sunday')\n"
    )
    mortal("", "--parity-report", "out").assert_outcomes(passed=5, skipped=1)
    assert outcomes(pytester.path / "out")[DIES] == ("skipped", "Skipped: not on a Sunday")


def test_nothing_is_planned_where_items_are_only_listed(mortal, pytester):
    mortal("", "--collect-only", "--parity-report", "out")
    assert not (pytester.path / "out").exists()


def test_a_file_that_kills_onnxruntime_is_a_failed_case_and_the_next_goes_on(pytester, crashing, tmp_path):
    import modelparity as mp

    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 4)))
    node = mp.Node("out", "identity", ("x",), ("y",))
    sound = mp.convert(mp.Graph("same", (spec,), ("y",), (node,), {}), tmp_path / "sound.onnx")
    shutil.copy(sound, tmp_path / "zound.onnx")
    result = pytester.runpytest(
        f"--parity={sound}",
        f"--parity-candidate={crashing}",
        f"--parity-candidate={tmp_path / 'zound.onnx'}",
        "--parity-recipe=noise",
        "--parity-report=out",
    )
    found = {name: one for name, one in outcomes(pytester.path / "out").items() if "findings" not in name}
    (crashed, went_on) = found.values()
    assert crashed[0] == "failed"
    assert "crashing.onnx: onnxruntime was killed by SIG" in crashed[1]
    assert went_on[0] == "passed"
    result.stdout.fnmatch_lines(["*RuntimeFailure: crashing.onnx: onnxruntime was killed by SIG*"])
    assert "Traceback" not in result.stdout.str()
