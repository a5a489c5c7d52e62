from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.engine.feeds import bound
from modelparity.errors import InputError


def graph(*specs):
    return Graph("net", specs, ("y",), (Node("a", "relu", (specs[0].name,), ("y",)),), {})


ONE = graph(TensorSpec("x", (Axis("time", least=3), Axis("feature", 4))))
TWO = graph(
    TensorSpec("x", (Axis("time"), Axis("feature", 4))),
    TensorSpec("ids", (Axis("time"),), "int64"),
    TensorSpec("open", (Axis("batch"),), "bool"),
)


def two(**changes):
    return {"x": np.ones((5, 4)), "ids": np.zeros(5, int), "open": np.zeros(2, bool)} | changes


def test_what_fits_passes_unchanged():
    x = np.ones((3, 4), np.float32)
    assert bound(ONE, x)["x"] is x
    assert bound(ONE, {"x": x})["x"] is x
    assert bound(ONE, x.tolist())["x"].shape == (3, 4)
    assert list(bound(TWO, two())) == ["x", "ids", "open"]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_any_floating_type_serves_a_floating_input(dtype):
    assert bound(ONE, np.ones((3, 4), dtype))["x"].dtype == dtype


@pytest.mark.parametrize(
    ("net", "given", "said"),
    [
        (ONE, np.ones((3, 5)), r"net, input 'x': axis 'feature' has size 5 instead of 4"),
        (ONE, np.ones(4), r"rank 1 instead of 2"),
        (ONE, np.ones((1, 3, 4)), r"rank 3 instead of 2"),
        (ONE, np.ones((2, 4)), r"axis 'time' has size 2, and this network needs at least 3"),
        (ONE, np.ones((0, 4)), r"needs at least 3"),
        (ONE, np.ones((3, 4), int), r"element type differs"),
        (ONE, np.ones((3, 4), complex), r"not a numeric array"),
        (ONE, np.full((3, 4), "a"), r"not a numeric array"),
        (ONE, {"X": np.ones((3, 4))}, r"input names do not match"),
        (ONE, {"x": np.ones((3, 4)), "h": np.ones(1)}, r"input names do not match"),
        (TWO, np.ones((5, 4)), r"one array was given for 3 inputs"),
        (TWO, two(ids=np.zeros(6, int)), r"axis 'time' has size 6 instead of 5"),
        (TWO, two(ids=np.zeros(5)), r"element type differs"),
        (TWO, two(open=np.zeros(2, int)), r"element type differs"),
        (TWO, {}, r"input names do not match"),
    ],
)
def test_what_does_not_fit_is_named(net, given, said):
    with pytest.raises(InputError, match=said):
        bound(net, given)


@pytest.mark.parametrize("given", ["model.onnx", None, object()], ids=["a path", "nothing", "an object"])
def test_what_is_no_graph_is_told_to_be_loaded(given, tmp_path):
    x = np.ones((3, 4), np.float32)
    calls = (
        lambda: mp.run(given, x),
        lambda: mp.run_many([given], [x]),
        lambda: mp.stream(given),
        lambda: mp.golden(given),
        lambda: mp.convert(given, tmp_path / "net.onnx"),
    )
    for one in calls:
        with pytest.raises(InputError, match=r"a Graph is wanted(?s:.*)next: +mp.load"):
            one()


def test_graphs_and_inputs_are_as_many():
    with pytest.raises(InputError, match=r"every graph needs an input of its own\n  found:    1"):
        mp.run_many([ONE, ONE], [np.ones((3, 4), np.float32)])


def test_the_message_shows_both_sides_and_the_next_step():
    with pytest.raises(InputError) as caught:
        bound(ONE, np.ones((3, 4), int))
    text = str(caught.value)
    assert "found:    int64" in text
    assert "expected: float32" in text
    assert ".astype('float32')" in text


def test_what_is_left_out_is_as_long_as_what_is_given():
    """A mask that may be left out has the batch and the time of the input beside it."""
    mask = TensorSpec("mask", (Axis("batch"), Axis("time"), Axis("head", 2), Axis("other", least=3)))
    own = graph(TensorSpec("x", (Axis("batch"), Axis("time"))), mask).changed(defaults={"mask": 1.0})
    x = np.zeros((4, 7), np.float32)
    for given in (x, {"x": x}):
        filled = bound(own, given)["mask"]
        assert filled.shape == (4, 7, 2, 3)
        assert (filled == 1).all()
    short = np.zeros((4, 6, 2, 3), np.float32)
    with pytest.raises(InputError, match="axis 'time' has size 6 instead of 7"):
        bound(own, {"x": x, "mask": short})
