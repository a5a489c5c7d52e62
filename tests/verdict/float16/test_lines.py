"""The lines are run: converters keep what they name, and the file that they make passes."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.formats.origins import found_as
from modelparity.verdict.float16.lines import lines

F = np.float32
RNG = np.random.default_rng(3)
X = RNG.standard_normal((6, 8)).astype(F)


@pytest.mark.parametrize(
    ("origin", "found"),
    [
        ('node 3 (Mul "/Mul")', ("Mul", "/Mul")),
        ("node 3 (Mul)", ("Mul", "")),
        ('main/op 16 (mul "_inversed_div")', ("mul", "_inversed_div")),
        ('node 3 (Mul "a (b)")', ("Mul", "a (b)")),
        ("layers[2]", None),
        ("", None),
    ],
)
def test_what_a_file_calls_a_node(origin, found):
    assert found_as(origin) == found


def attention(path, *, named=True):
    onnx = pytest.importorskip("onnx")
    make = onnx.helper
    calls = [
        ("MatMul", "x wq", "q"),
        ("MatMul", "x wk", "k"),
        ("Transpose", "k", "t"),
        ("MatMul", "q t", "scores"),
        ("Div", "scores c", "scaled"),
        ("Softmax", "scaled", "weights"),
        ("MatMul", "weights x", "y"),
    ]
    nodes = [
        make.make_node(op, given.split(), [name], name=f"the {name}" if named else "")
        for op, given, name in calls
    ]
    held = {"wq": 300 * np.eye(8), "wk": 300 * np.eye(8) + RNG.standard_normal((8, 8)), "c": 1e4}
    graph = make.make_graph(
        nodes,
        "net",
        [make.make_tensor_value_info("x", 1, [6, 8])],
        [make.make_tensor_value_info("y", 1, [6, 8])],
        [onnx.numpy_helper.from_array(np.asarray(one, F), key) for key, one in held.items()],
    )
    onnx.save(make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9), path)
    return path


def test_onnxruntimes_converter_does_what_the_line_says(tmp_path):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    path = attention(tmp_path / "net.onnx")
    found = mp.float16_ranges(path, X)
    line = found.lines["onnxruntime"]
    assert line.endswith("node_block_list=['the scores', 'the scaled'])")
    for asked, band in ((line, "reduced"), (line.split(", node_block")[0] + ")", "wrong")):
        scope = {"model": onnx.load(path)}
        exec(asked, scope)
        onnx.save(scope["made"].model, tmp_path / "half.onnx")
        # As the file says it: onnxruntime itself computes some of it in float32 on processors.
        said = mp.check(path, tmp_path / "half.onnx", inputs=X, runtime="engine", explain=False)
        assert said.band == band


def test_nodes_without_names_are_named_by_their_operators(tmp_path):
    found = mp.float16_ranges(attention(tmp_path / "net.onnx", named=False), X)
    assert (
        "op_block_list=[*onnxruntime.transformers.float16.DEFAULT_OP_BLOCK_LIST, 'MatMul', 'Div']"
        in found.lines["onnxruntime"]
    )


def test_coremltools_does_what_the_line_says(tmp_path):
    ct = pytest.importorskip("coremltools")
    from coremltools.converters.mil import Builder as mb

    held = 300 * np.eye(8).astype(F), (300 * np.eye(8) + RNG.standard_normal((8, 8))).astype(F)

    @mb.program(input_specs=[mb.TensorSpec(shape=(6, 8))], opset_version=ct.target.iOS17)
    def program(x):
        q = mb.matmul(x=x, y=held[0], name="q")
        k = mb.matmul(x=x, y=held[1], name="k")
        scores = mb.matmul(x=q, y=k, transpose_y=True, name="scores")
        scaled = mb.real_div(x=scores, y=F(1e4), name="scaled")
        weights = mb.softmax(x=scaled, axis=-1, name="weights")
        return mb.matmul(x=weights, y=x, name="y")

    def made(name, precision):
        target = ct.target.iOS17
        model = ct.convert(program, minimum_deployment_target=target, compute_precision=precision)
        model.save(str(tmp_path / name))
        return tmp_path / name

    full = made("full.mlpackage", ct.precision.FLOAT32)
    found = mp.float16_ranges(full, X)
    line = found.lines["coremltools"]
    asked = line.removeprefix("ct.convert(..., compute_precision=").removesuffix(")")
    mixed = made("mixed.mlpackage", eval(asked, {"ct": ct}))
    kept = {node.op for node in mp.load(mixed).nodes if node.dtype == "float32" and node.op != "cast"}
    assert kept
    assert mp.check(full, mixed, inputs=X, runtime="engine", explain=False).band == "reduced"
    half = made("half.mlpackage", ct.precision.FLOAT16)
    assert mp.check(full, half, inputs=X, runtime="engine", explain=False).band == "wrong"


def test_what_has_no_names_is_to_be_converted_first():
    spec = mp.TensorSpec("x", (mp.Axis("feature", 8),))
    one = mp.Node("y", "exp", ("x",), ("y",))
    said = lines(mp.Graph("net", (spec,), ("y",), (one,), {}), [one])
    assert all("convert it in float32 first" in text for text in said.values())
    assert lines(mp.Graph("net", (spec,), ("y",), (one,), {}), []) == {}
