"""How ONNX files become graphs: names, origins, weights, shapes, functions and control flow."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

import modelparity as mp
from modelparity.errors import ArtefactError, InputError


def info(name, kind=1, shape=None):
    return helper.make_tensor_value_info(name, kind, shape)


def saved(path, nodes, inputs, outputs=("y",), *, opset=17, functions=(), domains=(), **weights):
    """A model on disk."""
    graph = helper.make_graph(
        nodes,
        "net",
        inputs,
        [o if not isinstance(o, str) else info(o) for o in outputs],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in weights.items()],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=list(functions))
    path.write_bytes(model.SerializeToString())
    return path


def node(op, inputs, outputs, **attrs):
    return helper.make_node(op, inputs.split(), outputs.split(), name=attrs.pop("name", f"the_{op}"), **attrs)


def agrees(path, feeds, **tolerance):
    """Run by the engine and by onnxruntime."""
    graph = mp.load(path)
    ours = mp.run(graph, feeds)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for one, want in zip(session.get_outputs(), session.run(None, feeds), strict=True):
        np.testing.assert_allclose(ours[one.name], want, **{"atol": 1e-5, **tolerance})
    return graph


X = np.random.default_rng(0).normal(size=(2, 3, 8, 8)).astype(np.float32)
W = np.random.default_rng(1).normal(size=(4, 3, 3, 3)).astype(np.float32)


def test_axes_and_origins_are_the_files(tmp_path):
    path = saved(
        tmp_path / "a.onnx",
        [node("Conv", "image w", "c", name="stem"), node("Relu", "c", "y")],
        [info("image", 1, ["clips", 3, None, 8])],
        w=W,
    )
    graph = mp.load(path)
    (spec,) = graph.inputs
    assert [str(axis) for axis in spec.axes] == ["clips", "channel=3", "height", "width=8"]
    assert {n.origin for n in graph.nodes} == {'node 0 (Conv "stem")', 'node 1 (Relu "the_Relu")'}
    assert graph.source.format == "onnx"
    assert graph.name == "a"  # the file, whatever the graph in it is called
    for height in (8, 11):
        agrees(path, {"image": np.resize(X, (2, 3, height, 8))})


def test_inputs_of_one_name_of_an_axis_have_one_size(tmp_path):
    inputs = [info("a", 1, ["batch", None]), info("b", 1, ["batch", None])]
    graph = mp.load(saved(tmp_path / "a.onnx", [node("Concat", "a b", "y", axis=1)], inputs))
    assert [spec.shape for spec in graph.inputs] == [("batch", "a.axis1"), ("batch", "b.axis1")]
    assert mp.run(graph, {"a": np.ones((2, 3)), "b": np.ones((2, 5))})["y"].shape == (2, 8)


def test_weights_are_views_of_the_file(tmp_path):
    big = np.arange(300 * 100, dtype=np.float32).reshape(300, 100)
    path = saved(
        tmp_path / "a.onnx", [node("MatMul", "x w", "y")], [info("x", 1, ["n", 300])], w=big, spare=big
    )
    graph = mp.load(path)
    held = graph.constants["w"]
    np.testing.assert_array_equal(held, big)
    while held.base is not None and isinstance(held.base, np.ndarray):
        held = held.base
    assert held.size == path.stat().st_size  # the mapped file
    assert dict(graph.unused) == {"spare": "no node reads it"}
    agrees(path, {"x": np.ones((2, 300), np.float32)}, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "bool", "uint8"])
def test_weights_of_every_type_and_field(tmp_path, dtype):
    values = np.array([[0, 1, 2], [3, 0, 5]]).astype(dtype)
    tensor = numpy_helper.from_array(values, "w")
    typed = helper.make_tensor("v", tensor.data_type, values.shape, values.ravel().tolist())
    graph = helper.make_graph(
        [node("Identity", "w", "y"), node("Identity", "v", "z")],
        "net",
        [],
        [info("y"), info("z")],
        [tensor, typed],
    )
    for value in graph.output:
        value.type.tensor_type.elem_type = tensor.data_type
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (tmp_path / "a.onnx").write_bytes(model.SerializeToString())
    loaded = mp.load(tmp_path / "a.onnx")
    for name in ("y", "z"):
        np.testing.assert_array_equal(mp.run(loaded, {})[name], values)


def test_arithmetic_on_shapes_is_done_while_reading(tmp_path):
    nodes = [
        node("Shape", "x", "s"),
        node("Gather", "s zero", "b"),
        node("Unsqueeze", "b axes", "u"),
        node("Concat", "u rest", "shape", axis=0),
        node("Reshape", "x shape", "r"),
        node("Relu", "r", "y"),
    ]
    weights = {"zero": np.int64(0), "axes": np.array([0]), "rest": np.array([2, -1])}
    path = saved(tmp_path / "a.onnx", nodes, [info("x", 1, ["batch", 6])], **weights)
    graph = agrees(path, {"x": X.reshape(-1, 6)[:5]})
    assert [(n.op, n.attrs.get("shape")) for n in graph.nodes] == [("reshape", (0, 2, -1)), ("relu", None)]


def test_what_depends_on_free_sizes_runs(tmp_path):
    nodes = [
        node("Shape", "x", "s"),
        node("ReduceProd", "s", "n", keepdims=1),
        node("Div", "n two", "h"),
        node("Concat", "h two", "shape", axis=0),
        node("Reshape", "x shape", "y"),
    ]
    path = saved(tmp_path / "a.onnx", nodes, [info("x", 1, ["a", "b"])], two=np.array([2]))
    for shape in ((2, 3), (4, 5)):
        agrees(path, {"x": np.ones(shape, np.float32)})


def test_functions_are_read_where_they_are_called(tmp_path):
    opsets = [helper.make_opsetid("", 17)]
    scale = helper.make_node("Constant", [], ["k"])
    scale.attribute.append(helper.make_attribute("value_float", 1.0))
    scale.attribute[0].ref_attr_name = "factor"
    scale.attribute[0].ClearField("f")
    body = [scale, node("Mul", "a k", "b"), node("Tanh", "b", "c")]
    function = helper.make_function("own", "Squash", ["a"], ["c"], body, opsets, ["factor"])
    calls = [
        helper.make_node("Squash", ["x"], ["m"], domain="own", factor=2.0, name="one"),
        helper.make_node("Squash", ["m"], ["y"], domain="own", factor=0.5, name="two"),
    ]
    path = saved(tmp_path / "a.onnx", calls, [info("x", 1, [3])], functions=[function], domains=["own"])
    graph = agrees(path, {"x": np.float32([1, -2, 0.5])})
    assert graph.nodes[-1].origin.startswith('node 1 (Squash "two")') or graph.nodes[-1].op == "identity"
    assert 'node 0 (Squash "one")/2 (Tanh "the_Tanh")' in {n.origin for n in graph.nodes}


def branch(op, result):
    return helper.make_graph([node(op, "x", result)], op, [], [info(result)])


def test_if_takes_one_branch(tmp_path):
    made = helper.make_node(
        "If", ["c"], ["y"], then_branch=branch("Exp", "p"), else_branch=branch("Neg", "q")
    )
    path = saved(tmp_path / "a.onnx", [made], [info("x", 1, [3]), info("c", 9, [])])
    for flag in (True, False):
        agrees(path, {"x": np.float32([1, 2, 3]), "c": np.array(flag)})
    known = mp.load(saved(tmp_path / "b.onnx", [made], [info("x", 1, [3])], c=np.True_))
    assert [n.op for n in known.nodes] == ["exp", "identity"]


def loop(body_nodes, count, condition="c"):
    body = helper.make_graph(
        body_nodes,
        "body",
        [info("i", 7, []), info("c", 9, []), info("v", 1, None)],
        [info(condition, 9, []), info("o"), info("s")],
    )
    return helper.make_node("Loop", ["n", "", "x"], ["y", "z"], body=body, name="loop"), count


@pytest.mark.parametrize("count", [0, 1, 4])
def test_loops_carry_and_collect(tmp_path, count):
    made, _ = loop([node("Mul", "v w", "o"), node("ReduceSum", "o", "s", keepdims=0)], count)
    x = np.float32([1, 2, 3])
    path = saved(
        tmp_path / "a.onnx",
        [made],
        [info("x", 1, [3])],
        ("y", "z"),
        w=np.float32([2, 3, 1]),
        n=np.int64(count),
    )
    agrees(path, {"x": x})
    free = saved(
        tmp_path / "b.onnx",
        [made],
        [info("x", 1, [3]), info("n", 7, [])],
        ("y", "z"),
        w=np.float32([2, 3, 1]),
    )
    agrees(free, {"x": x, "n": np.array(count)})


def test_loops_end_when_their_body_says_so(tmp_path):
    nodes = [node("Add", "v v", "o"), node("ReduceSum", "o", "s", keepdims=0), node("Less", "s most", "go")]
    made, _ = loop(nodes, 99, condition="go")
    path = saved(
        tmp_path / "a.onnx", [made], [info("x", 1, [3])], ("y", "z"), n=np.int64(99), most=np.float32(50)
    )
    agrees(path, {"x": np.float32([1, 2, 3])})


def test_what_a_loop_carries_may_grow(tmp_path):
    nodes = [node("Concat", "v v", "o", axis=0), node("ReduceSum", "v", "s", keepdims=0)]
    made, _ = loop(nodes, 3)
    path = saved(tmp_path / "a.onnx", [made], [info("x", 1, ["k"])], ("y", "z"), n=np.int64(3))
    assert mp.run(mp.load(path), np.float32([1, 2]))["y"].shape == (16,)
    agrees(path, {"x": np.float32([1, 2])})


@pytest.mark.parametrize("backwards", [0, 1])
def test_scans(tmp_path, backwards):
    body = helper.make_graph(
        [node("Add", "h e", "n"), node("Mul", "n w", "t")],
        "scan",
        [info("h", 1, [2]), info("e", 1, [2])],
        [info("n"), info("t")],
    )
    made = helper.make_node(
        "Scan",
        ["h0", "x"],
        ["y", "z"],
        body=body,
        num_scan_inputs=1,
        scan_input_axes=[1],
        scan_input_directions=[backwards],
        scan_output_directions=[1 - backwards],
        scan_output_axes=[1],
    )
    path = saved(
        tmp_path / "a.onnx",
        [made],
        [info("x", 1, [2, "time"])],
        ("y", "z"),
        h0=np.zeros(2, np.float32),
        w=np.float32([2, 3]),
    )
    agrees(path, {"x": X[0, 0, :2]})


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 17, 21])
def test_operators_mean_what_their_opset_says(tmp_path, opset):
    nodes = [node("Softmax", "x", "s"), node("Flatten", "s", "f"), node("Dropout", "f", "y")]
    graph = agrees(
        saved(tmp_path / "a.onnx", nodes, [info("x", 1, [2, 3, 4])], opset=opset), {"x": X[:, :, 0, :4]}
    )
    assert ("flatten" in [n.op for n in graph.nodes[:1]]) == (
        opset < 13
    )  # softmax over all axes behind the first


def test_half_precision_follows_the_file(tmp_path):
    nodes = [node("Cast", "x", "h", to=10), node("Mul", "h h", "q"), node("Cast", "q", "y", to=1)]
    path = saved(tmp_path / "a.onnx", nodes, [info("x", 1, [50])])
    x = np.random.default_rng(2).normal(size=50).astype(np.float32)
    native = mp.run(mp.load(path), x, arithmetic="native")["y"]
    half = x.astype(np.float16)
    np.testing.assert_array_equal(native, (half * half).astype(np.float32))
    np.testing.assert_allclose(mp.run(mp.load(path), x)["y"], x.astype(np.float64) ** 2)


def test_transpositions_that_cancel_out_are_left_out(tmp_path):
    nodes = [node("Conv", "x w", "a", pads=[1, 1, 1, 1]), node("Conv", "a v", "y", name="second")]
    v = np.random.default_rng(3).normal(size=(2, 4, 1, 1)).astype(np.float32)
    graph = agrees(saved(tmp_path / "a.onnx", nodes, [info("x", 1, [2, 3, 8, 8])], w=W, v=v), {"x": X})
    assert [n.op for n in graph.nodes] == ["transpose", "conv", "conv", "transpose"]


def test_an_output_that_is_an_input_or_a_weight(tmp_path):
    path = saved(
        tmp_path / "a.onnx", [node("Relu", "x", "y")], [info("x", 1, [3])], ("y", "k"), k=np.float32([1, 2])
    )
    got = mp.run(mp.load(path), np.float32([-1, 0, 1]))
    np.testing.assert_array_equal(got["k"], [1, 2])
    np.testing.assert_array_equal(got["y"], [0, 0, 1])


def test_a_graph_can_be_checked_against_its_own_file(tmp_path):
    nodes = [node("Conv", "x w", "a"), node("Relu", "a", "r"), node("GlobalAveragePool", "r", "y")]
    path = saved(tmp_path / "a.onnx", nodes, [info("x", 1, ["batch", 3, 8, 8])], w=W)
    verdict = mp.check(path, path)
    assert verdict.ok
    assert verdict.band in ("exact", "rounding")
    other = saved(tmp_path / "b.onnx", nodes, [info("x", 1, ["batch", 3, 8, 8])], w=W * np.float32(1.01))
    assert not mp.check(path, other).ok


def test_sparse_weights(tmp_path):
    values = helper.make_tensor("w", 1, [2], [5.0, 7.0])
    places = helper.make_tensor("i", 7, [2, 2], [0, 1, 2, 0])
    graph = helper.make_graph(
        [node("Add", "x w", "y")],
        "net",
        [info("x", 1, [3, 2])],
        [info("y")],
        sparse_initializer=[helper.make_sparse_tensor(values, places, [3, 2])],
    )
    path = tmp_path / "a.onnx"
    path.write_bytes(
        helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
        ).SerializeToString()
    )
    np.testing.assert_array_equal(mp.run(mp.load(path), np.zeros((3, 2)))["y"], [[0, 5], [0, 0], [7, 0]])


def test_what_is_not_read_says_so(tmp_path):
    text = onnx.helper.make_node("StringNormalizer", ["x"], ["y"])
    with pytest.raises(ArtefactError, match="no tensor of numbers") as caught:
        mp.load(saved(tmp_path / "a.onnx", [text], [info("x", 8, [3])]))
    assert caught.value.found == "text"
    assert "export the network from behind what reads the text" in str(caught.value)
    packed = helper.make_node("MultiHeadAttention", ["x"], ["y"], domain="com.microsoft", num_heads=2)
    with pytest.raises(ArtefactError, match="packed query, key and value"):
        mp.load(
            saved(tmp_path / "a.onnx", [packed], [info("x", 1, [1, 2, 2, 3, 4])], domains=["com.microsoft"])
        )


def test_what_is_elementwise_moves_out_of_the_way_of_convolutions(tmp_path):
    """A residual block: transposed once at its beginning and once at its end."""
    nodes = [
        node("Conv", "x w", "a", pads=[1, 1, 1, 1]),
        node("Add", "a shift", "b", name="bias"),
        node("Relu", "b", "r"),
        node("Conv", "r v", "c", name="second"),
        node("Add", "r c", "s"),
        node("Clip", "s low", "k"),
        node("MaxPool", "k", "p", kernel_shape=[2, 2]),
        node("Mul", "p half", "m"),
        node("Conv", "m v", "y", name="third"),
    ]
    weights = {"w": W, "v": np.random.default_rng(3).normal(size=(4, 4, 1, 1)).astype(np.float32)}
    weights |= {
        "shift": np.float32([1, 2, 3, 4]).reshape(4, 1, 1),
        "low": np.float32(-1),
        "half": np.float32(0.5),
    }
    path = saved(tmp_path / "a.onnx", nodes, [info("x", 1, ["batch", 3, 8, 8])], **weights)
    graph = agrees(path, {"x": X})
    ops = [n.op for n in graph.nodes]
    assert ops.count("transpose") == 2
    assert ops[0] == ops[-1] == "transpose"
    assert {n.origin for n in graph.nodes if n.op == "relu"} == {'node 2 (Relu "the_Relu")'}


def test_what_others_read_stays_as_the_file_has_it(tmp_path):
    nodes = [
        node("Conv", "x w", "a", pads=[1, 1, 1, 1]),
        node("Relu", "a", "r"),
        node("Conv", "r v", "y", name="second"),
        node("ReduceMean", "r", "z", axes=[1]),
    ]
    v = np.random.default_rng(3).normal(size=(2, 4, 1, 1)).astype(np.float32)
    agrees(
        saved(tmp_path / "a.onnx", nodes, [info("x", 1, [2, 3, 8, 8])], ("y", "z", "r"), w=W, v=v), {"x": X}
    )


def test_least_sizes_are_found(tmp_path):
    """What windows need, so that inputs of a length that cannot run are refused by name."""
    nodes = [node("Conv", "x w", "a", strides=[2, 1]), node("MaxPool", "a", "y", kernel_shape=[2, 4])]
    graph = mp.load(saved(tmp_path / "a.onnx", nodes, [info("x", 1, ["batch", 3, "rows", "columns"])], w=W))
    assert {axis.name: axis.least for axis in graph.inputs[0].axes if axis.size is None} == {
        "batch": 1,
        "rows": 5,
        "columns": 6,
    }
    agrees(tmp_path / "a.onnx", {"x": X[:, :, :5, :6]})
    with pytest.raises(InputError, match=r"at least 6 along 'columns'"):
        mp.run(graph, X[:, :, :5, :5])
