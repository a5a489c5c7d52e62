"""Reports of older versions are read in today's form; later ones ask for an upgrade."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError
from modelparity.report import document, read, write
from modelparity.report.document import VERSION
from modelparity.report.reading import STEPS, migrated
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference


@pytest.fixture
def today(make_case):
    """A report with a verdict that has problems."""
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 2)))
    weight = np.eye(2, dtype=np.float32)

    graph = mp.Graph("net", (spec,), ("y",), (mp.Node("d", "dense", ("x", "w"), ("y",)),), {"w": weight})
    x = np.ones((3, 2), np.float32)
    wide = {"y": x.astype(np.float64)}
    verdict = judge(Reference(graph, x), wide, candidate="c", runtime="r").to_json()
    assert [one["kind"] for one in verdict["outputs"][0]["problems"]] == ["type"]
    return document([make_case("a", "torch", verdict=verdict), make_case("b", "torch", "skipped")])


def of_version_1(report):
    old = copy.deepcopy(report)
    old["version"] = 1
    for case in old["cases"]:
        for output in (case["verdict"] or {"outputs": []})["outputs"]:
            output["problems"] = [one["text"] for one in output["problems"]]
    return old


def test_a_report_is_read_as_it_was_written(today, tmp_path):
    write(today, tmp_path)
    assert read(tmp_path / "report.json") == json.loads(json.dumps(today))


def test_a_report_of_version_1_is_brought_to_the_current_form(today, tmp_path):
    old = of_version_1(today)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(old))
    found = read(path)
    assert found["version"] == VERSION
    assert found["cases"][0]["verdict"]["outputs"][0]["problems"] == [
        {"kind": "unknown", "text": today["cases"][0]["verdict"]["outputs"][0]["problems"][0]["text"]}
    ]
    assert old == json.loads(path.read_text()), "the old document was changed"


def test_there_is_a_step_from_every_older_version():
    assert sorted(STEPS) == list(range(1, VERSION))


def test_a_later_version_asks_for_an_upgrade(today):
    with pytest.raises(InputError, match=r"later version(?s:.)*version 99(?s:.)*upgrade: pip install"):
        migrated({**today, "version": 99})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "another"}, "not a report"),
        ({"version": None}, "without a version"),
        ({"version": True}, "without a version"),
        ({"version": 1, "cases": [3]}, "damaged"),
        ({"version": 1, "cases": None}, "damaged"),
    ],
)
def test_what_is_no_report_is_refused(today, change, words):
    with pytest.raises(InputError, match=words):
        migrated({**today, **change})


def test_a_file_that_is_no_json_is_refused(tmp_path):
    (tmp_path / "r.json").write_text("{")
    with pytest.raises(InputError, match="not readable as JSON"):
        read(tmp_path / "r.json")
    with pytest.raises(InputError, match="not a report"):
        migrated([])
