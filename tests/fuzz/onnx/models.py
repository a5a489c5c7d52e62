"""Good ONNX models, small ones of every kind, for the fuzzer to spoil."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import ModelProto, helper, numpy_helper

RNG = np.random.default_rng(0)


def f32(*shape: int) -> Any:
    """Random numbers."""
    return RNG.normal(size=shape).astype(np.float32)


def i64(*numbers: int) -> Any:
    """A vector of whole numbers."""
    return np.array(numbers, np.int64)


def node(op: str, inputs: str, outputs: str, **attrs: Any) -> Any:
    """A node; names are separated by blanks, and - leaves one out."""
    names = [name if name != "-" else "" for name in inputs.split()]
    return helper.make_node(op, names, outputs.split(), name=f"{op}_{outputs}"[:30], **attrs)


def model(
    name: str,
    nodes: list[Any],
    inputs: dict[str, Any],
    outputs: str,
    *,
    opset: int = 17,
    functions: Any = (),
    **weights: Any,
) -> ModelProto:
    """A model; inputs are (type, shape)."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(key, *kind) for key, kind in inputs.items()],
        [helper.make_tensor_value_info(key, 1, None) for key in outputs.split()],
        [numpy_helper.from_array(np.asarray(a), key) for key, a in weights.items()],
    )
    opsets = [helper.make_opsetid(domain, n) for domain, n in (("", opset), ("own", 1), ("com.microsoft", 1))]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, functions=list(functions))


def models() -> list[ModelProto]:
    """All of them."""
    image, rows = {"x": (1, ["batch", 3, 8, 8])}, {"x": (1, ["batch", 6])}
    return [
        model(
            "convolutions",
            [
                node("Conv", "x w b", "a", pads=[1, 1, 1, 1], strides=[2, 1]),
                node("BatchNormalization", "a g g g g", "n"),
                node("Relu", "n", "r"),
                node("MaxPool", "r", "p i", kernel_shape=[2, 2], strides=[2, 2]),
                node("ConvTranspose", "p t", "u", strides=[2, 2], output_padding=[1, 0]),
                node("AveragePool", "u", "v", kernel_shape=[2, 2], count_include_pad=1),
                node("GlobalAveragePool", "v", "m"),
                node("Flatten", "m", "f"),
                node("Gemm", "f d e", "y", transB=1, alpha=0.5),
            ],
            image,
            "y",
            w=f32(4, 3, 3, 3),
            b=f32(4),
            g=np.abs(f32(4)),
            t=f32(4, 2, 3, 2),
            d=f32(5, 2),
            e=f32(5),
        ),
        model(
            "shapes",
            [
                node("Shape", "x", "s"),
                node("Gather", "s k", "b"),
                node("Unsqueeze", "b z", "u"),
                node("Concat", "u m", "c", axis=0),
                node("Reshape", "x c", "r"),
                node("Transpose", "r", "t", perm=[0, 2, 1]),
                node("Slice", "t starts ends axes steps", "l"),
                node("Pad", "l pads", "p", mode="reflect"),
                node("Expand", "p e", "q"),
                node("Tile", "q reps", "o"),
                node("Split", "o", "h i", axis=1),
                node("Squeeze", "h", "y"),
                node("ReduceSum", "i z", "v", keepdims=0),
            ],
            rows,
            "y v",
            k=np.int64(0),
            z=i64(0),
            m=i64(2, 3),
            starts=i64(0, -1),
            ends=i64(2, -4),
            axes=i64(1, 2),
            steps=i64(1, -1),
            pads=i64(0, 0, 0, 0, 0, 1),
            e=i64(2, 1, 1, 1),
            reps=i64(1, 1, 2, 1),
        ),
        model(
            "recurrent",
            [
                node(
                    "LSTM",
                    "x w r b lengths h c p",
                    "l lh lc",
                    hidden_size=3,
                    direction="bidirectional",
                    clip=0.5,
                ),
                node(
                    "GRU",
                    "x gw gr - - -",
                    "g gh",
                    hidden_size=3,
                    linear_before_reset=1,
                    activations=["HardSigmoid", "Elu"],
                    activation_alpha=[0.3, 0.5],
                    activation_beta=[0.4],
                ),
                node("RNN", "x rw rr", "n nh", hidden_size=3, direction="reverse"),
                node("Concat", "l g n", "y", axis=1),
            ],
            {"x": (1, ["time", 2, 4]), "lengths": (6, [2])},
            "y lc",
            w=f32(2, 12, 4),
            r=f32(2, 12, 3),
            b=f32(2, 24),
            h=f32(2, 2, 3),
            c=f32(2, 2, 3),
            p=f32(2, 9),
            gw=f32(1, 9, 4),
            gr=f32(1, 9, 3),
            rw=f32(1, 3, 4),
            rr=f32(1, 3, 3),
        ),
        control(),
        attention(),
        quantised(),
        sampled(),
        model(
            "indices",
            [
                node("TopK", "x k", "v i", axis=1),
                node("GatherElements", "x i", "g", axis=1),
                node("OneHot", "i d o", "h"),
                node("ScatterElements", "x i v", "s", axis=1, reduction="add"),
                node("NonZero", "x", "z"),
                node("CumSum", "s one", "c"),
                node("ArgMax", "c", "a"),
                node("Cast", "a", "f", to=1),
                node("Unique", "x", "u"),
                node("ReduceMean", "h", "m", keepdims=0),
                node("Einsum", "c w", "e", equation="bi,ij->bj"),
                node("Where", "t c s", "q"),
                node("Max", "q f m", "y"),
                node("Clip", "e lo", "k2"),
            ],
            {**rows, "t": (9, ["batch", 6])},
            "y z u k2",
            k=i64(2),
            d=np.int64(6),
            o=f32(2),
            one=np.int64(1),
            w=f32(6, 2),
            lo=np.float32(-0.5),
        ),
    ]


def control() -> ModelProto:
    """If, Loop, Scan and a function."""

    def info(name: str, kind: int = 1, shape: Any = None) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    loop = helper.make_graph(
        [node("Add", "v w", "o"), node("Identity", "c", "d"), node("ReduceSum", "o", "s", keepdims=0)],
        "body",
        [info("i", 7, []), info("c", 9, []), info("v", 1, ["batch", 6])],
        [info("d", 9, []), info("o"), info("s")],
    )
    scan = helper.make_graph(
        [node("Add", "h e", "n"), node("Tanh", "n", "t")],
        "scan",
        [info("h", 1, [6]), info("e", 1, [6])],
        [info("n"), info("t")],
    )
    branches = [
        helper.make_graph([node(op, "p", f"{op}_")], op, [], [info(f"{op}_")]) for op in ("Exp", "Neg")
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    body = [node("Tanh", "a", "t"), node("Mul", "t a", "b")]
    function = helper.make_function("own", "F", ["a"], ["b"], body, opsets)
    return model(
        "control",
        [
            helper.make_node("F", ["x"], ["p"], domain="own", name="call"),
            node("If", "flag", "q", then_branch=branches[0], else_branch=branches[1]),
            node("Loop", "n - q", "r sums", body=loop),
            node("Scan", "h0 r", "last all", body=scan, num_scan_inputs=1),
        ],
        {"x": (1, ["batch", 6]), "flag": (9, [])},
        "all last sums",
        functions=[function],
        w=f32(6),
        n=np.int64(3),
        h0=f32(6),
    )


def attention() -> ModelProto:
    """Attention written out, and as onnxruntime's operators."""
    own = {"domain": "com.microsoft"}
    return model(
        "attention",
        [
            node("Gather", "table ids", "e"),
            node("LayerNormalization", "e g g", "n"),
            node("MatMul", "n w", "q"),
            node("Transpose", "q", "k", perm=[0, 2, 1]),
            node("MatMul", "q k", "s"),
            node("Softmax", "s", "p"),
            node("MatMul", "p q", "o"),
            node("SkipLayerNormalization", "o e g g", "f", **own),
            node("FastGelu", "f", "h", **own),
            node("Attention", "h aw ab", "y", num_heads=2, **own),
            node("RotaryEmbedding", "y at cos sin", "z", **own),
        ],
        {"ids": (7, [1, "time"])},
        "z",
        table=f32(9, 8),
        g=f32(8),
        w=f32(8, 8),
        aw=f32(8, 24),
        ab=f32(24),
        at=i64(0),
        cos=f32(16, 4),
        sin=f32(16, 4),
    )


def quantised() -> ModelProto:
    """Bytes and back."""
    return model(
        "quantised",
        [
            node("QuantizeLinear", "x s z", "q"),
            node("QLinearMatMul", "q s z w s z s z", "p"),
            node("DequantizeLinear", "p s z", "d"),
            node("DynamicQuantizeLinear", "d", "e es ez"),
            node("MatMulInteger", "e v ez z", "i"),
            node("Cast", "i", "c", to=1),
            node("Mul", "c es", "y"),
        ],
        {"x": (1, ["batch", 6])},
        "y",
        s=np.float32(0.05),
        z=np.uint8(120),
        w=RNG.integers(0, 255, (6, 4)).astype(np.uint8),
        v=RNG.integers(0, 255, (4, 3)).astype(np.uint8),
    )


def sampled() -> ModelProto:
    """Images sampled anew, boxes, transforms."""
    return model(
        "sampled",
        [
            node("Resize", "x - scales", "r", mode="cubic"),
            node("Resize", "r - - sizes", "q", mode="nearest"),
            node("GridSample", "q grid", "g", mode="bicubic", padding_mode="reflection"),
            node("RoiAlign", "g rois at", "o"),
            node("NonMaxSuppression", "boxes scores most iou", "n"),
            node("Unsqueeze", "x minus", "u"),
            node("DFT", "u", "y", axis=2, onesided=1),
            node("DepthToSpace", "deep", "h", blocksize=2, mode="CRD"),
            node("LRN", "x", "l", size=3),
            node("InstanceNormalization", "l one one", "i"),
        ],
        {"x": (1, [1, 3, 6, 6]), "boxes": (1, [1, 4, 4]), "scores": (1, [1, 2, 4])},
        "o n y h i",
        opset=19,
        scales=np.float32([1, 1, 1.5, 0.7]),
        sizes=i64(1, 3, 5, 5),
        grid=f32(1, 4, 4, 2),
        rois=np.abs(f32(2, 4)),
        at=i64(0, 0),
        most=i64(2),
        iou=np.float32([0.5]),
        minus=i64(4),
        deep=f32(1, 8, 2, 2),
        one=f32(3),
    )
