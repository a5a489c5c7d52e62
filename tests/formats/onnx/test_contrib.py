"""onnxruntime's own operators, against onnxruntime."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from onnx import helper, numpy_helper

import modelparity as mp

RNG = np.random.default_rng(0)


def f32(*shape, scale=1.0):
    return (RNG.normal(size=shape) * scale).astype(np.float32)


def u8(*shape):
    return RNG.integers(0, 255, shape).astype(np.uint8)


class Case:
    """One node: inputs that are fed, inputs that are constants (in the node's order), attributes, outputs."""

    def __init__(self, op, *inputs, feeds=1, outputs=1, whole=False, **attrs):
        self.op, self.inputs, self.feeds, self.outputs, self.attrs, self.whole = (
            op,
            inputs,
            feeds,
            outputs,
            attrs,
            whole,
        )

    def model(self):
        names = [f"x{k}" if a is not None else "" for k, a in enumerate(self.inputs)]
        results = [f"y{k}" for k in range(self.outputs)]
        node = helper.make_node(self.op, names, results, domain="com.microsoft", **self.attrs)
        given = {n: np.asarray(a) for n, a in zip(names, self.inputs, strict=True) if n}
        fed = dict(list(given.items())[: self.feeds])
        graph = helper.make_graph(
            [node],
            "one",
            [helper.make_tensor_value_info(name, kind(a), a.shape) for name, a in fed.items()],
            [helper.make_tensor_value_info(name, self.kind(name), None) for name in results],
            [
                numpy_helper.from_array(a, n)
                for n, a in zip(names, self.inputs, strict=True)
                if n and n not in fed
            ],
        )
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8), fed

    def kind(self, name):
        """The type of an output."""
        return 2 if self.whole else 6 if name == "y1" and self.op.startswith("Embed") else 1

    def __str__(self):
        return f"{self.op}-{len(self.inputs)}-{'-'.join(map(str, self.attrs.values()))}"


def kind(a):
    return helper.np_dtype_to_tensor_dtype(a.dtype)


X = f32(2, 5, 12)
COS, SIN = np.cos(f32(9, 3)), np.sin(f32(9, 3))
MASK = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], np.int32)
W = f32(12, 36, scale=0.3)
IDS, SEGMENTS = RNG.integers(0, 20, (2, 5)).astype(np.int32), RNG.integers(0, 2, (2, 5)).astype(np.int32)
EMBEDDINGS = [f32(20, 12), f32(9, 12), f32(2, 12), f32(12), f32(12)]
SCALES = [np.float32(0.03), np.uint8(120)]
CASES = [
    Case("Gelu", X),
    Case("FastGelu", X),
    Case("FastGelu", X, f32(12)),
    Case("BiasGelu", X, f32(12)),
    Case("QuickGelu", X, alpha=1.5),
    Case("FusedMatMul", f32(2, 3, 4), f32(2, 5, 4), transB=1, alpha=0.5),
    Case("FusedMatMul", f32(4, 3), f32(4, 5), transA=1),
    Case("FusedGemm", f32(3, 4), f32(4, 5), f32(5), activation="Relu"),
    Case(
        "FusedGemm",
        f32(4, 3),
        f32(5, 4),
        f32(3, 5),
        activation="Tanh",
        transA=1,
        transB=1,
        alpha=0.5,
        beta=2.0,
    ),
    Case("FusedGemm", f32(3, 4), f32(4, 5), activation="LeakyRelu", activation_alpha=0.2),
    Case("FusedGemm", f32(3, 4), f32(4, 5), f32(5), activation="Elu", activation_alpha=1.5),
    Case("FusedConv", f32(1, 3, 7, 8), f32(4, 3, 3, 3), f32(4), activation="Relu", pads=[1, 1, 1, 1]),
    Case(
        "FusedConv", f32(1, 3, 7, 8), f32(4, 3, 3, 3), f32(4), activation="LeakyRelu", activation_params=[0.2]
    ),
    Case("SkipLayerNormalization", X, f32(2, 5, 12), f32(12), f32(12), f32(12), feeds=2, epsilon=1e-5),
    Case("SkipLayerNormalization", X, f32(2, 5, 12), f32(12), feeds=2),
    Case("SkipSimplifiedLayerNormalization", X, f32(2, 5, 12), f32(12), feeds=2, epsilon=1e-5),
    Case("Attention", X, W, f32(36), num_heads=3),
    Case("Attention", X, W, f32(36), MASK, num_heads=2, scale=0.3),
    Case("Attention", X, W, f32(36), MASK.sum(1).astype(np.int32), num_heads=2),
    Case("Attention", X, W, f32(36), num_heads=4, unidirectional=1),
    Case("Attention", X, W, f32(36), None, f32(2, 2, 3, 4, 4), num_heads=3, unidirectional=1, outputs=2),
    Case(
        "Attention",
        X,
        W,
        f32(36),
        np.ones((2, 9), np.int32),
        f32(2, 2, 3, 4, 4),
        num_heads=3,
        unidirectional=1,
        outputs=2,
    ),
    Case(
        "MultiHeadAttention",
        X,
        X + 1,
        X * 2,
        f32(36),
        None,
        None,
        f32(2, 3, 4, 4),
        f32(2, 3, 4, 4),
        feeds=3,
        num_heads=3,
        unidirectional=1,
        outputs=3,
    ),
    Case("MultiHeadAttention", X, f32(2, 6, 12), f32(2, 6, 12), feeds=3, num_heads=3),
    Case("MultiHeadAttention", X, X + 1, X * 2, f32(36), MASK, feeds=3, num_heads=2),
    Case("MultiHeadAttention", X, X, X, None, None, f32(2, 3, 5, 5), feeds=3, num_heads=3),
    Case("RotaryEmbedding", f32(2, 5, 12), np.tile(np.arange(5), (2, 1)), COS, SIN, feeds=2),
    Case("RotaryEmbedding", f32(2, 2, 5, 6), np.array([3]), COS, SIN, feeds=2, interleaved=1),
    Case(
        "RotaryEmbedding",
        f32(2, 5, 16),
        np.tile(np.arange(5), (2, 1)),
        COS,
        SIN,
        feeds=2,
        num_heads=2,
        rotary_embedding_dim=6,
    ),
    Case("EmbedLayerNormalization", IDS, SEGMENTS, *EMBEDDINGS, MASK, feeds=2, outputs=2),
    Case("EmbedLayerNormalization", IDS, None, *EMBEDDINGS[:2], None, *EMBEDDINGS[3:], outputs=2),
    Case("DynamicQuantizeMatMul", f32(3, 6), u8(6, 4), np.float32(0.02), np.uint8(130), f32(4)),
    Case(
        "MatMulIntegerToFloat",
        u8(3, 6),
        u8(6, 4),
        np.float32(0.1),
        np.float32(0.02),
        np.uint8(3),
        np.uint8(130),
        f32(4),
    ),
    Case("MatMulNBits", f32(3, 40), u8(6, 3, 8), f32(18), u8(12), K=40, N=6, bits=4, block_size=16),
    Case("MatMulNBits", f32(3, 32), u8(6, 2, 8), f32(12), K=32, N=6, bits=4, block_size=16),
    Case(
        "QLinearAdd",
        u8(3, 4),
        *SCALES,
        u8(4),
        np.float32(0.05),
        np.uint8(3),
        np.float32(0.1),
        np.uint8(90),
        whole=True,
    ),
    Case(
        "QLinearMul",
        u8(3, 4),
        *SCALES,
        u8(4),
        np.float32(0.05),
        np.uint8(3),
        np.float32(0.1),
        np.uint8(90),
        whole=True,
    ),
    Case("QLinearSigmoid", u8(3, 4), *SCALES, np.float32(0.004), np.uint8(0), whole=True),
    Case("QLinearLeakyRelu", u8(3, 4), *SCALES, np.float32(0.04), np.uint8(50), alpha=0.2, whole=True),
    Case(
        "QLinearConcat",
        np.float32(0.04),
        np.uint8(50),
        u8(3, 4),
        *SCALES,
        u8(3, 4),
        *SCALES,
        axis=1,
        whole=True,
    ),
    Case("QLinearGlobalAveragePool", u8(1, 3, 4, 4), *SCALES, np.float32(0.02), np.uint8(50), whole=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case)[:80])
def test_onnxruntimes_operators(case, tmp_path):
    model, feeds = case.model()
    path = tmp_path / "one.onnx"
    path.write_bytes(model.SerializeToString())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = session.run(None, feeds)
    ours = mp.run(mp.load(path), feeds, arithmetic="float32")
    for one, want in zip(session.get_outputs(), theirs, strict=True):
        if want.dtype.kind == "f":
            np.testing.assert_allclose(ours[one.name], want, atol=2e-5 * np.abs(want).max())
        else:
            assert np.abs(ours[one.name].astype(int) - want).max() <= 1  # a tie may fall either way
