"""A coarse output is no half precision; a half precision shows itself, in another case too where one is too small."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.runtimes import Runtime
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference

R = np.random.default_rng(4)
W = (R.normal(size=(32, 8)) * 0.2).astype(np.float32)
B = (R.normal(size=8) * 0.01).astype(np.float32)
X = R.normal(size=(40, 32)).astype(np.float32)


def net(weight: np.ndarray = W, bias: np.ndarray = B, op: str = "sigmoid") -> Graph:
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 32)))
    nodes = (Node("a", "dense", ("x", "w", "b"), ("a",)), Node("y", op, ("a",), ("y",)))
    return Graph("net", (spec,), ("y",), nodes, {"w": weight, "b": bias})


class Made(Runtime):
    """The engine, whose outputs something is made of."""

    name = "made"

    def __init__(self, change: Callable[[np.ndarray], np.ndarray], arithmetic: str = "float32") -> None:
        self.change, self.arithmetic = change, arithmetic

    def accepts(self, artefact: object) -> bool:
        return isinstance(artefact, Graph)

    def run(self, artefact: object, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        found = mp.run(artefact, feeds, arithmetic=self.arithmetic)
        return {name: self.change(y) for name, y in found.items()}


def steps(size: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda y: (np.round(y.astype(np.float64) / size) * size).astype(np.float32)


def powers(y: np.ndarray) -> np.ndarray:
    return np.exp2(np.round(np.log2(y))).astype(np.float32)


def nearest(y: np.ndarray) -> np.ndarray:
    numbers = np.array([45, 77, 139, 179, 211], np.float32) / 256
    return numbers[np.abs(y[..., None] - numbers).argmin(-1)]


COARSE = {
    **{f"1/{n}": steps(1 / n) for n in (16, 64, 128, 256, 512, 1024, 4096)},
    "3/256": steps(3 / 256),
    "5/1024": steps(5 / 1024),
    "zeros and ones": lambda y: np.round(y),
    "powers of two": powers,
    "five numbers": nearest,
}
CANDIDATES = {"as it is": net(), "without bias": net(bias=0 * B), "2 % more": net(W * np.float32(1.02))}


@pytest.mark.parametrize("candidate", CANDIDATES)
@pytest.mark.parametrize("how", COARSE)
def test_what_is_coarse_is_not_half_precision(how: str, candidate: str) -> None:
    """What onnxruntime's quantiser makes of a sigmoid, and the like: half types hold it, and have not made it."""
    verdict = mp.check(net(), CANDIDATES[candidate], runtime=Made(COARSE[how]), inputs=X, expect="reduced")
    assert (verdict.band, verdict.explained_by) == ("wrong", None)


@pytest.mark.parametrize("op", ["sigmoid", "tanh", "softplus", "identity"])
@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_half_precision_shows_itself(precision: str, op: str) -> None:
    graph = net(op=op)
    verdict = mp.check(graph, graph, runtime=Made(lambda y: y, precision), inputs=X, expect="reduced")
    assert (verdict.band, verdict.explained_by) == ("reduced", f"{precision} arithmetic")


def test_steps_are_no_half_precision_in_a_file_of_half_weights_either() -> None:
    reference = Reference(net(), X)
    coarse = {"y": steps(1 / 256)(reference.truth["y"])}
    for held in ("float16", "bfloat16"):
        assert judge(reference, coarse, candidate="c", runtime="r", held=held).band == "wrong"
    half = {"y": coarse["y"].astype(np.float16)}
    assert judge(reference, half, candidate="c", runtime="r", expect="reduced").band == "wrong"


def test_numbers_that_the_truth_has_too_are_no_trace() -> None:
    """A table of bfloat16's numbers, looked up: wrong rows are numbers of bfloat16 as right ones are."""
    table = R.normal(size=(64, 8)).astype(np.float32)
    table = (table.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 8)))
    nodes = (
        Node("top", "argmax", ("x",), ("i",), {"axis": -1}),
        Node("row", "gather", ("t", "i"), ("y",), {"axis": 0}),
    )
    graph = Graph("rows", (spec,), ("y",), nodes, {"t": table})
    reference = Reference(graph, R.normal(size=(40, 8)).astype(np.float32))
    wrong = {"y": np.roll(reference.truth["y"], 1, 0).astype(np.float32)}
    reference.floor("bfloat16").outputs["y"][...] = 100.0  # as if anything went
    assert judge(reference, wrong, candidate="c", runtime="r").band == "wrong"


def two() -> Graph:
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 32)))
    nodes = (
        Node("a", "dense", ("x", "w", "b"), ("a",)),
        Node("y", "sigmoid", ("a",), ("y",)),
        Node("z", "tanh", ("a",), ("z",)),
    )
    return Graph("two", (spec,), ("y", "z"), nodes, {"w": W, "b": B})


def test_one_output_does_not_speak_for_a_coarse_one() -> None:
    reference = Reference(two(), X)
    half = mp.run(two(), reference.feeds, arithmetic="bfloat16")
    assert judge(reference, half, candidate="c", runtime="r").explained_by == "bfloat16 arithmetic"
    half["y"] = steps(1 / 256)(reference.truth["y"])
    assert judge(reference, half, candidate="c", runtime="r").band == "wrong"


@pytest.mark.parametrize("expect", ["exact", "rounding", "reduced"])
def test_a_half_where_more_is_declared_is_reduced_whatever_is_expected(expect: str) -> None:
    reference = Reference(net(), X)
    stored = reference.truth["y"].astype(np.float16)
    found = judge(reference, {"y": stored}, candidate="c", runtime="r", expect=expect)
    assert (found.band, found.explained_by, found.ok) == ("reduced", "float16 outputs", expect == "reduced")
    away = np.abs(stored.astype(np.float64) - reference.truth["y"]) > reference.floor().outputs["y"]
    assert found.outputs[0].share_above == pytest.approx(away.mean())
    assert found.floors > 100
    assert "of the elements are beyond rounding" in str(found) or found.ok
    mistaken = (reference.truth["y"] + 0.1).astype(np.float16)
    assert judge(reference, {"y": mistaken}, candidate="c", runtime="r", expect=expect).band == "wrong"


def test_of_two_outputs_only_the_narrow_one_is_reduced() -> None:
    reference = Reference(two(), X)
    outputs = {
        "y": reference.truth["y"].astype(np.float16),
        "z": reference.truth["z"].astype(np.float32),
    }
    found = judge(reference, outputs, candidate="c", runtime="r")
    assert [output.band for output in found.outputs] == ["reduced", "exact"]


def one_number() -> Graph:
    return net(W[:, :1], B[:1])


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_what_one_case_shows_holds_for_a_smaller_one(precision: str) -> None:
    graph = one_number()
    verdict = mp.check(graph, graph, runtime=Made(lambda y: y, precision), expect="reduced")
    assert verdict.ok
    small = next(one for one in verdict.cases if one.case == "one_frame")
    assert small.outputs[0].shape == (1, 1)
    assert small.explained_by == f"{precision} arithmetic, which the outputs show in case noise"
    alone = mp.check(graph, graph, runtime=Made(lambda y: y, precision), recipe="one_frame", expect="reduced")
    assert alone.band == "wrong"


def test_no_case_shows_what_none_has() -> None:
    graph = one_number()
    for change in (steps(1 / 256), steps(1 / 4096)):
        verdict = mp.check(graph, graph, runtime=Made(change), expect="reduced")
        assert [one.band for one in verdict.cases] == ["wrong"] * 3


def test_a_mistake_beyond_half_precision_is_wrong_in_the_smaller_case_too() -> None:
    graph = one_number()

    def off(y: np.ndarray) -> np.ndarray:
        return y if len(y) > 1 else (y * 0.5).astype(np.float16).astype(np.float32)

    verdict = mp.check(graph, graph, runtime=Made(off, "float16"), expect="reduced")
    assert {one.case: one.band for one in verdict.cases}["one_frame"] == "wrong"
    assert not verdict.ok
