"""Networks that float16 does not hold, by construction: what overflows, what underflows, what stays in float32."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError

F = np.float32
RNG = np.random.default_rng(3)
SPEC = mp.TensorSpec("x", (mp.Axis("time", 6), mp.Axis("feature", 8)))
X = RNG.standard_normal((6, 8)).astype(F)
KEYS = 300 * np.eye(8) + RNG.standard_normal((8, 8))


def net(nodes, outputs=("y",), **constants):
    made = [mp.Node(name, op, given, (name,), attrs, origin) for name, op, given, attrs, origin in nodes]
    return mp.Graph("net", (SPEC,), outputs, tuple(made), {k: np.asarray(v, F) for k, v in constants.items()})


def node(name, op, given, origin="", **attrs):
    return name, op, tuple(given.split()), attrs, origin


def attention():
    """Scores of 300 x 300 x 8, over 30,000: softmax sees what float16 holds, the scores are beyond it."""
    return net(
        [
            node("q", "dense", "x wq"),
            node("k", "dense", "x wk"),
            node("t", "transpose", "k", axes=(1, 0)),
            node("scores", "matmul", "q t"),
            node("scaled", "div", "scores c"),
            node("weights", "softmax", "scaled"),
            node("y", "matmul", "weights x"),
        ],
        wq=300 * np.eye(8),
        wk=KEYS,
        c=3e4,
    )


def test_scores_that_overflow_stay_in_float32_with_what_scales_them():
    found = mp.float16_ranges(attention(), X)
    truth = mp.run(attention(), X, taps=True)
    assert (found.over.node, found.inside) == ("scores", False)
    assert [one.node for one in found.keep] == ["scores", "scaled"]
    assert found.passes
    assert found.before == math.inf
    assert found.after <= 1
    by_name = {one.name: one for one in found.tensors}
    for name, one in by_name.items():
        array = truth.get(name, X)
        assert one.largest == np.abs(array).max()
        assert one.headroom == pytest.approx(np.log2(65504 / np.abs(array).max()))
    assert by_name["scores"].headroom < 0 < by_name["scaled"].headroom
    assert by_name["x"].op == ""


def test_what_is_kept_passes_in_numpys_own_float16():
    """The same mixture by hand: all in numpy.float16 but the two that are named."""
    held = {name: array.astype(np.float16) for name, array in attention().constants.items()}
    x = X.astype(np.float16)
    q, k = x @ held["wq"], x @ held["wk"]
    with np.errstate(over="ignore", invalid="ignore"):
        scores = q @ k.T
        assert not np.isfinite(scores).all()
    scaled = ((q.astype(F) @ k.astype(F).T) / F(3e4)).astype(np.float16)
    e = np.exp(scaled - scaled.max(1, keepdims=True))
    y = (e / e.sum(1, keepdims=True)) @ x
    assert np.abs(y - mp.run(attention(), X)["y"]).max() < 0.01


def test_a_variance_that_overflows():
    graph = net(
        [
            node("big", "mul", "x c"),
            node("m", "reduce_mean", "big", axes=(-1,), keepdims=True),
            node("d", "sub", "big m"),
            node("s", "mul", "d d"),
            node("v", "reduce_mean", "s", axes=(-1,), keepdims=True),
            node("r", "sqrt", "v"),
            node("y", "div", "d r"),
        ],
        c=1000,
    )
    found = mp.float16_ranges(graph, X)
    assert found.over.node == "s"
    assert [one.node for one in found.keep] == ["s", "v", "r"]


def test_what_overflows_inside_an_operator():
    graph = net(
        [
            node("q", "mul", "x c"),
            node("h", "expand_dims", "q", axes=(0,)),
            node("y", "attention", "h h h", scale=1e-6),
        ],
        c=500,
    )
    found = mp.float16_ranges(graph, X)
    if found.over is None:
        pytest.skip("attention scales before it multiplies")
    assert (found.over.node, found.inside) == ("y", True)


def test_everything_may_be_float16():
    found = mp.float16_ranges(net([node("a", "dense", "x w"), node("y", "tanh", "a")], w=np.eye(8)), X)
    assert (found.keep, found.lines, found.passes, found.over, found.under) == ((), {}, True, None, None)
    assert found.before <= 1
    assert "everything may be float16" in str(found)


def test_small_values_that_matter_and_those_that_do_not():
    """exp gives 1e-6, of which a logarithm is taken, or which is added to 1."""
    common = [node("a", "mul", "x n"), node("s", "sub", "a c"), node("e", "exp", "s")]
    matters = net([*common, node("y", "log", "e")], n=0.1, c=14)
    found = mp.float16_ranges(matters, X)
    assert found.under.node == "e"
    assert {one.name: one.below for one in found.tensors}["e"] == 1.0
    assert "matter is exp 'e'" in str(found)
    harmless = net([*common, node("y", "add", "e one")], n=0.1, c=14, one=1)
    assert mp.float16_ranges(harmless, X).under is None


def test_weights_beyond_it():
    found = mp.float16_ranges(net([node("a", "mul", "x w"), node("y", "div", "a w")], w=1e6), X)
    assert found.weights == ("w",)
    assert [one.node for one in found.keep] == ["a", "y"]


def test_what_no_float32_helps_is_said():
    """float64 holds 1e300, and float32 does not."""
    graph = net(
        [node("a", "mul", "x c"), node("b", "mul", "a c"), node("z", "div", "b c"), node("y", "div", "z c")],
        c=1e30,
    )
    found = mp.float16_ranges(graph, X)
    assert (found.passes, found.keep) == (False, ())
    assert "even in float32" in str(found)


def test_no_time(monkeypatch):
    found = mp.float16_ranges(attention(), X, seconds=0)
    assert (found.passes, found.keep) == (False, ())
    assert "seconds= allows more" in found.note


def test_recipes_lengths_and_json():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 8)))
    graph = attention().changed(inputs=(spec,))
    found = mp.float16_ranges(graph, recipe="noise", seed=2, length=5)
    assert (found.inputs["seed"], found.inputs["length"]) == (2, 5)
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert data["before"] == "inf"
    assert [one["node"] for one in data["keep"]] == ["scores", "scaled"]
    with pytest.raises(InputError):
        mp.float16_ranges(graph, recipe="none such")


def test_a_recurrent_network_of_a_file():
    from pathlib import Path

    found = mp.float16_ranges(Path(__file__).parents[3] / "fixtures" / "rnn.pkl")
    assert found.passes
    assert found.over is None
