"""Ranges follow from what operators say, through what moves and chooses, and no further."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.describe.ranges import output_ranges
from modelparity.engine.facts import Range, union

QUIET = Range(0, 1, quiet=True)


def net(*nodes, outputs=("y",), **constants):
    return Graph("net", (TensorSpec("x", (Axis("time"), Axis("feature", 3))),), outputs, nodes, constants)


def node(op, inputs, outputs, **attrs):
    return Node(outputs, op, tuple(inputs.split()), tuple(outputs.split()), attrs)


def test_ranges_join_and_what_is_not_known_stays_so():
    one, other = Range(0, 1, quiet=True, total=1), Range(-2, 0.5)
    assert one.joined(other) == Range(-2, 1)
    assert one.joined(one) == Range(0, 1, quiet=True)
    assert union([one, None]) is None
    assert union([]) is None
    assert union([one]) is one
    assert other.size == 2


@pytest.mark.parametrize(
    ("behind", "found"),
    [
        (node("split", "s", "y z", axis=1, sizes=(1, 2)), QUIET),
        (node("concat", "s k", "y", axis=0), QUIET),
        (node("concat", "s t", "y", axis=0), Range(-1, 1)),
        (node("concat", "s x", "y", axis=0), None),
        (node("concat", "s big", "y", axis=0), Range(0, 9, quiet=True)),
        (node("select", "p s t", "y"), Range(-1, 1)),
        (node("pad", "s", "y", before=(1, 0), after=(0, 0)), QUIET),
        (node("pad", "s", "y", before=(1, 0), after=(0, 0), value=0.5), None),
        (node("pad", "t", "y", before=(0, 1), after=(0, 0), mode="edge", value=0.5), Range(-1, 1)),
        (node("cast", "s", "y", to="float"), QUIET),
        (node("cast", "s", "y", to="int32"), None),
        (
            node("with_settings", "s axes", "y", of="reduce_mean", settings=(("axes", "some"),), given={}),
            QUIET,
        ),
        (node("with_settings", "s axes", "y", of="reduce_sum", settings=(("axes", "some"),), given={}), None),
        (node("identity", "m", "y"), Range(0, 1, total=-1)),
        (node("reverse", "m", "y"), Range(0, 1)),
        (node("average_pool", "t", "y", size=(2,), padding=((1, 1),), count_padding=True), Range(-1, 1)),
        (node("mul", "s s", "y"), None),
        (node("add", "s k", "y"), None),
        (node("minimum", "s t", "y"), Range(-1, 1)),
        (node("reduce_max", "s", "y", axes=(0,)), QUIET),
        (node("reduce_max", "s", "y", axes=(0,), empty="limit"), None),
    ],
    ids=lambda case: f"{case.op}({', '.join(case.inputs)})" if isinstance(case, Node) else str(case),
)
def test_ranges_follow(behind, found):
    graph = net(
        node("sigmoid", "x", "s"),
        node("tanh", "x", "t"),
        node("softmax", "x", "m"),
        node("greater", "x k", "p"),
        behind,
        k=np.array([[0, 1e-9, 0.5]], np.float32),
        big=np.array([[0, 9, 1]], np.float32),
        axes=np.array([1]),
    )
    assert output_ranges(graph).get("y") == found


def test_a_branch_knows_the_ranges_that_it_is_given():
    spec = TensorSpec("a", (Axis("n"),))
    same = Graph("same", (spec,), ("a",), (), {})
    other = Graph("other", (spec,), ("b",), (node("tanh", "a", "b"),), {})
    open_ = Graph("open", (spec,), ("b",), (node("exp", "a", "b"),), {})
    for then, otherwise, found in ((same, same, QUIET), (same, other, Range(-1, 1)), (same, open_, None)):
        graph = net(
            node("sigmoid", "x", "s"),
            node("cond", "p s", "y", then=then, otherwise=otherwise),
            p=np.array(True),
        )
        assert output_ranges(graph).get("y") == found


def test_an_output_that_is_an_input_or_a_constant():
    assert output_ranges(net(outputs=("x",))) == {}
    assert output_ranges(net(outputs=("x",)), {"x": QUIET}) == {"x": QUIET}
    constants = {
        "k": np.float32([1, 3]),
        "n": np.array([1, 2]),
        "bad": np.float32([np.nan, 1]),
        "none": np.zeros(0),
    }
    assert output_ranges(net(outputs=tuple(constants), **constants)) == {"k": Range(1, 3, quiet=True)}
