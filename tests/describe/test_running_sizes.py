"""Sizes of free axes: what weights fix, what windows take at least, and what nothing says."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import modelparity as mp
from modelparity.describe import running_sizes
from modelparity.describe.shapes import ALIVE, symbolic, two_lengths
from modelparity.inputs import make
from modelparity.inputs.sizes import time_axis

RNG = np.random.default_rng(0)


def f32(*shape):
    return RNG.normal(size=shape).astype(np.float32) / 8


def node(op, inputs, outputs="y", **attrs):
    return helper.make_node(op, inputs.split(), outputs.split(), **attrs)


def loaded(path, nodes, shape, **weights):
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", 1, shape)],
        [helper.make_tensor_value_info("y", 1, None)],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return mp.load(path)


WIDTHS = {
    "matrix": ([node("MatMul", "x w")], ["a", "b"], {"w": f32(138, 4)}, {"b": 138}),
    "gemm, turned": ([node("Gemm", "x w", transB=1)], ["a", "b"], {"w": f32(4, 138)}, {"b": 138}),
    "broadcast": ([node("Sub", "x m")], ["a", "b"], {"m": f32(138)}, {"b": 138}),
    "convolution": ([node("Conv", "x w", pads=[1, 1])], ["a", "b", "c"], {"w": f32(4, 7, 3)}, {"b": 7}),
    "recurrence": (
        [node("Unsqueeze", "x one", "u"), node("GRU", "u w r", hidden_size=5)],
        ["a", "b"],
        {"w": f32(1, 15, 21), "r": f32(1, 15, 5), "one": np.array([1])},
        {"b": 21},
    ),
    "reshape and matrix": (
        [node("Reshape", "x s", "r"), node("MatMul", "r w")],
        ["a", 6, "b"],
        {"s": np.array([0, -1]), "w": f32(6 * 11, 4)},
        {"b": 11},
    ),
    "strided convolutions and matrix": (
        [
            node("Unsqueeze", "x one", "u"),
            node("Conv", "u v", "c", strides=[1, 2], pads=[1, 0, 1, 0]),
            node("Transpose", "c", "t", perm=[0, 2, 1, 3]),
            node("Reshape", "t s", "r"),
            node("MatMul", "r w"),
        ],
        [1, "a", "b"],
        {"one": np.array([1]), "v": f32(2, 1, 3, 3), "s": np.array([0, 0, -1]), "w": f32(2 * 19, 4)},
        None,  # 39 or 40: both give 19 windows
    ),
}


@pytest.mark.parametrize("name", WIDTHS)
def test_widths_are_read_from_weights(tmp_path, name):
    nodes, shape, weights, want = WIDTHS[name]
    graph = loaded(tmp_path / "n.onnx", nodes, shape, **weights)
    fixed = {a.name: a.size for a in graph.inputs[0].axes if a.name in "abc" and a.size is not None}
    if want is not None:
        assert fixed == want
    mp.run(graph, make(graph))


def test_what_nothing_fixes_stays_free(tmp_path):
    graph = loaded(tmp_path / "n.onnx", [node("Relu", "x")], ["a", "b"])
    assert [axis.size for axis in graph.inputs[0].axes] == [None, None]


def test_a_fixed_axis_may_be_named_with_its_own_size_only(tmp_path):
    graph = loaded(tmp_path / "n.onnx", [node("MatMul", "x w")], ["a", "b"], w=f32(138, 4))
    assert make(graph, sizes={"b": 138})["x"].shape[1] == 138
    with pytest.raises(mp.errors.InputError, match="axis 'b' has one size only"):
        make(graph, sizes={"b": 32})


def test_least_sizes_are_sought_an_axis_by_itself(tmp_path):
    """A batch of 64 images of 64 by 64 would be too much to try; one needs 48 rows and 2 columns."""
    weights = {f"w{k}": f32(32, 3 if k == 0 else 32, 3, 3) for k in range(4)}
    nodes = [
        node(
            "Conv",
            f"{'x' if k == 0 else f'c{k - 1}'} w{k}",
            f"c{k}",
            pads=[1] * 4,
            strides=[1 if k == 0 else 2, 1],
        )
        for k in range(4)
    ]
    nodes.append(node("AveragePool", "c3", kernel_shape=[6, 2], strides=[6, 2]))
    graph = loaded(tmp_path / "n.onnx", nodes, ["n", 3, "?", "w"], **weights)
    assert [axis.least for axis in graph.inputs[0].axes] == [1, 1, 41, 2]
    mp.run(graph, make(graph))


def long_window(path, first="unk__1"):
    nodes = [node("Conv", "x w1", "a", strides=[4]), node("Relu", "a", "b"), node("Conv", "b w2")]
    return loaded(path, nodes, [first, 1, 43844], w1=f32(16, 1, 64), w2=f32(1, 16, 64))


def test_a_first_axis_before_fixed_ones_is_a_batch(tmp_path):
    graph = long_window(tmp_path / "n.onnx")
    assert time_axis(graph) is None
    assert make(graph)["x"].shape[0] <= 2


def test_a_first_axis_along_which_order_matters_is_time(tmp_path):
    weights = {"w": f32(1, 5, 21), "r": f32(1, 5, 5), "one": np.array([1])}
    nodes = [node("Unsqueeze", "x one", "u"), node("RNN", "u w r", hidden_size=5)]
    graph = loaded(tmp_path / "n.onnx", nodes, ["input_dim_0", "input_dim_1"], **weights)
    assert time_axis(graph) == "input_dim_0"
    assert make(graph)["x"].shape == (100, 21)


def test_what_costs_too_much_gets_smaller_sizes_unless_asked_for(tmp_path):
    graph = long_window(tmp_path / "n.onnx", "time")
    assert make(graph)["x"].shape[0] < 100
    assert make(graph, length=50)["x"].shape[0] == 50


def test_shapes_are_found_at_small_sizes_where_others_take_much(tmp_path):
    weights = {f"w{k}": f32(32, 1 if k == 0 else 32, 5) for k in range(6)}
    nodes = [node("Conv", f"{'x' if k == 0 else f'c{k - 1}'} w{k}", f"c{k}", pads=[2, 2]) for k in range(5)]
    nodes.append(node("Conv", "c4 w5", pads=[2, 2]))
    graph = loaded(tmp_path / "n.onnx", nodes, ["batch", 1, 7500], **weights)
    _, _, large, _ = two_lengths(graph, "batch")
    assert large * 32 * 7500 * 2 < 2 * ALIVE
    assert symbolic(graph)["y"] == ("batch", 32, 7500)


def test_a_mode_is_what_it_is_compared_with(tmp_path):
    nodes = [
        node("Equal", "rate known", "same"),
        node("Where", "same one two", "f"),
        node("Mul", "x f"),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", 1, ["t"]), helper.make_tensor_value_info("rate", 7, [])],
        [helper.make_tensor_value_info("y", 1, None)],
        [
            numpy_helper.from_array(np.int64(16000), "known"),
            numpy_helper.from_array(np.float32(1), "one"),
            numpy_helper.from_array(np.float32(2), "two"),
        ],
    )
    path = tmp_path / "n.onnx"
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    assert make(mp.load(path))["rate"] == 16000


def test_axes_that_must_be_as_long_as_each_other_are_free(tmp_path):
    """A batch stands on three inputs under three names: none of them is fixed by the others' being what they are."""
    graph = helper.make_graph(
        [node("RNN", "x w r b lengths h", "y", hidden_size=5)],
        "net",
        [
            helper.make_tensor_value_info("x", 1, [None, None, 7]),
            helper.make_tensor_value_info("lengths", 6, [None]),
            helper.make_tensor_value_info("h", 1, [1, None, 5]),
        ],
        [helper.make_tensor_value_info("y", 1, None)],
        [
            numpy_helper.from_array(a, n)
            for n, a in (("w", f32(1, 5, 7)), ("r", f32(1, 5, 5)), ("b", f32(1, 10)))
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (path := tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    read = mp.load(path)
    x, lengths, h = read.inputs
    assert [axis.size for axis in (*x.axes, *lengths.axes, *h.axes)] == [None, None, 7, None, 1, None, 5]
    feeds = {"x": np.ones((4, 3, 7)), "lengths": np.int32([4, 2, 1]), "h": np.zeros((1, 3, 5))}
    assert mp.run(read, feeds)["y"].shape == (4, 1, 3, 5)


def test_one_long_axis_is_found_beside_a_state_with_members(tmp_path):
    """As a voice detector is exported: a branch that pads and cuts the signal, and a state of as many members."""
    r = np.random.default_rng(0)
    inside = [
        helper.make_node("Pad", ["signal", "by"], ["p"], mode="reflect"),
        helper.make_node("MatMul", ["state", "W"], ["m"]),
        helper.make_node("Slice", ["p", "from", "to", "along"], ["cut"]),
        helper.make_node("MatMul", ["cut", "V"], ["v"]),
        helper.make_node("Add", ["m", "v"], ["inner"]),
    ]
    then = helper.make_graph(
        inside, "then", [], [helper.make_tensor_value_info("inner", TensorProto.FLOAT, None)]
    )
    other = helper.make_graph(
        [helper.make_node("MatMul", ["state", "W"], ["o"])],
        "else",
        [],
        [helper.make_tensor_value_info("o", TensorProto.FLOAT, None)],
    )
    nodes = [
        helper.make_node("Equal", ["rate", "known"], ["is"]),
        helper.make_node("If", ["is"], ["y"], then_branch=then, else_branch=other),
    ]
    constants = {
        "known": np.array(16000),
        "by": np.array([0, 0, 0, 64]),
        "from": np.array([480]),
        "to": np.array([488]),
        "along": np.array([1]),
        "W": r.standard_normal((6, 5)).astype("f4"),
        "V": r.standard_normal((8, 5)).astype("f4"),
    }
    inputs = [
        helper.make_tensor_value_info("signal", TensorProto.FLOAT, [None, None]),
        helper.make_tensor_value_info("state", TensorProto.FLOAT, [None, 6]),
        helper.make_tensor_value_info("rate", TensorProto.INT64, []),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    graph = helper.make_graph(
        nodes, "g", inputs, outputs, [numpy_helper.from_array(a, n) for n, a in constants.items()]
    )
    path = tmp_path / "voice.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    assert mp.check(path, path).ok


def test_least_sizes_are_found_in_few_runs(tmp_path, monkeypatch):
    """Reading a network of a thousand nodes must not take a hundred runs of it."""
    ran = []
    whole = running_sizes.walked
    monkeypatch.setattr(running_sizes, "walked", lambda *a, **k: ran.append(1) or whole(*a, **k))
    pooled = node("MaxPool", "x", kernel_shape=[7, 7])
    graph = loaded(tmp_path / "a.onnx", [pooled], ["n", 3, "h", "w"])
    assert {axis.name: axis.least for axis in graph.inputs[0].axes if axis.size is None} == {
        "n": 1,
        "h": 7,
        "w": 7,
    }
    assert len(ran) <= 12
    ran.clear()
    padded = node("MaxPool", "x", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    graph = loaded(tmp_path / "b.onnx", [padded], ["n", 3, "h", "w"])
    assert {axis.name: axis.least for axis in graph.inputs[0].axes if axis.size is None} == {
        "n": 1,
        "h": 1,
        "w": 1,
    }
    assert len(ran) <= 3
