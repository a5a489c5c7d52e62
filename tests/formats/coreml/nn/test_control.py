"""Branches and loops, against the same thing in Python."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import ArtefactError, GraphError


def inner(builder, part):
    """A builder for a network inside a layer."""
    from coremltools.models.neural_network import NeuralNetworkBuilder

    assert builder is not None
    return NeuralNetworkBuilder(nn_spec=part)


def linear(b, name, source, target, factor=1.0, term=0.0):
    b.add_activation(name, "LINEAR", source, target, [factor, term])


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 1e-7])
def test_a_branch_takes_one_side(network, run, value):
    b = network({"x": (2,), "c": (1,)})
    layer = b.add_branch("if", "c")
    linear(inner(b, layer.branch.ifBranch), "double", "x", "z", 2.0)
    linear(inner(b, layer.branch.elseBranch), "shift", "x", "z", 1.0, 5.0)
    linear(b, "last", "z", "y", 10.0)
    x = np.array([1.0, 2.0])
    expected = 10 * (2 * x if abs(value) > 1e-6 else x + 5)
    np.testing.assert_array_equal(run(b, x=x, c=[value]), expected)


def test_a_branch_without_another_side_leaves_what_was_there(network, run):
    b = network({"x": (1,), "c": (1,)})
    linear(b, "first", "x", "z")
    layer = b.add_branch("if", "c")
    side = inner(b, layer.branch.ifBranch)
    linear(side, "double", "z", "w", 2.0)
    side.add_copy("over", "w", "z")
    linear(b, "last", "z", "y")
    assert run(b, x=[3.0], c=[1.0]).tolist() == [6]
    assert run(b, x=[3.0], c=[0.0]).tolist() == [3]


def test_what_one_side_defines_is_gone_outside(network, graph_of):
    b = network({"x": (1,), "c": (1,)})
    layer = b.add_branch("if", "c")
    linear(inner(b, layer.branch.ifBranch), "double", "x", "z", 2.0)
    linear(b, "last", "z", "y")
    with pytest.raises(
        ArtefactError, match=r"layer 1 .*'z' is read, but .*\n.*only one side of a branch defines it"
    ):
        graph_of(b)


def counting(network, *, most=None, below=None, count_input=False):
    """y = x doubled again and again: ``most`` times, or while the number of turns is below a bound."""
    inputs = {"x": (1,), **({"n": (1,)} if count_input else {})}
    b = network(inputs, ["y", "turns"])
    linear(b, "start", "x", "v")
    b.add_load_constant_nd("zero", "t", np.zeros(1), (1,))
    options = {"max_iterations": most or 0, "condition": "go" if below is not None else None}
    layer = (
        b.add_loop("loop", **options) if not count_input else b.add_loop("loop", input_name="n", **options)
    )
    if below is not None:
        inner(b, layer.loop.conditionNetwork).add_less_than("ask", ["t"], "go", alpha=below)
    body = inner(b, layer.loop.bodyNetwork)
    linear(body, "double", "v", "v2", 2.0)
    linear(body, "count", "t", "t2", 1.0, 1.0)
    body.add_copy("keep_v", "v2", "v")
    body.add_copy("keep_t", "t2", "t")
    linear(b, "last", "v", "y")
    linear(b, "turns", "t", "turns")
    return b


@pytest.mark.parametrize(
    ("settings", "feeds", "turns"),
    [
        ({"most": 3}, {}, 3),
        ({"most": 0}, {}, 0),
        ({"below": 4}, {}, 4),
        ({"below": 0}, {}, 0),
        ({"below": 9, "most": 5}, {}, 5),
        ({"below": 2, "most": 5}, {}, 2),
        ({"count_input": True}, {"n": [6]}, 6),
        ({"count_input": True, "below": 3}, {"n": [6]}, 3),
        ({"count_input": True, "below": 9}, {"n": [0]}, 0),
    ],
)
def test_a_loop_ends_as_its_limits_say(network, run, settings, feeds, turns):
    got = run(counting(network, **settings), x=[1.5], **feeds)
    assert (got["turns"].tolist(), got["y"].tolist()) == ([turns], [1.5 * 2**turns])


@pytest.mark.parametrize("way", ["break", "continue", "both"])
def test_leaving_a_loop_or_a_turn(network, run, way):
    """t counts turns, s sums t; s is skipped where t = 3, and the loop is left where t = 6."""
    b = network({"x": (1,)}, ["y", "turns"])
    b.add_load_constant_nd("zero", "t", np.zeros(1), (1,))
    linear(b, "start", "x", "s")
    layer = b.add_loop("loop", max_iterations=8)
    body = inner(b, layer.loop.bodyNetwork)
    linear(body, "count", "t", "t2", 1.0, 1.0)
    body.add_copy("keep_t", "t2", "t")
    for what, at in (("continue", 3), ("break", 6)):
        if way in (what, "both"):
            body.add_equal(f"at_{what}", ["t"], f"is_{what}", alpha=at)
            side = inner(b, body.add_branch(f"if_{what}", f"is_{what}").branch.ifBranch)
            getattr(side, f"add_loop_{what}")(what)
    body.add_add_broadcastable("sum", ["s", "t"], "s2")
    body.add_copy("keep_s", "s2", "s")
    linear(b, "last", "s", "y")
    linear(b, "turns", "t", "turns")
    t, s = 0, 0.5
    for _ in range(8):
        t += 1
        if way in ("continue", "both") and t == 3:
            continue
        if way in ("break", "both") and t == 6:
            break
        s += t
    got = run(b, x=[0.5])
    assert (got["y"].tolist(), got["turns"].tolist()) == ([s], [t])


def test_loops_in_branches_in_loops(network, run):
    """Outer turns 4; on even turns an inner loop adds 1 three times, leaving itself after two."""
    b = network({"x": (1,)})
    linear(b, "start", "x", "s")
    b.add_load_constant_nd("zero", "t", np.zeros(1), (1,))
    b.add_load_constant_nd("two", "two", np.full(1, 2.0), (1,))
    body = inner(b, b.add_loop("outer", max_iterations=4).loop.bodyNetwork)
    linear(body, "count", "t", "t2", 1.0, 1.0)
    body.add_copy("keep_t", "t2", "t")
    body.add_mod_broadcastable("odd", ["t", "two"], "is_odd")
    layer = body.add_branch("if", "is_odd")
    linear(inner(b, layer.branch.ifBranch), "same", "s", "unused")
    other = inner(b, layer.branch.elseBranch)
    other.add_load_constant_nd("none", "u", np.zeros(1), (1,))
    deep = inner(b, other.add_loop("inner", max_iterations=3).loop.bodyNetwork)
    linear(deep, "more", "s", "s2", 1.0, 1.0)
    deep.add_copy("keep_s", "s2", "s")
    linear(deep, "tick", "u", "u2", 1.0, 1.0)
    deep.add_copy("keep_u", "u2", "u")
    deep.add_equal("enough", ["u"], "done", alpha=2)
    inner(b, deep.add_branch("leave", "done").branch.ifBranch).add_loop_break("out")
    linear(b, "last", "s", "y")
    assert run(b, x=[0.25]).tolist() == [0.25 + 2 * 2]


def test_what_control_flow_cannot_be(network, graph_of):
    b = network({"x": (1,)})
    b.add_loop_break("out")
    linear(b, "last", "x", "y")
    with pytest.raises(ArtefactError, match="there is no loop around it"):
        graph_of(b)
    b = counting(network, below=3)
    b.spec.neuralNetwork.layers[2].loop.conditionVar = "else"
    with pytest.raises(ArtefactError, match=r"layer 2 \(loop 'loop'\): blob 'else' is read"):
        graph_of(b)
    b = counting(network, most=3)
    b.spec.neuralNetwork.layers[2].loop.bodyNetwork.layers[0].input[0] = "later"
    with pytest.raises(
        ArtefactError, match=r"layer 2 \(loop 'loop'\) / bodyNetwork, layer 0 .*'later' is read"
    ):
        graph_of(b)


def test_a_loop_that_never_ends_is_ended(network, graph_of, monkeypatch):
    from modelparity import run
    from modelparity.ops import while_loop

    graph = graph_of(counting(network, below=1e9))
    monkeypatch.setitem(while_loop.while_loop.__kwdefaults__, "most", 50)
    with pytest.raises(GraphError, match="has not ended after 50 turns"):
        run(graph, np.ones(1))
