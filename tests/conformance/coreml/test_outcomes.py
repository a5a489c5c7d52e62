"""Counting outcomes, and holding failures against the list of exceptions."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def outcomes():
    """The module beside this one."""
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module("outcomes")
    finally:
        sys.path.remove(str(HERE))


@pytest.fixture
def record(tmp_path):
    """``record((test, outcome, predictions), ...)``: a file of such lines."""

    def record(*lines):
        path = tmp_path / "record.jsonl"
        rows = [{"total": len(lines)}]
        for test, outcome, predictions in lines:
            rest = {"ops": ["add"], "seconds": 1, "error": "E"}
            rows.append({"test": test, "outcome": outcome, "predictions": predictions, **rest})
        path.write_text("\n".join(map(json.dumps, rows)))
        return path

    return record


@pytest.mark.parametrize(
    ("outcome", "predictions", "kind"),
    [
        ("passed", 1, "passed"),
        ("passed", 0, "not applicable"),
        ("xpassed", 2, "passed"),
        ("xfailed", 1, "not applicable"),
        ("skipped", 0, "not applicable"),
        ("failed", 0, "failed"),
        ("failed", 1, "failed"),
    ],
)
def test_only_tests_that_predict_count(outcomes, record, outcome, predictions, kind):
    (one,) = outcomes.read(record(("iOS14/test_a.py::TestAdd::test_x[1]", outcome, predictions)))
    assert one.kind == kind


def test_a_model_that_cannot_be_read_is_a_failure_even_if_the_test_passes(outcomes):
    line = {"test": "a", "ops": [], "seconds": 1, "error": "", "predictions": 0, "reason": "no prediction"}
    assert outcomes.outcome({**line, "outcome": "passed", "unread": ""}).kind == "not applicable"
    unread = outcomes.outcome({**line, "outcome": "passed", "unread": "unknown MIL operation"})
    assert (unread.kind, unread.error) == ("failed", "unknown MIL operation")


def test_what_is_not_applicable_is_counted_by_reason(outcomes):
    def one(kind, reason):
        return outcomes.Outcome("a", kind, reason=reason)

    found = [one("not applicable", "a"), one("not applicable", "b"), one("not applicable", "b")]
    assert outcomes.reasons([*found, one("passed", "")]) == [("b", 2), ("a", 1)]


def test_counts_by_operator(outcomes, record):
    found = outcomes.read(
        record(
            ("iOS14/test_a.py::TestAdd::test_x[1]", "passed", 1),
            ("iOS14/test_a.py::TestAdd::test_y", "failed", 1),
            ("test_numpy_nn_layers.py::Simple::test_gather_cpu", "skipped", 0),
        )
    )
    assert outcomes.table(found) == [("Add (iOS14)", 1, 1, 0), ("nn gather", 0, 0, 1)]


def test_counts_by_kind_of_model(outcomes, record):
    found = outcomes.read(
        record(
            ("iOS14/test_a.py::TestAdd::test_x[backend=mlprogram-fp16-iOS15-1]", "passed", 1),
            ("iOS14/test_a.py::TestAdd::test_x[backend=mlprogram-fp32-iOS15-1]", "passed", 1),
            ("iOS14/test_a.py::TestAdd::test_x[backend=neuralnetwork-fp32-iOS14-1]", "failed", 1),
            ("iOS14/test_a.py::TestAdd::test_builder_eval", "passed", 0),
            ("test_numpy_nn_layers.py::Simple::test_gather_cpu", "passed", 1),
        )
    )
    assert outcomes.table(found, outcomes.group_of) == [
        ("operations, float16 programs", 1, 0, 0),
        ("operations, float32 programs", 1, 0, 0),
        ("operations, networks", 0, 1, 0),
        ("operations, no model", 0, 0, 1),
        ("tests of networks", 1, 0, 0),
    ]


def test_a_failure_without_reason_and_a_reason_without_failure_are_problems(outcomes, record):
    found = outcomes.read(
        record(
            ("iOS14/test_a.py::TestAdd::test_x[mlprogram-dim=2]", "failed", 1),
            ("iOS14/test_a.py::TestAdd::test_x[mlprogram-dim=3]", "failed", 1),
            ("iOS14/test_a.py::TestAdd::test_y[1]", "passed", 1),
        )
    )

    def listed():
        known = outcomes.Exception_("iOS14/test_a.py::TestAdd::test_x", "reason", ("dim=2",))
        return [known, outcomes.Exception_("iOS14/test_a.py::TestAdd::test_y", "reason")]

    assert [line.split(":")[0] for line in outcomes.problems(found, listed(), whole=False)] == [
        "iOS14/test_a.py"
    ]
    whole = outcomes.problems(found, listed(), whole=True)
    assert len(whole) == 2
    assert "stale" in whole[1]
    assert "test_y" in whole[1]


def test_an_exception_is_not_stale_where_its_tests_cannot_run(outcomes):
    def one(needs):
        return outcomes.Exception_("iOS14/test_a.py::TestAdd::test_x", "reason", (), needs)

    assert outcomes.problems([], [one("no_such_module")], whole=True) == []
    assert len(outcomes.problems([], [one("json"), one("")], whole=True)) == 2


def test_operators_that_no_test_reaches_are_listed_and_no_others(outcomes, record):
    found = outcomes.read(record(("iOS14/test_a.py::TestAdd::test_x", "passed", 1)))
    assert outcomes.coverage(found, ["add", "sub"], {"sub": "reason"}) == []
    assert outcomes.coverage(found, ["add", "sub"], {}) == ["no test reaches 'sub'"]
    assert outcomes.coverage(found, ["add"], {"add": "reason"}) == ["stale entry: tests reach 'add'"]


def test_every_listed_exception_gives_a_reason(outcomes):
    listed, unreached = outcomes.exceptions()
    assert all(len(one.reason) > 20 for one in listed)
    assert all(len(reason) > 20 for reason in unreached.values())
