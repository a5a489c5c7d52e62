"""What modelparity really writes is what its schemas say, and what it does not write is refused by them."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec, cli
from modelparity.goldens.safetensors_file import encode
from modelparity.stages import Decoder, Events, Given, Networks, Pipeline
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference

jsonschema = pytest.importorskip("jsonschema")
ROOT = Path(__file__).parents[2]


def validator(name):
    schema = json.loads((ROOT / "docs" / "schemas" / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def entry_of(data):
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return json.loads(header["__metadata__"]["modelparity"])


@pytest.fixture(scope="module")
def graph():
    return mp.load(ROOT / "fixtures" / "lstm.pkl")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Of the command line: verdicts that are well and that are not, and a file that could not be read."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "none.onnx").write_text("nothing")
    net = str(ROOT / "fixtures" / "dnn.pkl")
    other = str(ROOT / "fixtures" / "rnn.pkl")
    cli.main(["check", net, net, other, str(folder / "none.onnx"), "--json", str(folder / "r.json")])
    return json.loads((folder / "r.json").read_text())


def test_a_report_is_as_its_schema_says(report):
    assert {case["verdict"] is None for case in report["cases"]} == {True, False}
    validator("report.json").validate(report)


def test_a_verdict_of_several_cases_and_one_with_problems_are_as_the_schema_says(report, graph):
    single = copy.deepcopy(next(case for case in report["cases"] if case["verdict"]))
    feeds = np.ones((4, graph.inputs[0].axes[1].size), np.float32)
    wide = {name: y * np.nan for name, y in mp.run(graph, feeds).items()}
    found = judge(Reference(graph, feeds), wide, candidate="c", runtime="r")
    assert {one.kind for one in found.outputs[0].problems} == {"type", "nan"}
    for verdict in (mp.check(graph, graph).to_json(), found.to_json()):
        validator("report.json").validate({**report, "cases": [{**single, "verdict": verdict}]})


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(version=1),
        lambda r: r.update(more=1),
        lambda r: r["cases"][0].pop("id"),
        lambda r: r["cases"][0].update(outcome="perhaps"),
        lambda r: r["cases"][0]["verdict"].update(band="fine"),
        lambda r: r["cases"][0]["verdict"].update(floors="many"),
        lambda r: r["cases"][0]["verdict"]["outputs"][0].update(problems=["shape is (1,)"]),
    ],
)
def test_another_form_is_refused(report, change):
    other = copy.deepcopy({**report, "cases": [case for case in report["cases"] if case["verdict"]]})
    change(other)
    assert not validator("report.json").is_valid(other)


def test_goldens_are_as_their_schema_says(graph):
    gold = mp.golden(graph, length=3)
    old = (ROOT / "tests" / "goldens" / "old" / "version_1.safetensors").read_bytes()
    assert entry_of(old)["provenance"]["spec"] == 1
    for data in (encode(gold), encode(gold.with_terms(graph)), old):
        validator("golden.json").validate(entry_of(data))


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e["provenance"].pop("recipe"),
        lambda e: e["provenance"].update(spec=3),
        lambda e: e["floor"].update(runs="8"),
        lambda e: e["floor"].update(conditioning="fair"),
        lambda e: e.pop("seal"),
        lambda e: e.update(terms=3),
    ],
)
def test_another_form_of_golden_is_refused(graph, change):
    entry = entry_of(encode(mp.golden(graph, length=3)))
    change(entry)
    assert not validator("golden.json").is_valid(entry)


def test_what_a_check_of_a_pipeline_found_is_as_its_schema_says():
    pipeline = Pipeline(
        "toy/small",
        (
            Given("x"),
            Networks("y", ("x",), members=(Member(),)),
            Decoder("first", ("y",), function=lambda y: y[:1, 0], gives=Events()),
        ),
    )
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
    right = pipeline.run(x=x)
    wrong = right["y"] * np.nan
    results = [
        pipeline.check(x=x, y=right["y"], first=right["first"]),
        pipeline.check(x=x, y=wrong, first=[]),
        pipeline.check(x=x, networks=[Member().load()]),
    ]
    for found in results:
        validator("pipeline.json").validate(json.loads(json.dumps(found.to_json(), allow_nan=False)))
    other = results[0].to_json()
    other["stages"][0]["band"] = "fine"
    assert not validator("pipeline.json").is_valid(other)


class Member:
    """A small network of three inputs."""

    key = "small"

    def load(self):
        node = Node("sum", "reduce_sum", ("x",), ("y",), {"axes": (1,), "keepdims": True})
        return Graph("small", (TensorSpec("x", (Axis("time"), Axis("feature", 3))),), ("y",), (node,), {})
