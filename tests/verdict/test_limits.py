"""A run is bounded while it runs, since sizes can depend on data: smaller ones are tried, then it is unjudged."""

from __future__ import annotations

import json
from time import sleep

import numpy as np
import pytest

import modelparity as mp
from modelparity import cli
from modelparity.engine.limits import Limits, TooMuch, limited
from modelparity.errors import InputError
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.inputs.cost import Budget
from modelparity.verdict.question import Question

TOO_FEW, ENOUGH = 2_000_000, 3_000_000


def pairs(name="pairs", time=None):
    """x (time, 8) -> x times a sum over all pairs of elements that are not 0: of zeros there are none."""
    nodes = (
        Node("flat", "reshape", ("x",), ("flat",), {"shape": (-1,)}),
        Node("places", "non_zero", ("flat",), ("places",)),
        Node("numbers", "cast", ("places",), ("numbers",), {"to": "float"}),
        Node("turned", "transpose", ("numbers",), ("turned",)),
        Node("pairs", "matmul", ("numbers", "turned"), ("pairs",)),
        Node("sum", "reduce_sum", ("pairs",), ("sum",)),
        Node("y", "mul", ("x", "sum"), ("y",)),
    )
    spec = TensorSpec("x", (Axis("time", time), Axis("feature", 8)))
    return Graph(name, (spec,), ("y",), nodes, {})


def sizes(verdict):
    return {one.case: one.inputs.get("smaller") for one in verdict.cases}


def test_a_run_is_stopped_where_its_results_hold_too_much_or_time_is_over():
    x = np.ones((100, 8), np.float32)
    with limited(alive=700_000):
        mp.run(pairs(), x)
    with limited(alive=600_000), pytest.raises(TooMuch, match="too much memory"):
        mp.run(pairs(), x)
    with limited(seconds=60):
        mp.run(pairs(), x)
    with limited(seconds=1e-7), pytest.raises(TooMuch, match="too long"):
        mp.run(pairs(), x)


def test_what_a_loop_holds_in_a_turn_is_counted_and_let_go_of():
    body = Graph(
        "body",
        (TensorSpec("n", ()), TensorSpec("x", (Axis("a", 100),))),
        ("n2", "x2"),
        (
            Node("n2", "add", ("n", "one"), ("n2",)),
            Node("wide", "broadcast_to", ("x", "shape"), ("wide",), {"values": True}),
            Node("exp", "exp", ("wide",), ("exp",)),
            Node("x2", "reduce_mean", ("exp",), ("x2",), {"axes": (0,)}),
        ),
        {"one": np.float32(1), "shape": np.array([50, 100])},
    )
    condition = Graph(
        "condition",
        (TensorSpec("n", ()), TensorSpec("x", (Axis("a", 100),))),
        ("go",),
        (Node("go", "less", ("n", "five"), ("go",)),),
        {"five": np.float32(5)},
    )
    node = Node(
        "loop", "while_loop", ("n", "x"), ("n9", "y"), {"condition": condition, "body": body, "carried": 2}
    )
    graph = Graph("loop", (TensorSpec("x", (Axis("a", 100),)),), ("y",), (node,), {"n": np.float32(0)})
    x = np.zeros(100, np.float32) - 1
    with limited(alive=11_000):  # two wide results of a turn, not those of five
        mp.run(graph, x)
    with limited(alive=9_000), pytest.raises(TooMuch):
        mp.run(graph, x)


def test_smaller_sizes_are_tried_and_said():
    fine = mp.check(pairs(), pairs("other"), limits={"elements": ENOUGH})
    less = mp.check(pairs(), pairs("other"), limits={"elements": TOO_FEW})
    assert fine.ok
    assert sizes(fine) == {"noise": None, "odd_length": None, "one_frame": None}
    assert less.ok
    assert sizes(less) == {"noise": {"time": [50, 100]}, "odd_length": {"time": [49, 97]}, "one_frame": None}
    assert "noise: time=50 for 100; odd_length: time=49 for 97" in str(less)
    assert "smaller" not in str(fine)
    json.dumps(less.to_json())


def test_where_no_smaller_size_is_left_the_case_is_unjudged_with_the_option_that_allows_it():
    for limits, option in (({"elements": 10}, "--limit elements="), ({"seconds": 1e-7}, "--limit seconds=")):
        verdict = mp.check(pairs(), pairs("other"), limits=limits)
        assert verdict.band == "unjudged"
        assert not verdict.ok
        assert "too large at time=1" in str(verdict)
        assert option in str(verdict)


@pytest.mark.parametrize(
    "given", [{"sizes": {"time": 100}}, {"length": 100}, {"inputs": np.ones((100, 8), "f4")}]
)
def test_sizes_that_were_asked_for_are_not_changed(given):
    verdict = mp.check(pairs(), pairs("other"), limits={"elements": TOO_FEW}, **given)
    assert verdict.band == "unjudged"
    assert "time=100" in str(verdict)
    assert mp.check(pairs(), pairs("other"), limits={"elements": ENOUGH}, **given).ok


def test_what_is_wrong_is_not_excused_by_time_that_is_over():
    """Half precision is asked about where rounding explains nothing: being stopped there is no answer."""
    other = pairs("other").changed(constants={"half": np.full(8, 0.5, np.float32)})
    nodes = (
        *other.nodes[:-1],
        Node("z", "mul", ("x", "sum"), ("z",)),
        Node("y", "mul", ("z", "half"), ("y",)),
    )
    assert mp.check(pairs(), other.changed(nodes=nodes), limits={"elements": TOO_FEW}).band == "wrong"


@pytest.mark.parametrize(
    "limits", [{"element": 5}, {"elements": 0}, {"seconds": "long"}, {"seconds": float("inf")}]
)
def test_limits_that_are_none_are_refused(limits):
    with pytest.raises(InputError, match="limit"):
        mp.check(pairs(), pairs("other"), limits=limits)


def test_more_plans_larger_sizes_and_less_plans_smaller_ones():
    wide = Graph(
        "wide",
        (TensorSpec("x", (Axis("batch"), Axis("time"), Axis("feature", 4096))),),
        ("y",),
        (Node("y", "tanh", ("x",), ("y",)),),
        {},
    )
    usual, less = (
        Question(wide, recipes=("noise",), limits=limits).references["noise"]
        for limits in (None, Budget(elements=Budget().elements // 64))
    )
    assert usual.sizes == {"batch": 2, "time": 100}
    assert less.sizes["time"] < 100
    assert less.about["smaller"]["time"] == [less.sizes["time"], 100]


def test_the_same_sizes_are_not_run_under_several_names():
    fixed = Graph(
        "fixed",
        (TensorSpec("x", (Axis("time", 20), Axis("feature", 3))),),
        ("y",),
        (Node("y", "tanh", ("x",), ("y",)),),
        {},
    )
    free = fixed.changed(inputs=(TensorSpec("x", (Axis("time"), Axis("feature", 3))),))
    assert [one.case for one in mp.check(free, free.changed(name="b")).cases] == [
        "noise",
        "odd_length",
        "one_frame",
    ]
    assert [one.case for one in mp.check(free, fixed).cases] == ["noise"]
    hundred = fixed.changed(inputs=(TensorSpec("x", (Axis("time", 100), Axis("feature", 3))),))
    assert [one.case for one in mp.check(free, hundred).cases] == ["noise"]
    asked = mp.check(free, fixed, recipes=["noise", "silence"])
    assert [one.case for one in asked.cases] + [one.case for one in asked.unjudged] == ["noise", "silence"]


def test_time_that_others_take_is_not_counted():
    watch = Limits(seconds=0.05).watch()
    sleep(0.1)
    watch.after([], (), (), 0)


def test_weights_that_are_made_of_others_are_no_reason_for_small_sizes():
    graph = Graph(
        "bytes",
        (TensorSpec("x", (Axis("time"), Axis("feature", 128))),),
        ("y",),
        (
            Node("w", "dequantize", ("q", "scale"), ("w",)),
            Node("a", "matmul", ("x", "w"), ("h",)),
            Node("m", "reduce_mean", ("h",), ("y",), {"axes": (-1,)}),
        ),
        {"q": np.arange(128 * 512).reshape(128, 512).astype("int8"), "scale": np.float32(1 / 127)},
    )
    few = Budget(elements=1 << 20)  # a run is planned to hold half of the weights
    assert mp.inputs.make(graph, budget=few)["x"].shape == (25, 128)
    assert mp.inputs.make(graph, budget=Budget(elements=1 << 24))["x"].shape == (100, 128)


def sound(name="sound"):
    """A signal of any length, at which quiet sound is asked for as well."""
    spec = TensorSpec("audio", (Axis("batch", 1), Axis("samples")))
    return Graph(name, (spec,), ("y",), (Node("y", "tanh", ("audio",), ("y",)),), {})


def test_what_there_is_no_time_for_is_left_out_and_said_the_most_telling_first():
    everything = mp.check(sound(), sound("other"))
    asked = ["noise", "quiet", "from_silence", "odd_length", "one_frame"]
    assert [one.case for one in everything.cases] == asked
    verdict = mp.check(sound(), sound("other"), limits={"processor": 1e-9})
    assert verdict.ok
    assert verdict.case == "noise"
    assert [one.case for one in verdict.unjudged] == asked[1:]
    assert "not asked within 1e-09 seconds of processor time: --recipe quiet asks it" in str(verdict)
    assert len(mp.check(sound(), sound("other"), limits={"processor": 1e9}).cases) == len(asked)


def test_a_first_case_that_could_not_tell_does_not_end_the_question():
    still = Graph(
        "still", sound().inputs, ("y",), (Node("y", "mul", ("audio", "z"), ("y",)),), {"z": np.float32(0)}
    )
    verdict = mp.check(still, still.changed(name="other"), limits={"processor": 1e-9})
    assert not any("not asked" in one.reason for one in verdict.unjudged)


def test_recipes_that_were_named_are_asked_whatever_they_take():
    named = mp.check(
        sound(), sound("other"), recipes=["one_frame", "noise", "quiet"], limits={"processor": 1e-9}
    )
    assert [one.case for one in named.cases] == ["one_frame", "noise", "quiet"]


def test_the_command_line_lists_what_there_was_no_time_for(tmp_path, capsys):
    file = mp.convert(sound(), tmp_path / "sound.onnx")
    assert cli.main(["check", str(file), str(file), "--limit", "processor=0.001", "--json", "-"]) == 0
    cases = {one["recipe"]: one["outcome"] for one in json.loads(capsys.readouterr().out)["cases"]}
    assert cases.pop("noise") == "passed"
    assert set(cases.values()) == {"unjudged"}
