"""An artefact's declared types decide which type a candidate's outputs must have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.describe.output_types import output_types
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.verdict.judgement import Problem

FIXTURES = Path(__file__).parents[2] / "fixtures"


def halved(dtype: str | None) -> Graph:
    """y = x / 2, z = the places of x's maxima; ``dtype`` is declared for y."""
    nodes = (
        Node("half", "mul", ("x", "c"), ("y",), dtype=dtype),
        Node("top", "argmax", ("x",), ("z",), {"axis": 0}),
    )
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 3)))
    return Graph("half", (spec,), ("y", "z"), nodes, {"c": np.float32(0.5)}, native="declared")


@pytest.mark.parametrize(
    ("dtype", "found"), [(None, "float32"), ("float16", "float16"), ("bfloat16", "bfloat16")]
)
def test_types_are_those_of_what_computes_them(dtype, found):
    assert output_types(halved(dtype))["y"] == found


def test_half_where_more_is_declared_is_reduced():
    full, half = halved("float32"), halved("float16")
    x = np.ones((4, 3), np.float32)
    assert mp.check(full, full, inputs=x).band == mp.check(half, half, inputs=x).band == "exact"
    verdict = mp.check(full, half, inputs=x)
    assert (verdict.band, verdict.ok, verdict.explained_by) == ("reduced", False, "float16 outputs")
    other = mp.check(half, full, inputs=x)
    assert (other.band, other.outputs[0].problems) == (
        "wrong",
        (Problem("type", "type is float32, but should be float16"),),
    )


@pytest.mark.parametrize(("one", "other"), [(".mlpackage", ".onnx"), (".mlmodel", ".mlpackage")])
def test_a_converted_file_is_a_reference_as_good_as_any(one, other, tmp_path):
    graph = mp.load(FIXTURES / "dnn.pkl")
    assert mp.check(mp.convert(graph, tmp_path / f"a{one}"), mp.convert(graph, tmp_path / f"b{other}")).ok


def test_half_outputs_are_welcome_where_half_precision_is():
    full, half = halved("float32"), halved("float16")
    x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    verdict = mp.check(full, half, inputs=x, expect="reduced")
    assert (verdict.band, verdict.explained_by) == ("reduced", "float16 outputs")
    assert "if half precision is meant, expect 'reduced'" in str(mp.check(full, half, inputs=x))
    assert mp.check(half, full, inputs=x, expect="reduced").band == "wrong"
