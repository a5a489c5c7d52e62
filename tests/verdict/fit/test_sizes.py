"""A candidate of one size and a reference of any: what to ask for stands in the error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import GraphError, InputError

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.fixture(scope="module")
def graph() -> mp.Graph:
    return mp.load(FIXTURES / "dnn.pkl")


def resized(graph, *sizes):
    """The graph with other sizes of its input's axes."""
    (spec,) = graph.inputs
    axes = tuple(mp.Axis(axis.name, size) for axis, size in zip(spec.axes, sizes, strict=True))
    return graph.changed(inputs=(mp.TensorSpec(spec.name, axes, spec.dtype),))


@pytest.mark.parametrize("suffix", [".onnx", None])
def test_the_size_that_the_candidate_fixes_is_taken_and_said(graph, suffix, tmp_path):
    fixed = resized(graph, 6, 9)
    candidate = mp.convert(fixed, tmp_path / f"net{suffix}") if suffix else fixed
    verdict = mp.check(graph, candidate)
    assert verdict.ok
    assert verdict.outputs[0].shape[0] == 6
    assert "run at time=6, which the candidate fixes" in str(verdict)
    asked = mp.check(graph, candidate, sizes={"time": 6})
    assert asked.ok
    assert asked.fit.identity


def test_a_size_that_was_asked_for_is_not_overruled(graph):
    with pytest.raises(InputError, match=r"takes one size only\n  found:    time=8\n  expected: time=6\n"):
        mp.check(graph, resized(graph, 6, 9), sizes={"time": 8})
    with pytest.raises(
        InputError, match=r"other sizes than the inputs that were given(?s:.*)expected: time=6"
    ):
        mp.check(graph, resized(graph, 6, 9), inputs=np.zeros((5, 9), np.float32))


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


def limited(graph, *, most=None, shapes=(), least=1):
    """The graph as a file that takes some lengths only."""
    (spec,) = graph.inputs
    axes = (mp.Axis("time", least=least, most=most), spec.axes[1])
    return graph.changed(name="limited", inputs=(mp.TensorSpec(spec.name, axes, spec.dtype, shapes),))


def lengths(verdict):
    return {one.case: one.outputs[0].shape[0] for one in verdict.cases}


def test_bounds_and_lists_of_sizes_hold(graph):
    some = limited(graph, most=33, shapes=((20, 9), (33, 9)))
    assert mp.run(some, np.zeros((20, 9), np.float32))
    with pytest.raises(InputError, match=r"lists the shapes(?s:.*)one of \(20, 9\), \(33, 9\)"):
        mp.run(some, np.zeros((21, 9), np.float32))
    with pytest.raises(InputError, match="the file takes 33 at most"):
        mp.run(limited(graph, most=33), np.zeros((34, 9), np.float32))
    assert some.hash == graph.hash  # it computes the same


def test_recipes_take_sizes_that_a_reference_takes(graph):
    assert lengths(mp.check(limited(graph, most=33), graph)) == {"noise": 33, "one_frame": 1}
    listed = limited(graph, shapes=((20, 9), (33, 9)))
    assert lengths(mp.check(listed, graph)) == {"noise": 33, "one_frame": 20}
    with pytest.raises(InputError, match=r"no such size(?s:.*)time=25(?s:.*)\(20, 9\), \(33, 9\)"):
        mp.check(listed, graph, sizes={"time": 25})
    with pytest.raises(InputError, match="no such size"):
        mp.check(listed, graph, length=25)


def test_sizes_are_taken_that_a_candidate_takes(graph):
    ranged = mp.check(graph, limited(graph, least=20, most=40))
    assert ranged.ok
    assert lengths(ranged) == {"noise": 40, "one_frame": 20}
    listed = mp.check(graph, limited(graph, shapes=((20, 9), (33, 9))))
    assert listed.ok
    assert lengths(listed) == {"noise": 33, "one_frame": 20}
    longer = mp.check(graph, limited(graph, shapes=((20, 9), (33, 9))), inputs=frames(50))
    assert longer.ok
    assert "2 windows of 33 along 'time'" in str(longer)
    with pytest.raises(InputError, match=r"time=10\n  expected: time=20"):
        mp.check(graph, limited(graph, shapes=((20, 9), (33, 9))), inputs=frames(10))


def frames(count):
    return np.random.default_rng(0).standard_normal((count, 9)).astype(np.float32)


def test_a_candidate_is_read_once_for_all_cases(graph, tmp_path, monkeypatch):
    from modelparity.verdict.fit import signature

    read = []
    whole = signature.load
    monkeypatch.setattr(signature, "load", lambda path: read.append(path) or whole(path))
    path = mp.convert(graph, tmp_path / "net.onnx")
    signature._last.clear()
    for _ in range(3):
        assert signature.Candidate(None, path, "net").graph is not None
    assert len(read) == 1
    mp.convert(graph.changed(name="other"), path)
    assert signature.Candidate(None, path, "net").graph is not None
    assert len(read) == 2
