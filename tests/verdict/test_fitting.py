"""A candidate of one size and a reference of any: what to ask for stands in the error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import GraphError, InputError

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def graph() -> mp.Graph:
    return mp.load(FIXTURES / "dnn.pkl")


def resized(graph, *sizes):
    """The graph with other sizes of its input's axes."""
    (spec,) = graph.inputs
    axes = tuple(mp.Axis(axis.name, size) for axis, size in zip(spec.axes, sizes, strict=True))
    return graph.changed(inputs=(mp.TensorSpec(spec.name, axes, spec.dtype),))


@pytest.mark.parametrize("suffix", [".onnx", None])
def test_the_size_to_ask_for_is_named_and_works(graph, suffix, tmp_path):
    fixed = resized(graph, 6, 9)
    candidate = mp.convert(fixed, tmp_path / f"net{suffix}") if suffix else fixed
    text = r"""(?s)input 'x' has another shape
  found:    \(100, 9\)
  expected: \(6, 9\)
  next: .*--size time=6 .*sizes={'time': 6} .*inputs.x = \["time=6", 9\]"""
    with pytest.raises(InputError, match=text):
        mp.check(graph, candidate)
    assert mp.check(graph, candidate, sizes={"time": 6}).ok


def test_shapes_that_no_size_brings_together_are_said_to_be(graph, tmp_path):
    other = mp.convert(mp.load(FIXTURES / "cnn.pkl"), tmp_path / "other.onnx")
    with pytest.raises(InputError, match=r"another shape(?s:.*)the reference takes x \(time, feature=9\)"):
        mp.check(graph, other)


def test_a_reference_that_does_not_run_at_a_size_speaks_first():
    """A table of eight positions, added to whatever comes."""
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 3)))
    add = mp.Node("add", "add", ("x", "table"), ("y",))
    table = np.ones((8, 3), np.float32)
    graph = mp.Graph("g", (spec,), ("y",), (add,), {"table": table})
    assert mp.check(graph, graph, length=8).ok
    with pytest.raises(GraphError, match=r"the reference itself does not run at time=9: .*choose another"):
        mp.check(graph, graph, length=9)
