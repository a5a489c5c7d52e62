"""Python, the command line and pytest ask the same question of the same two files, and get the same answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity import cli
from modelparity.inputs import LENGTHS

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402 - after onnx is known to be there

WEIGHT = np.random.default_rng(3).standard_normal((4, 4)).astype("float32")
#: (recipe, band, floors) of every case that was judged; recipes of those that were not.
Answer = tuple[list[tuple[str, str, float]], list[str]]


def model(path: Path, nodes: list[Any], shape: list[Any], outputs: list[Any], weight: Any = WEIGHT) -> Path:
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, outputs)],
        [numpy_helper.from_array(np.asarray(weight), "w")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(made, path)
    return path


def pooled(path: Path, **settings: int) -> Path:
    node = helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[2], strides=[2], **settings)
    return model(path, [node], [1, 4, "time"], [1, 4, None])


def dense(path: Path, weight: Any = WEIGHT, time: int | str = "time") -> Path:
    return model(path, [helper.make_node("MatMul", ["x", "w"], ["y"])], [time, 4], [time, 4], weight)


def squeezed(path: Path) -> Path:
    """A dense layer whose exporter dropped every axis of size one."""
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Squeeze", ["h"], ["y"])]
    return model(path, nodes, ["time", 4], None)  # type: ignore[arg-type]


def paired(path: Path) -> Path:
    """A dense layer whose exporter wrote two frames into one row, and back."""
    shapes = [
        helper.make_node("Constant", [], [n], value_ints=[-1, size]) for n, size in (("two", 8), ("one", 4))
    ]
    nodes = [
        *shapes,
        helper.make_node("Reshape", ["x", "two"], ["a"]),
        helper.make_node("Reshape", ["a", "one"], ["b"]),
        helper.make_node("MatMul", ["b", "w"], ["y"]),
    ]
    return model(path, nodes, ["time", 4], ["time", 4])


def rounded(weight: Any) -> Any:
    return weight.astype("float16").astype("float32")


#: What is compared -> (reference, candidate, the verdict's band, recipes of unjudged cases).
PAIRS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], Path], str, list[str]]] = {
    "the same": (dense, dense, "rounding", []),
    "odd lengths alone show it": (pooled, lambda p: pooled(p, ceil_mode=1), "wrong", []),
    "one frame alone shows it": (dense, squeezed, "wrong", []),
    "weights are off": (dense, lambda p: dense(p, WEIGHT * np.float32(1.01)), "wrong", []),
    "half weights": (dense, lambda p: dense(p, rounded(WEIGHT)), "reduced", []),
    "a fixed length": (lambda p: dense(p, time=7), lambda p: dense(p, -WEIGHT, 7), "wrong", []),
    "a fixed length, the same": (lambda p: dense(p, time=7), lambda p: dense(p, time=7), "rounding", []),
    "a candidate of one length": (dense, lambda p: dense(p, time=100), "rounding", []),
    "a candidate of even lengths": (dense, paired, "rounding", ["odd_length", "one_frame"]),
}


def in_python(reference: Path, candidate: Path) -> tuple[Answer, bool]:
    found = mp.check(reference, candidate)
    cases = [(one.inputs["recipe"], one.band, one.floors) for one in found.cases]
    return (sorted(cases), sorted(one.case for one in found.unjudged)), found.ok


def told(report: dict[str, Any]) -> Answer:
    judged = {
        (one["verdict"]["inputs"]["recipe"], one["verdict"]["band"], float(one["verdict"]["floors"]))
        for one in report["cases"]
        if one["verdict"]
    }
    return sorted(judged), sorted(one["recipe"] for one in report["cases"] if not one["verdict"])


def on_the_command_line(reference: Path, candidate: Path) -> tuple[Answer, bool]:
    report = reference.parent / "cli.json"
    code = cli.main(["check", str(reference), str(candidate), "--json", str(report)])
    return told(json.loads(report.read_text())), code == 0


def in_pytest(pytester: pytest.Pytester, *arguments: str) -> tuple[Answer, bool]:
    result = pytester.runpytest(*arguments, "--parity-report=report")
    return told(json.loads((pytester.path / "report" / "report.json").read_text())), result.ret == 0


@pytest.mark.parametrize("name", PAIRS)
def test_the_three_products_give_one_answer(name: str, pytester: pytest.Pytester) -> None:
    make, make_other, band, unjudged = PAIRS[name]
    folder = pytester.path
    reference, candidate = make(folder / "a.onnx"), make_other(folder / "b.onnx")
    answer, ok = in_python(reference, candidate)
    assert answer[1] == unjudged
    assert mp.check(reference, candidate).band == band
    assert max(answer[0], key=lambda one: ("exact", "rounding", "reduced", "wrong").index(one[1]))[1] == band
    assert ok == (band in ("exact", "rounding") and not unjudged)
    assert on_the_command_line(reference, candidate) == (answer, ok)
    assert in_pytest(pytester, "--parity=a.onnx", "--parity-candidate=b.onnx") == (answer, ok)
    table = folder / "parity.toml"
    table.write_text('[pair]\nreference = "a.onnx"\ncandidates = "b.onnx"\n')
    assert in_pytest(pytester, "parity.toml") == (answer, ok)


def test_a_chosen_length_is_one_case_everywhere(pytester: pytest.Pytester) -> None:
    folder = pytester.path
    reference, candidate = dense(folder / "a.onnx"), dense(folder / "b.onnx", WEIGHT * np.float32(1.01))
    found = mp.check(reference, candidate, sizes={"time": 9}, seed=4)
    assert [one.inputs["recipe"] for one in found.cases] == ["noise"]
    report = folder / "cli.json"
    cli.main(
        ["check", str(reference), str(candidate), "--size", "time=9", "--seed", "4", "--json", str(report)]
    )
    answer = ([("noise", found.band, found.floors)], [])
    assert told(json.loads(report.read_text())) == answer
    table = folder / "parity.toml"
    table.write_text(
        '[pair]\nreference = "a.onnx"\ncandidates = "b.onnx"\nseed = 4\ninputs.x = ["time=9", 4]\n'
    )
    assert in_pytest(pytester, "parity.toml") == (answer, False)


def test_recipes_that_are_named_are_asked_as_they_are_named(pytester: pytest.Pytester) -> None:
    folder = pytester.path
    reference, candidate = dense(folder / "a.onnx"), dense(folder / "b.onnx", WEIGHT * np.float32(1.01))
    chosen = ["impulse", "odd_length"]
    found = mp.check(reference, candidate, recipes=chosen)
    answer = (sorted((one.inputs["recipe"], one.band, one.floors) for one in found.cases), [])
    assert [one.case for one in found.cases] == chosen
    asked = [f"--parity-recipe={recipe}" for recipe in chosen]
    assert in_pytest(pytester, "--parity=a.onnx", "--parity-candidate=b.onnx", *asked) == (answer, False)


def test_the_verdict_holds_all_cases_and_is_the_worst(tmp_path: Path) -> None:
    reference, candidate = pooled(tmp_path / "a.onnx"), pooled(tmp_path / "b.onnx", ceil_mode=1)
    found = mp.check(reference, candidate)
    assert tuple(one.case for one in found.cases) == LENGTHS
    assert [one.band for one in found.cases] == ["exact", "wrong", "exact"]
    worst = found.cases[1]
    assert (found.band, found.floors, found.outputs, found.where) == (
        worst.band,
        worst.floors,
        worst.outputs,
        worst.where,
    )
    assert found.inputs["recipe"] == "odd_length"
    assert worst.cases == (worst,)
    assert repr(found) == str(found)
    for line in (
        "noise: exact, 0 times what rounding can explain",
        "odd_length: wrong, infinitely more than rounding can explain",
    ):
        assert line in str(found)
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert [one["band"] for one in data["cases"]] == ["exact", "wrong", "exact"]
    assert "cases" not in worst.to_json()


def test_a_case_that_could_not_be_judged_is_red_and_told(tmp_path: Path) -> None:
    found = mp.check(dense(tmp_path / "a.onnx"), paired(tmp_path / "b.onnx"))
    assert (found.band, found.accepted, found.ok) == ("rounding", True, False)
    assert str(found).startswith("2 of 3 cases could not be judged: b.onnx run by onnxruntime")
    assert "odd_length: not judged: b.onnx: onnxruntime refuses to run this" in str(found)
    assert [one["case"] for one in found.to_json()["unjudged"]] == ["odd_length", "one_frame"]


def of_pixels(path: Path, least: float) -> Path:
    """Pixels divided by 255, of which no more than a least is kept."""
    constants = [
        helper.make_node("Constant", [], [name], value_float=value)
        for name, value in (("k", 255.0), ("m", least))
    ]
    nodes = [
        *constants,
        helper.make_node("Div", ["x", "k"], ["d"]),
        helper.make_node("Min", ["d", "m"], ["c"]),
        helper.make_node("MatMul", ["c", "w"], ["y"]),
    ]
    return model(path, nodes, [1, 3, 8, 8], [1, 3, 8, 4], np.ones((8, 4), "float32"))


def test_what_an_input_asks_for_is_asked_everywhere(pytester: pytest.Pytester) -> None:
    """In pytest, whose tests are named before a file is read, the test of noise asks it too."""
    folder = pytester.path
    reference, candidate = of_pixels(folder / "a.onnx", 1.0), of_pixels(folder / "b.onnx", 0.5)
    found = mp.check(reference, candidate)
    assert [(one.case, one.band) for one in found.cases] == [("noise", "rounding"), ("pixels", "wrong")]
    (judged, _), ok = on_the_command_line(reference, candidate)
    assert (not ok, [case for case, *_ in judged]) == (True, ["noise", "pixels"])
    (judged, _), ok = in_pytest(pytester, "--parity=a.onnx", "--parity-candidate=b.onnx")
    assert not ok
    assert ("pixels", "wrong") in [one[:2] for one in judged]
