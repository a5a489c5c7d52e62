"""Results of which the number of axes is known only when the model runs: x.squeeze(d) as PyTorch writes it."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import modelparity as mp
from modelparity.errors import ArtefactError, InputError
from modelparity.inputs import make

RNG = np.random.default_rng(0)


def f32(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def squeezed(path, tail, weights, size="t", axis=2):
    """A file: x (1, 8, t), squeezed if t is 1, then ``tail``, which reads q and gives y."""

    def branch(op, inputs, out):
        value = helper.make_tensor_value_info(out, TensorProto.FLOAT, None)
        return helper.make_graph([helper.make_node(op, inputs, [out])], out, [], [value])

    nodes = [
        helper.make_node("Shape", ["x"], ["sizes"]),
        helper.make_node("Gather", ["sizes", "axis"], ["n"]),
        helper.make_node("Equal", ["n", "one"], ["alone"]),
        helper.make_node(
            "If",
            ["alone"],
            ["q"],
            then_branch=branch("Squeeze", ["x", "axes"], "a"),
            else_branch=branch("Identity", ["x"], "b"),
        ),
        *tail,
    ]
    known = {"axis": np.int64(axis), "one": np.int64(1), "axes": np.array([axis]), "last": np.array([-1])}
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(a, name) for name, a in {**known, **weights}.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def node(op, inputs, outputs="y", **attrs):
    return helper.make_node(op, inputs.split(), outputs.split(), **attrs)


UNSQUEEZE = node("Unsqueeze", "q last", "u")
TAILS = {
    "a convolution": ([UNSQUEEZE, node("Relu", "u", "r"), node("Conv", "r w")], {"w": f32(4, 8, 1)}, (1,)),
    "a matrix": ([node("Gemm", "q m")], {"m": f32(8, 4)}, (1,)),
    "a matrix for one size or for another": ([node("MatMul", "q m")], {"m": f32(8, 4)}, (1, 8)),
    "recurrence": (
        [node("Unsqueeze", "q zero", "u"), node("LSTM", "u w rr", hidden_size=8)],
        {"w": f32(1, 32, 8), "rr": f32(1, 32, 8), "zero": np.array([0])},
        (1,),
    ),
    "either rank": ([node("Relu", "q", "r"), node("ReduceMean", "r", axes=[1])], {}, (1, 5)),
    "either rank, which must be known": (
        [node("InstanceNormalization", "q g h")],
        {"g": f32(8), "h": f32(8)},
        (5,),
    ),
    "flattened": ([node("Flatten", "q", axis=1)], {}, (1, 5)),
    "the last axis": ([node("Softmax", "q", "s", axis=1), node("Transpose", "s")], {}, (1, 5)),
}


@pytest.mark.parametrize("name", TAILS)
def test_what_reads_it_settles_the_rank_or_it_is_settled_when_it_runs(tmp_path, name):
    tail, weights, sizes = TAILS[name]
    path = squeezed(tmp_path / "q.onnx", tail, weights)
    session = onnxruntime.InferenceSession(str(path))
    graph = mp.load(path)
    for size in sizes:
        x = f32(1, 8, size)
        want = session.run(None, {"x": x})[0]
        np.testing.assert_allclose(mp.run(graph, x)["y"], want, atol=1e-5)


def test_an_axis_of_one_size_or_another_is_tried_at_both(tmp_path):
    """Weights fix it at 8, and at 1 it is squeezed away: no other size runs, and both are judged."""
    path = squeezed(tmp_path / "q.onnx", [node("MatMul", "q m")], {"m": f32(8, 4)})
    graph = mp.load(path)
    shapes = {make(graph, recipe)["x"].shape for recipe in ("noise", "one_frame")}
    assert shapes == {(1, 8, 1), (1, 8, 8)}
    assert mp.check(path, path).band == "rounding"
    with pytest.raises(InputError, match=r"\(1, 8, 1\), \(1, 8, 8\)"):
        mp.run(graph, f32(1, 8, 5))


def test_the_number_of_axes_chooses_when_a_translator_needs_it(tmp_path):
    tail = [node("Unsqueeze", "q last", "u"), node("MeanVarianceNormalization", "u", axes=[-1])]
    graph = mp.load(squeezed(tmp_path / "q.onnx", tail, {}))
    for size in (1, 5):
        assert np.isfinite(mp.run(graph, f32(1, 8, size))["y"]).all()


def test_a_reader_that_no_rank_suits_is_refused(tmp_path):
    path = squeezed(tmp_path / "q.onnx", [node("Conv", "q w")], {"w": f32(4, 8, 1, 1, 1)})
    with pytest.raises(ArtefactError, match="Conv"):
        mp.load(path)


def test_a_rank_that_the_reader_settled_is_the_only_one_that_runs(tmp_path):
    """A core operator would multiply stacked matrices where Gemm takes one."""
    path = squeezed(tmp_path / "q.onnx", [node("Gemm", "q m")], {"m": f32(8, 4)}, size=None)
    graph = mp.load(path)
    assert graph.inputs[0].axes[2].size == 1
    with pytest.raises(InputError, match="size 8 instead of 1"):
        mp.run(graph, f32(1, 8, 8))
