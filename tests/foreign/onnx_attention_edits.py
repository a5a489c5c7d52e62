"""ONNX files edited: attention, and dense layers over features."""

from __future__ import annotations

import numpy as np

from .onnx_files import File, array, edit, floats, inputs, node, setting


def attention() -> File:
    f = File((2, 5, 8))
    f.hold(
        Wq=floats(1, 8, 8),
        Wk=floats(2, 8, 8),
        Wv=floats(3, 8, 8),
        k=np.float32(8**0.5),
        g=floats(4, 8),
        b=floats(5, 8),
    )
    f.hold(
        mask=np.triu(np.full((5, 5), -1e9, np.float32), 1),
        start=np.array([1], np.int64),
        end=np.array([5], np.int64),
        axis=np.array([1], np.int64),
    )
    f.add("LayerNormalization", "x", "g", "b", out="n", axis=-1, epsilon=1e-5)
    for one in "qkv":
        f.add("MatMul", "n", f"W{one}", out=one)
    f.add("Transpose", "k_", out="kt", perm=[0, 2, 1])
    f.nodes[-2].output[0] = "v"
    f.nodes[2].output[0] = "k_"
    f.add("MatMul", "q", "kt", out="s")
    f.add("Div", "s", "k", out="d")
    f.add("Add", "d", "mask", out="a")
    f.add("Softmax", "a", out="w", axis=-1)
    f.add("MatMul", "w", "v", out="z")
    f.add("Add", "z", "x", out="sum")
    f.add("Slice", "sum", "start", "end", "axis", out="c")
    f.add("ReduceMean", "c", out="y", axes=[1], keepdims=0)
    return f


for _name, _change, _at, _right in (
    (
        "Softmax along the default axis of opset 11",
        setting("Softmax", axis=1),
        "softmax",
        "attention-over-queries axis-wrong",
    ),
    (
        "LayerNormalization without its axis reaching the batch",
        setting("LayerNormalization", epsilon=1e-12),
        "layer_norm",
        "epsilon-wrong",
    ),
    ("causal mask turned", array("mask", lambda a: a.T), "add", "mask-inverted causal-wrong"),
    (
        "mask of zeros and ones added",
        array("mask", lambda a: (a < 0).astype(np.float32)),
        "add",
        "mask-added-as-numbers",
    ),
    ("mask zeroed by a simplifier", array("mask", lambda a: 0 * a), "add", "mask-dropped causal-wrong"),
    ("scale of attention applied twice", array("k", lambda a: a * a), "div", "attention-scale"),
    (
        "keys and values exchanged",
        lambda g: (
            node(g, "Transpose").input.__setitem__(0, "v"),
            node(g, "MatMul", 4).input.__setitem__(1, "k_"),
        ),
        "matmul dense transpose",
        "query-key-value-permuted layers-swapped",
    ),
    ("slice that begins at zero", array("start", lambda a: a - 1), "slice", "slice-bounds"),
    (
        "maximum for mean over time",
        lambda g: setattr(node(g, "ReduceMean"), "op_type", "ReduceMax"),
        "reduce_mean mean",
        "reduction-swapped",
    ),
    ("residual disconnected", lambda g: node(g, "Add", 1).input.__setitem__(1, "z"), "add", "residual-wrong"),
    (
        "weights of queries transposed",
        array("Wq", lambda a: a.T),
        "matmul dense",
        "weights-transposed product-operand-transposed",
    ),
    (
        "keys' weights for queries too",
        lambda g: node(g, "MatMul").input.__setitem__(1, "Wk"),
        "matmul dense",
        "weights-of-another-layer",
    ),
):
    edit(_name, "transformer", attention, _change, at=_at, right=_right)


def features() -> File:
    f = File((6, 8))
    f.hold(
        mean=floats(1, 8),
        std=abs(floats(2, 8)) + 0.5,
        W=floats(3, 8, 8),
        b=floats(4, 8),
        two=np.float32(2),
        bound=np.float32(-1),
        up=np.float32(1),
    )
    f.hold(V=floats(5, 5, 8), c=floats(6, 5), at=np.array([4, 0, 3, 1], np.int64))
    f.add("Sub", "x", "mean", out="s")
    f.add("Div", "s", "std", out="n")
    f.add("Gemm", "n", "W", "b", out="g")
    f.add("Clip", "g", "bound", "up", out="k")
    f.add("Gemm", "k", "V", "c", out="h", transB=1)
    f.add("HardSigmoid", "h", out="a", alpha=0.2, beta=0.5)
    f.add("Gather", "a", "at", out="p", axis=1)
    f.add("Concat", "p", "k", out="y", axis=1)
    return f


for _name, _change, _at, _right in (
    (
        "transB where the weight is square",
        setting("Gemm", transB=1),
        "dense matmul",
        "weights-transposed product-operand-transposed",
    ),
    (
        "alpha of HardSigmoid of PyTorch",
        setting("HardSigmoid", alpha=1 / 6),
        "hard_sigmoid",
        "activation-setting activation-approximated",
    ),
    ("bounds of a Clip at zero and one", array("bound", lambda a: 0 * a), "clip", "clip-moved limited"),
    (
        "deviation multiplied",
        lambda g: setattr(node(g, "Div"), "op_type", "Mul"),
        "div",
        "operator-taken-for-another input-normalization variance-for-deviation",
    ),
    ("deviation disconnected", array("std", np.ones_like), "div", "input-normalization another-scale"),
    (
        "indices of a Gather from one",
        array("at", lambda a: (a + 1) % 5),
        "gather",
        "parts-permuted channels-permuted indices-off-by-one",
    ),
    (
        "operands of Concat in another order",
        lambda g: inputs("Concat", "k", "p")(g),
        "concat",
        "concat-order",
    ),
    ("beta of a Gemm at zero", setting("Gemm", beta=0.0), "dense add matmul", "bias-dropped"),
    (
        "Sigmoid for HardSigmoid",
        lambda g: (
            setting("HardSigmoid", alpha=None, beta=None)(g),
            setattr(node(g, "HardSigmoid"), "op_type", "Sigmoid"),
        ),
        "hard_sigmoid",
        "activation-approximated activation-swapped",
    ),
    ("operands of a Sub exchanged", inputs("Sub", "mean", "x"), "sub", "operands-exchanged"),
):
    edit(_name, "dense", features, _change, at=_at, right=_right)
