"""The question behind `check`: which cases are planned, what is refused at once, what becomes of a failing one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.errors import GraphError, InputError
from modelparity.formats import registry
from modelparity.inputs import LENGTHS
from modelparity.runtimes import Runtime
from modelparity.verdict.floor import FURTHER, RUNS
from modelparity.verdict.outcomes import answer
from modelparity.verdict.question import Question, usual


def net(time=None, batch=1):
    axes = (mp.Axis("batch", batch), mp.Axis("time", time), mp.Axis("feature", 3))
    weight = np.random.default_rng(0).standard_normal((3, 3)).astype(np.float32)
    node = mp.Node("d", "dense", ("x", "w"), ("y",))
    return mp.Graph("net", (mp.TensorSpec("x", axes),), ("y",), (node,), {"w": weight})


class Picky(Runtime):
    """Runs what has as many frames as it likes."""

    name = "picky"

    def __init__(self, *liked):
        self.liked = liked

    def accepts(self, artefact):
        return isinstance(artefact, mp.Graph)

    def run(self, artefact, feeds):
        if feeds["x"].shape[1] not in self.liked:
            raise GraphError("not to my liking", found=feeds["x"].shape)
        return mp.run(artefact, feeds, arithmetic="native")


def test_several_lengths_are_tried_where_the_length_is_free():
    assert usual(net()) == LENGTHS
    assert usual(net(batch=None)) == LENGTHS
    assert usual(net(batch=None), sizes={"batch": 4}) == LENGTHS


def test_cases_that_nobody_named_have_fewer_runs_than_the_plainest():
    runs = {name: one.floor().runs for name, one in Question(net()).references.items()}
    assert runs.pop(LENGTHS[0]) == RUNS
    # One frame has three numbers, which say little together.
    assert runs == {"odd_length": FURTHER, "one_frame": 2 * FURTHER}
    assert Question(net(), recipes=("odd_length",)).references["odd_length"].floor().runs == RUNS


def test_a_file_that_is_compared_with_itself_is_read_once(tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    path = tmp_path / "net.onnx"
    mp.convert(net(), path)
    graph, reader = mp.load(path), vars(registry)["_own"]()["onnx"]
    read = []
    monkeypatch.setitem(
        registry._own(), "onnx", replace(reader, read=lambda path: read.append(path) or reader.read(path))
    )
    assert mp.check(graph, path).ok
    assert read == []


def test_noise_alone_where_the_length_is_fixed_or_chosen():
    assert usual(net(time=5)) == usual(net(), length=9) == usual(net(), sizes={"time": 9}) == LENGTHS[:1]


def test_recipes_are_asked_once_each_in_their_order():
    graph = net()
    assert [one.case for one in mp.check(graph, graph, recipes=["impulse", "noise", "impulse"]).cases] == [
        "impulse",
        "noise",
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"recipe": "noise", "recipes": ["noise"]}, "both recipe= and recipes="),
        ({"recipes": []}, "no recipe to ask about"),
        ({"recipes": ["noise", "nose"]}, "unknown recipe 'nose'"),
        ({"expect": "wrong"}, "'wrong' is nothing to expect"),
        ({"sizes": {"tame": 3}}, "no variable axis 'tame'"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_runs(options, words):
    with pytest.raises(InputError, match=words):
        mp.check(net(), net(), runtime=Picky(), **options)


def test_a_case_that_fails_is_listed_and_makes_the_verdict_red():
    found = mp.check(net(), net(), runtime=Picky(100, 97))
    assert [one.case for one in found.cases] == ["noise", "odd_length"]
    assert [(one.case, one.reason.partition("\n")[0]) for one in found.unjudged] == [
        ("one_frame", "not to my liking")
    ]
    assert (found.accepted, found.ok) == (True, False)
    assert "1 of 3 cases could not be judged" in str(found)


def test_a_wrong_case_is_told_beside_one_that_fails():
    graph = net()
    bent = graph.changed(constants={"w": graph.constants["w"] * 2})
    found = mp.check(graph, bent, runtime=Picky(97))
    assert (found.band, found.case) == ("wrong", "odd_length")
    assert str(found).startswith("wrong, expected rounding: ")
    assert "noise: not judged: not to my liking" in str(found)


def test_if_no_case_could_be_judged_the_first_error_is_raised():
    with pytest.raises(GraphError, match=r"not to my liking(?s:.)*\(1, 100, 3\)"):
        mp.check(net(), net(), runtime=Picky())


def test_every_case_has_an_outcome():
    graph = net()
    outcomes = list(Question(graph).ask(graph, runtime=Picky(97)))
    assert [one.case for one in outcomes] == list(LENGTHS)
    assert [one.verdict is None for one in outcomes] == [one.error is not None for one in outcomes]
    assert answer(outcomes).ok is False


def test_a_recipe_that_was_not_planned_stands_for_the_plain_one():
    assert Question(net(time=5)).meant("one_frame") == "noise"
    assert Question(net()).meant("one_frame") == "one_frame"


def test_sizes_at_which_a_reference_does_not_run_give_way_to_larger_ones_than_the_least():
    """A window of sound, of which one frame is made: 16 numbers are enough, and 65 the most."""
    graph = Graph(
        "window",
        (TensorSpec("audio", (Axis("batch"), Axis("sample", None, 16))),),
        ("y",),
        (
            Node("up", "expand_dims", ("audio",), ("wide",), {"axes": (-1,)}),
            Node("c", "conv", ("wide", "w"), ("frames",), {"strides": (50,), "padding": ((34, 0),)}),
            Node("t", "reshape", ("frames",), ("y",), {"shape": (0, 4)}),
        ),
        {"w": np.random.default_rng(0).standard_normal((50, 1, 4)).astype("float32")},
    )
    verdict = mp.check(graph, graph, recipe="noise")
    assert verdict.ok
    sample, usual = verdict.inputs["smaller"]["sample"]
    assert 60 <= sample <= 65
    assert usual == 4096


def test_one_frame_is_advised_where_it_may_be_asked_for():
    free, fixed = (mp.Axis("time"), mp.Axis("feature", 3)), (mp.Axis("row", 4), mp.Axis("feature", 3))
    table = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)

    def table_of(axes, factor=1.0):
        spec, node = mp.TensorSpec("x", axes), mp.Node("product", "matmul", ("x", "W"), ("y",))
        return mp.Graph("net", (spec,), ("y",), (node,), {"W": table * np.float32(factor)})

    advice = "run again with length 1"
    # Where a cause is named, as that factor is, there is no advice.
    assert advice not in str(mp.check(table_of(free), table_of(free, 1.01), recipe="noise"))
    assert advice in str(mp.check(table_of(free), table_of(free, 1.01), recipe="noise", explain=False))
    assert advice not in str(mp.check(table_of(free), table_of(free, 1.01), length=1))
    assert advice not in str(mp.check(table_of(free), table_of(free, 1.01), sizes={"time": 1}))
    assert advice not in str(mp.check(table_of(fixed), table_of(fixed, 1.01)))
    assert advice not in str(mp.check(table_of(free), table_of(fixed, 1.01), recipe="noise"))
    given = {"x": np.ones((4, 3), np.float32)}
    assert advice not in str(mp.check(table_of(free), table_of(free, 1.01), inputs=given))
