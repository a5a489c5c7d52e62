"""Numbers as bytes and back, against onnxruntime and loops."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from modelparity.errors import GraphError

RNG = np.random.default_rng(0)


def onnx_run(op, *arrays, outputs=1, **attributes):
    names = [f"x{k}" for k in range(len(arrays))]
    node = helper.make_node(op, names, [f"y{k}" for k in range(outputs)], **attributes)
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
        for name, a in zip(names, arrays, strict=True)
    ]
    kinds = {"DynamicQuantizeLinear": [TensorProto.UINT8, TensorProto.FLOAT, TensorProto.UINT8]}
    kind = kinds.get(op, [helper.np_dtype_to_tensor_dtype(arrays[-1].dtype)])
    results = [helper.make_tensor_value_info(f"y{k}", kind[k], None) for k in range(outputs)]
    model = helper.make_model(
        helper.make_graph([node], "one", inputs, results),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, arrays, strict=True)))


@pytest.mark.parametrize("to", ["uint8", "int8"])
def test_quantize_agrees_with_onnxruntime(apply, to):
    x = (RNG.normal(size=(3, 40)) * 3).astype(np.float32)
    scale, zero = np.float32(0.03), np.array(5, to)
    (expected,) = onnx_run("QuantizeLinear", x, np.array(scale), zero)
    np.testing.assert_array_equal(apply("quantize", x, np.array(scale), zero, to=to, ar="float32"), expected)
    np.testing.assert_array_equal(
        apply("quantize", x, np.array(scale), to=to, low=-3, high=4, ar="float32"),
        np.clip(
            np.rint(x / scale), max(-3, np.iinfo(to).min if to == "int8" else 0) if to == "int8" else -3, 4
        ).astype(to),
    )


def test_quantize_by_blocks_agrees_with_a_loop(apply):
    x, scale = RNG.normal(size=(4, 6)), RNG.uniform(0.1, 1, (2, 3))
    y = apply("quantize", x, scale, to="int8")
    for i, j in np.ndindex(4, 6):
        assert y[i, j] == np.rint(x[i, j] / scale[i // 2, j // 2])
    np.testing.assert_allclose(apply("quantize", x, scale[:1, :1], to="float"), x / scale[0, 0])
    with pytest.raises(GraphError, match="blocks"):
        apply("quantize", x, scale[:, :2].repeat(2, 1), to="int8")


def test_requantize_agrees_with_onnxruntime(apply):
    a, b = RNG.integers(0, 255, (5, 7)).astype(np.uint8), RNG.integers(0, 255, (7, 4)).astype(np.uint8)
    scales = [np.array(s, np.float32) for s in (0.01, 0.02, 0.05)]
    zeros = [np.array(z, np.uint8) for z in (120, 130, 7)]
    (expected,) = onnx_run(
        "QLinearMatMul", a, scales[0], zeros[0], b, scales[1], zeros[1], scales[2], zeros[2]
    )
    product = (a.astype(np.int32) - 120) @ (b.astype(np.int32) - 130)
    ours = apply("requantize", product, *scales, zeros[2], to="uint8", low=0, high=255, ar="float32")
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("shift", [-5.0, 0.0, 5.0])
def test_quantize_range_agrees_with_onnxruntime(apply, shift):
    x = (RNG.normal(size=(4, 9)) + shift).astype(np.float32)
    expected = onnx_run("DynamicQuantizeLinear", x, outputs=3)
    for ours, theirs in zip(apply("quantize_range", x, ar="float32"), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_range_of_nothing(apply):
    y, scale, zero = apply("quantize_range", np.zeros((2, 2), np.float32), ar="float32")
    assert (y == 0).all()
    assert scale == zero == 0
