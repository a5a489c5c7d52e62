"""Files as tools write them, where onnxruntime runs them and ONNX itself is stricter or says nothing."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

import modelparity as mp
from modelparity.cli import main
from modelparity.errors import ArtefactError
from modelparity.formats.onnx.read.node import translators

RNG = np.random.default_rng(0)
DOMAIN = "com.microsoft"


def f32(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def saved(path, nodes, shape, *, opset=17, **weights):
    """A model of one input x and one output y."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", 1, shape)],
        [helper.make_tensor_value_info("y", 1, None)],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in weights.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid(DOMAIN, 1)]
    path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())
    return path


def agrees(path, x):
    want = onnxruntime.InferenceSession(str(path)).run(None, {"x": x})[0]
    np.testing.assert_allclose(mp.run(mp.load(path), {"x": x})["y"], want, atol=1e-5)


def node(op, inputs, outputs="y", **attrs):
    return helper.make_node(op, inputs.split(), outputs.split(), **attrs)


def test_nodes_are_sorted_and_that_is_said(tmp_path, capsys):
    nodes = [node("MatMul", "a w"), node("Relu", "b", "a"), node("Neg", "x", "b")]
    path = saved(tmp_path / "late.onnx", nodes, [2, 4], w=f32(4, 4))
    agrees(path, f32(2, 4))
    assert main(["inspect", str(path)]) == 0
    said = capsys.readouterr().out
    assert "unsorted-nodes" in said
    assert "2 of 3 nodes" in said


def test_what_a_graph_within_a_node_reads_comes_before_it(tmp_path):
    def branch(name, op):
        value = helper.make_tensor_value_info(name, 1, None)
        return helper.make_graph([helper.make_node(op, ["late"], [name])], name, [], [value])

    choice = node("If", "yes", then_branch=branch("p", "Relu"), else_branch=branch("q", "Neg"))
    path = saved(
        tmp_path / "if.onnx",
        [
            choice,
            node("Abs", "x", "late"),
            node("IsNaN", "s", "yes"),
            node("ReduceSum", "x", "s", keepdims=0),
        ],
        [3],
    )
    agrees(path, f32(3))


def test_a_circle_of_nodes_is_refused(tmp_path):
    path = saved(tmp_path / "c.onnx", [node("Relu", "b", "a"), node("Neg", "a", "b"), node("Abs", "x")], [3])
    with pytest.raises(ArtefactError, match="cycles"):
        mp.load(path)


def test_sorted_files_are_not_talked_about(tmp_path, capsys):
    assert main(["inspect", str(saved(tmp_path / "a.onnx", [node("Relu", "x")], [2]))]) == 0
    said = capsys.readouterr().out
    assert "unsorted" not in said
    assert "nothing to be said" not in said


@pytest.mark.parametrize("free", ["?", "", "-1", "None", -1, None])
def test_axes_without_a_name_are_free_each_by_itself(tmp_path, free):
    nodes = [node("Conv", "x w", "c"), node("GlobalAveragePool", "c")]
    path = saved(tmp_path / "c.onnx", nodes, [1, 3, free, free], w=f32(2, 3, 3, 3))
    if free == -1:  # which onnx's own helper does not write
        model = onnx.load(path)
        for dim in model.graph.input[0].type.tensor_type.shape.dim[2:]:
            dim.dim_value = -1
        path.write_bytes(model.SerializeToString())
    assert [(a.name, a.size) for a in mp.load(path).inputs[0].axes[2:]] == [("height", None), ("width", None)]
    agrees(path, f32(1, 3, 12, 20))


def test_a_size_below_that_is_none(tmp_path):
    path = saved(tmp_path / "c.onnx", [node("Relu", "x")], [1, 3])
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = -2
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ArtefactError, match="a size out of range"):
        mp.load(path)


@pytest.mark.parametrize("opset", [18, 20])
def test_group_normalization_by_group_as_before_opset_21(tmp_path, opset):
    nodes = [node("GroupNormalization", "x s b", "g", num_groups=2), node("Conv", "g w")]
    weights = {"s": np.array([1.5, -2], "f"), "b": np.array([0.1, 3], "f"), "w": f32(2, 4, 3, 3)}
    path = saved(tmp_path / "g.onnx", nodes, [2, 4, 5, 5], opset=opset, **weights)
    agrees(path, f32(2, 4, 5, 5))


FUSED = {
    "FusedConv": (
        [node("FusedConv", "x w", "a", domain=DOMAIN, activation="Relu", pads=[1] * 4), node("Conv", "a v")],
        [1, 3, 8, 8],
        {"w": f32(4, 3, 3, 3), "v": f32(2, 4, 3, 3)},
    ),
    "FusedGemm": (
        [
            node("FusedGemm", "x w", "a", domain=DOMAIN, activation="Relu", transA=1, transB=1),
            node("LayerNormalization", "a s"),
        ],
        [8, 5],
        {"w": f32(6, 8), "s": f32(6)},
    ),
    "FusedMatMul": (
        [
            node("FusedMatMul", "x w", "a", domain=DOMAIN, transB=1, alpha=0.5),
            node("FusedMatMul", "a v", "b", domain=DOMAIN, transB=1),
            node("LayerNormalization", "b s"),
        ],
        [1, 5, 8],
        {"w": f32(6, 8), "v": f32(3, 6), "s": f32(3)},
    ),
    "QLinearAdd": (
        [
            node("QuantizeLinear", "x q z", "i"),
            node("QLinearAdd", "i q z i q z q z", "s", domain=DOMAIN),
            node("QLinearSigmoid", "s q z q z", "t", domain=DOMAIN),
            node("DequantizeLinear", "t q z", "a"),
            node("Conv", "a v"),
        ],
        [1, 4, 8, 8],
        {"q": np.float32(0.05), "z": np.uint8(100), "v": f32(2, 4, 3, 3)},
    ),
}


@pytest.mark.parametrize("name", FUSED)
def test_shapes_are_known_behind_operators_of_onnxruntime(tmp_path, name):
    nodes, shape, weights = FUSED[name]
    agrees(saved(tmp_path / "f.onnx", nodes, shape, **weights), f32(*shape))


def _defaults(function):
    """(attribute, default) of every ``op.attr(name, number or text)`` of a translator."""
    for one in ast.walk(ast.parse(inspect.getsource(function))):
        match one:
            case ast.Call(ast.Attribute(attr="attr"), [ast.Constant(name), ast.Constant(default), *_]):
                yield name, default


def test_defaults_are_those_of_onnxruntimes_own_schemas():
    """Of every attribute that a schema of com.microsoft gives a default, a translator that has one has the same."""
    from onnxruntime.capi import onnxruntime_pybind11_state

    seen = 0
    for schema in onnxruntime_pybind11_state.get_all_operator_schema():
        translate = translators().get(f"{schema.domain}:{schema.name}")
        if schema.domain != DOMAIN or translate is None:
            continue
        for name, ours in _defaults(translate):
            raw = schema.attributes[name]._default_value if name in schema.attributes else None
            if not raw or ours is None:
                continue
            theirs = helper.get_attribute_value(onnx.AttributeProto.FromString(raw))
            assert ours == pytest.approx(theirs, rel=1e-6, abs=0), f"{schema.name}: {name}"
            seen += 1
    assert seen > 8
