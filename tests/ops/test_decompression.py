"""Operators that decompress weights, against loops over elements, bit strings and onnxruntime."""

from __future__ import annotations

import itertools

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings, strategies as st
from onnx import helper

from modelparity.errors import GraphError


@settings(max_examples=40, deadline=None)
@given(bits=st.integers(1, 8), count=st.integers(0, 40), signed=st.booleans(), seed=st.integers(0, 1000))
def test_unpack_bits_agrees_with_a_bit_string(apply, bits, count, signed, seed):
    numbers = np.random.default_rng(seed).integers(0, 1 << bits, count)
    string = "".join(format(n, f"0{bits}b")[::-1] for n in numbers)  # lowest bit first
    string += "0" * (-len(string) % 8)
    raw = np.array([int(string[at : at + 8][::-1], 2) for at in range(0, len(string), 8)], np.uint8)
    want = [n - (1 << bits) if signed and n >= 1 << (bits - 1) else n for n in numbers]
    y = apply("unpack_bits", raw, bits=bits, shape=(count,), signed=signed)
    assert y.tolist() == want
    assert y.dtype == (np.int8 if signed else np.uint8)


def test_unpack_bits_wants_as_many_bytes_as_the_shape_needs(apply):
    with pytest.raises(GraphError, match="do not fill"):
        apply("unpack_bits", np.zeros(2, np.uint8), bits=3, shape=(2, 3))


@settings(max_examples=25, deadline=None)
@given(
    groups=st.tuples(st.integers(1, 2), st.integers(1, 3)),
    blocks=st.tuples(st.integers(1, 3), st.integers(1, 2)),
    offset=st.booleans(),
)
def test_dequantize_agrees_with_a_loop(apply, groups, blocks, offset):
    rng = np.random.default_rng(0)
    shape = tuple(g * b for g, b in zip(groups, blocks, strict=True))
    x = rng.integers(-128, 128, shape).astype(np.int8)
    scale = rng.standard_normal(groups)
    zero = rng.integers(-128, 128, groups).astype(np.int8) if offset else None
    y = apply("dequantize", x, scale, zero)
    for i, j in np.ndindex(shape):
        at = (i // blocks[0], j // blocks[1])
        want = scale[at] * (int(x[i, j]) - (0 if zero is None else int(zero[at])))
        np.testing.assert_allclose(y[i, j], want, rtol=1e-14, atol=1e-14)


def test_dequantize_agrees_with_onnxruntime(apply):
    rng = np.random.default_rng(0)
    x, scale, zero = (
        rng.integers(0, 256, (3, 4)).astype(np.uint8),
        np.float32([0.5, 0.1, 3]),
        np.uint8([3, 0, 255]),
    )
    node = helper.make_node("DequantizeLinear", ["x", "s", "z"], ["y"], axis=0)
    kinds = onnx.TensorProto.UINT8, onnx.TensorProto.FLOAT, onnx.TensorProto.UINT8
    inputs = [
        helper.make_tensor_value_info(name, kind, a.shape)
        for name, kind, a in zip("xsz", kinds, (x, scale, zero), strict=True)
    ]
    out = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, x.shape)
    graph = helper.make_graph([node], "g", inputs, [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (want,) = session.run(None, {"x": x, "s": scale, "z": zero})
    np.testing.assert_array_equal(apply("dequantize", x, scale[:, None], zero[:, None], ar="float32"), want)
    np.testing.assert_array_equal(
        apply("dequantize", x, np.float32(2), np.uint8(3)), 2.0 * (x.astype(int) - 3)
    )


def test_dequantize_refuses_blocks_that_do_not_divide(apply):
    with pytest.raises(GraphError, match="do not divide"):
        apply("dequantize", np.zeros((4, 3), np.int8), np.ones((3, 1)))


@settings(max_examples=25, deadline=None)
@given(
    groups=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    blocks=st.tuples(st.integers(1, 3), st.integers(1, 2)),
    vector=st.integers(1, 3),
    axis=st.sampled_from([0, 1, -1, -2]),
)
def test_lut_to_dense_agrees_with_a_loop(apply, groups, blocks, vector, axis):
    rng = np.random.default_rng(0)
    shape = tuple(g * b for g, b in zip(groups, blocks, strict=True))
    indices = rng.integers(0, 4, shape).astype(np.uint8)
    lut = rng.standard_normal((*groups, 4, vector))
    y = apply("lut_to_dense", indices, lut, axis=axis)
    want = np.empty([n * vector if place == axis % 2 else n for place, n in enumerate(shape)])
    for (i, j), k in itertools.product(np.ndindex(shape), range(vector)):
        value = lut[i // blocks[0], j // blocks[1], indices[i, j], k]
        want[(i * vector + k, j) if axis % 2 == 0 else (i, j * vector + k)] = value
    np.testing.assert_array_equal(y, want)


def test_lut_to_dense_refuses_what_does_not_fit(apply):
    indices = np.array([[0, 3]], np.uint8)
    with pytest.raises(GraphError, match="beyond the table"):
        apply("lut_to_dense", indices, np.zeros((1, 1, 2, 1)))
    with pytest.raises(GraphError, match="do not fit"):
        apply("lut_to_dense", indices, np.zeros((4, 1)))
    with pytest.raises(GraphError, match="axis they lie along"):
        apply("lut_to_dense", indices, np.zeros((1, 1, 4, 2)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=1, max_size=4))
def test_sparse_to_dense_and_compress_undo_each_other(apply, rows):
    mask = np.array(rows, np.uint8)
    values = 1.0 + np.arange(mask.sum())
    dense = apply("sparse_to_dense", values, mask)
    waiting = list(values)
    want = [[waiting.pop(0) if chosen else 0.0 for chosen in row] for row in rows]
    assert dense.tolist() == want
    assert apply("compress", dense, mask).tolist() == values.tolist()


def test_masks_that_do_not_fit_are_refused(apply):
    with pytest.raises(GraphError, match="does not ask for"):
        apply("sparse_to_dense", np.ones(3), np.array([1, 0, 1]))
    with pytest.raises(GraphError, match="not of the data's shape"):
        apply("compress", np.ones(3), np.array([1, 0]))
