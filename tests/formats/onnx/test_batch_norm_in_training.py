"""Batch normalisation in training: statistics of the input itself, against onnx's own reference."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp

onnx = pytest.importorskip("onnx", reason="pip install 'modelparity[onnx]'")


@pytest.mark.parametrize("shape", [(7, 3), (2, 3, 4, 5)])
def test_statistics_are_the_input_s_and_running_ones_move(shape, tmp_path):
    from onnx.reference import ReferenceEvaluator

    rng, outputs = np.random.default_rng(5), ["y", "mean", "variance"]
    weights = {name: rng.uniform(0.5, 2, 3).astype(np.float32) for name in ("scale", "bias", "m", "v")}
    node = onnx.helper.make_node(
        "BatchNormalization",
        ["x", *weights],
        outputs,
        training_mode=1,
        momentum=0.8,
        epsilon=1e-2,
    )
    sizes = {"y": shape, "mean": (3,), "variance": (3,)}
    made = onnx.helper.make_graph(
        [node],
        "norm",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, sizes[n]) for n in outputs],
        [onnx.numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", 15)])
    onnx.save(model, tmp_path / "norm.onnx")
    x = rng.normal(2, 3, shape).astype(np.float32)
    got = mp.run(mp.load(tmp_path / "norm.onnx"), x)
    for name, want in zip(outputs, ReferenceEvaluator(model).run(None, {"x": x}), strict=True):
        np.testing.assert_allclose(got[name], want, rtol=1e-5, atol=1e-6)
