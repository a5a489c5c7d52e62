"""Exporters rename inputs and outputs: names that tell come first, then what leaves no choice, then order."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.verdict.fit.names import Sides, by_name

FIXTURES = Path(__file__).parents[3] / "fixtures"


SIDES = Sides("net", "the reference's", "the candidate's")


@pytest.mark.parametrize(
    ("wanted", "found", "given", "pairs", "left", "over"),
    [
        (("x", "h"), ("h", "x"), {}, {"x": "x", "h": "h"}, [], []),
        (("x",), ("input_1",), {}, {}, ["x"], ["input_1"]),
        (("x", "h"), ("a", "b"), {"x": "b"}, {"x": "b"}, ["h"], ["a"]),
        (("x", "y"), ("y", "x"), {"x": "y", "y": "x"}, {"x": "y", "y": "x"}, [], []),
        (("x", "h"), ("serving_default_x:0", "h:0"), {}, {"x": "serving_default_x:0", "h": "h:0"}, [], []),
        (("x:0",), ("x",), {}, {"x:0": "x"}, [], []),
        (("x",), ("x", "x:0"), {}, {"x": "x"}, [], ["x:0"]),
        (("y:1", "y:2"), ("y",), {}, {}, ["y:1", "y:2"], ["y"]),
    ],
)
def test_what_names_say(wanted, found, given, pairs, left, over):
    assert by_name("input", wanted, found, given, SIDES) == (pairs, left, over)


@pytest.mark.parametrize(
    ("wanted", "found", "given", "text"),
    [
        (("x",), ("x",), {"q": "x"}, "the reference has no output 'q'"),
        (("x",), ("x",), {"x": "q"}, "the candidate has no output 'q'"),
        (("x", "y"), ("a", "b"), {"x": "a", "y": "a"}, "one output of the candidate is taken twice"),
        (
            ("x",),
            ("serving_default_x", "x:0"),
            {},
            "output 'x' may be 'serving_default_x' or 'x:0' of the candidate",
        ),
    ],
)
def test_what_stays_open_is_refused(wanted, found, given, text):
    with pytest.raises(InputError, match=re.escape(text)):
        by_name("output", wanted, found, given, SIDES)


def test_a_refusal_shows_both_signatures_and_the_option():
    with pytest.raises(InputError) as refused:
        by_name("input", ("x",), ("serving_default_x", "x:0"), {}, SIDES)
    assert refused.value.details() == {
        "what": "input 'x' may be 'serving_default_x' or 'x:0' of the candidate",
        "where": "net",
        "found": "the candidate's",
        "expected": "the reference's",
        "fix": "say which is which: --name x=... (modelparity check), names={'x': ...} (Python), "
        "names.x (parity.toml)",
    }


@pytest.fixture
def graph():
    return mp.load(FIXTURES / "dnn.pkl")


def renamed(graph, **names):
    """The same network under other names of its ends."""

    def own(name):
        return names.get(name, name)

    return graph.changed(
        inputs=tuple(TensorSpec(own(s.name), s.axes, s.dtype) for s in graph.inputs),
        outputs=tuple(map(own, graph.outputs)),
        nodes=tuple(
            Node(
                n.name,
                n.op,
                tuple(map(own, n.inputs)),
                tuple(map(own, n.outputs)),
                n.attrs,
                n.origin,
                n.dtype,
            )
            for n in graph.nodes
        ),
    )


@pytest.mark.parametrize("suffix", [".onnx", ".mlpackage", None])
def test_a_candidate_under_other_names_is_judged_and_says_so(graph, suffix, tmp_path):
    other = renamed(graph, x="audio", y="probabilities")
    candidate = mp.convert(other, tmp_path / f"net{suffix}") if suffix else other
    verdict = mp.check(graph, candidate)
    assert verdict.ok
    assert verdict.fit.describe() == ("x is audio; y is probabilities",)
    assert mp.check(graph, candidate, names={"x": "audio"}).ok
    with pytest.raises(InputError, match="the candidate has no input 'sound'"):
        mp.check(graph, candidate, names={"x": "sound"})


def test_the_names_stand_in_the_text_of_a_failure(graph):
    other = renamed(graph, y="probabilities")
    wrong = other.changed(constants={n: -a for n, a in other.constants.items()}, source=None)
    assert re.search(r"^  fit +y is probabilities$", str(mp.check(graph, wrong)), re.MULTILINE)


def adding(name, *, stateful):
    """y = x + h, where h is a state that becomes y, or a constant zero."""
    axes = (Axis("time"), Axis("feature", 3))
    inputs = (TensorSpec("x", axes), TensorSpec("h", (Axis("feature", 3),)))
    add = Node("add", "add", ("x", "h"), ("y",))
    if not stateful:
        return Graph(name, inputs[:1], ("y",), (add,), {"h": np.zeros(3, np.float32)})
    mean = Node("mean", "reduce_mean", ("y",), ("last",), {"axes": (0,)})
    return Graph(name, inputs, ("y", "last"), (add, mean), {}, states={"h": "last"})


@pytest.mark.parametrize("turn", [False, True])
def test_a_state_that_one_side_lacks_is_left_out_only_where_it_is_meant(turn):
    sides = adding("one", stateful=turn), adding("other", stateful=not turn)
    assert mp.check(*sides, inputs=np.ones((4, 3))).band == "wrong"
    verdict = mp.check(*sides, inputs=np.ones((4, 3)), ignore=["h"])
    assert verdict.band == "exact"
    assert [output.name for output in verdict.outputs] == ["y"]


def test_a_state_that_was_given_is_not_left_out():
    with pytest.raises(InputError, match="the candidate has no input for 'h'"):
        mp.check(
            adding("one", stateful=True),
            adding("other", stateful=False),
            inputs={"x": np.ones((4, 3)), "h": np.ones(3)},
        )
