"""NaN and infinities of a float16 file are put on float16 where it is so, and on nothing else where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec


def scores(scale: float, dtype: str | None = None) -> Graph:
    """Softmax of x W scaled: with a scale of 16,384 some scores are beyond 65,504."""
    rng = np.random.default_rng(0)
    constants = {
        "weight": rng.standard_normal((8, 8)).astype(np.float32),
        "scale": np.array(scale, np.float32),
        "back": np.array(1 / scale, np.float32),
        "last": rng.standard_normal((8, 8)).astype(np.float32),
    }
    nodes = (
        Node("scores", "matmul", ("x", "weight"), ("s",), dtype=dtype),
        Node("scaled", "mul", ("s", "scale"), ("t",), dtype=dtype),
        Node("unscaled", "mul", ("t", "back"), ("u",), dtype=dtype),
        Node("softmax", "softmax", ("u",), ("v",), {"axis": -1}, dtype=dtype),
        Node("out", "matmul", ("v", "last"), ("y",), dtype=dtype),
    )
    inputs = (TensorSpec("x", (Axis("time"), Axis("feature", 8))),)
    native = "float32" if dtype is None else "declared"
    return Graph("scores", inputs, ("y",), nodes, constants, native=native)


def test_an_overflow_of_float16_is_named_with_what_to_keep() -> None:
    verdict = mp.check(scores(16384.0), scores(16384.0, "float16"), recipe="noise", expect="reduced")
    (cause,) = verdict.causes
    assert verdict.located is not None
    assert (verdict.located.reference, verdict.located.candidate) == ("scaled", "scaled")
    assert "float16 does not hold its result" in str(verdict)
    assert cause.fault == "float16-overflow"
    assert "65,504" in cause.text
    assert "'scaled'" in cause.text
    assert cause.after is not None
    assert cause.after <= 1
    assert "float32" in cause.repair
    kept = {name: replace(node, dtype="float32") for node in scores(16384.0).nodes for name in [node.name]}
    half = scores(16384.0, "float16")
    mended = half.changed(nodes=tuple(kept[n.name] if n.name in cause.nodes else n for n in half.nodes))
    assert mp.check(scores(16384.0), mended, recipe="noise", expect="reduced").ok


def test_numbers_that_lack_for_another_reason_are_not_put_on_float16() -> None:
    """A division by zero in a float16 file whose numbers are all small."""
    half = scores(1.0, "float16")
    zero = half.changed(constants={**half.constants, "back": np.array(np.inf, np.float32)})
    verdict = mp.check(scores(1.0), zero, recipe="noise", expect="reduced")
    assert verdict.band == "wrong"
    assert all(cause.fault != "float16-overflow" for cause in verdict.causes)


def test_a_candidate_without_any_number_is_explained_by_nothing_that_has_none_either() -> None:
    """All NaN: a weight that is NaN, and any other mistake that makes everything NaN, look the same."""
    graph = scores(1.0)
    lost = graph.changed(constants={**graph.constants, "last": np.full((8, 8), np.nan, np.float32)})
    verdict = mp.check(graph, lost, recipe="noise")
    assert verdict.band == "wrong"
    assert verdict.causes == ()
