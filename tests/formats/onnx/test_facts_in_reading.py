"""The reader asks operators what is true of them: no list of it has to grow with a new one."""

from __future__ import annotations

import numpy as np
import onnx
import onnx.reference
import pytest
from onnx import TensorProto, helper, numpy_helper

import modelparity as mp

RNG = np.random.default_rng(0)
FLOATS = TensorProto.FLOAT


def load(tmp_path, nodes, shape, constants):
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", FLOATS, shape)],
        [helper.make_tensor_value_info("y", FLOATS, None)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return mp.load(path)


def weight(*shape):
    return RNG.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("op", ["Relu", "Sin", "Atan", "Sinh", "IsNaN", "Mod", "Greater"])
def test_what_works_element_by_element_lets_transpositions_cancel(tmp_path, op):
    """Between two convolutions, channels stay last: one transposition in front and one behind."""
    constant = ["k"] if op in ("Mod", "Greater") else []
    attrs = {"fmod": 1} if op == "Mod" else {}
    nodes = [
        helper.make_node("Conv", ["x", "a"], ["p"]),
        helper.make_node(op, ["p", *constant], ["q"], **attrs),
        helper.make_node("Cast", ["q"], ["r"], to=FLOATS),
        helper.make_node("Conv", ["r", "b"], ["y"]),
    ]
    constants = {"a": weight(4, 2, 3), "b": weight(3, 4, 3), **({"k": weight(1, 4, 1)} if constant else {})}
    graph = load(tmp_path, nodes, (1, 2, 9), constants)
    assert [node.op for node in graph.nodes].count("transpose") == 2
    x = weight(1, 2, 9)
    expected = onnx.reference.ReferenceEvaluator(str(tmp_path / "net.onnx")).run(None, {"x": x})[0]
    np.testing.assert_allclose(mp.run(graph, x)["y"], expected, rtol=1e-4, atol=1e-4)


def side(name, kernel):
    node = helper.make_node("Conv", ["x", kernel], [name])
    return helper.make_graph([node], name, [], [helper.make_tensor_value_info(name, FLOATS, None)])


def test_windows_inside_branches_say_how_long_an_input_must_be(tmp_path):
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["total"], keepdims=0),
        helper.make_node("Less", ["total", "zero"], ["p"]),
        helper.make_node("If", ["p"], ["y"], then_branch=side("u", "a"), else_branch=side("v", "b")),
    ]
    constants = {"a": weight(4, 2, 5), "b": weight(4, 2, 5), "zero": np.array(0, np.float32)}
    graph = load(tmp_path, nodes, (1, 2, "time"), constants)
    assert [axis.least for axis in graph.inputs[0].axes if axis.size is None] == [5]
