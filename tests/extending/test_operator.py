"""An operator of another package: run in every arithmetic, streamed, judged, and in ONNX files."""

from __future__ import annotations

import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import modelparity as mp
from modelparity.engine.operator import find, names
from modelparity.formats.onnx.lowering import lowers
from modelparity.formats.onnx.read.node import translators

pytestmark = pytest.mark.usefixtures("examples")
X = np.linspace(-3, 3, 20).reshape(10, 2)


def graph(**attrs):
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("channels", 2)))
    return mp.Graph("wave", (spec,), ("y",), (mp.Node("s", "snake", ("x",), ("y",), attrs),), {})


def snake(x, alpha):
    return x + np.sin(alpha * x) ** 2 / alpha


def test_it_is_found_and_listed():
    assert find("snake").name == "snake"
    assert "snake" in names()


def test_it_runs_in_any_arithmetic():
    np.testing.assert_allclose(mp.run(graph(alpha=0.5), X)["y"], snake(X, 0.5), rtol=1e-14)
    half = mp.run(graph(), X, arithmetic="float16")["y"]
    assert 1e-5 < np.abs(half - snake(X, 1.0)).max() < 1e-2


def test_it_streams():
    stream = mp.stream(graph())
    parts = [stream.push(X[:4])["y"], stream.push(X[4:])["y"]]
    np.testing.assert_allclose(np.concatenate(parts), snake(X, 1.0), rtol=1e-6)


def test_it_is_written_in_operators_that_runtimes_have(tmp_path):
    path = mp.convert(graph(alpha=0.5), tmp_path / "wave.onnx")
    assert {node.op_type for node in onnx.load(path).graph.node} == {"Mul", "Sin", "Div", "Add"}
    verdict = mp.check(graph(alpha=0.5), path)
    assert verdict.runtime.startswith("onnxruntime")
    assert verdict.ok


def test_its_own_domain_is_read(tmp_path):
    node = helper.make_node("Snake", ["x"], ["y"], "s", domain="com.example", alpha=0.5)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["time", 2]) for name in ("x", "y")]
    made = helper.make_graph([node], "wave", ends[:1], ends[1:])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)]
    onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=8), tmp_path / "own.onnx")
    read = mp.load(tmp_path / "own.onnx")
    assert [node.op for node in read.nodes] == ["snake"]
    np.testing.assert_allclose(mp.run(read, X)["y"], snake(X, 0.5), rtol=1e-14)
    assert mp.check(tmp_path / "own.onnx", mp.convert(graph(alpha=0.5), tmp_path / "wave.onnx")).ok


def test_it_is_gone_with_its_package_and_comes_again_with_it(site, monkeypatch):
    assert "snake" in lowers.all()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [one for one in sys.path if one != str(site)])
        assert "snake" not in names()
        assert "snake" not in lowers.all()
        assert "com.example:Snake" not in translators()
    assert "snake" in lowers.all()
    assert "com.example:Snake" in translators()
