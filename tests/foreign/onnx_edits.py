"""ONNX files edited: attributes, initializers and nodes, as exporters, simplifiers and hands get them wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper as h, numpy_helper

from .mistake import in_file

Nodes = list[Any]


def floats(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


class File:
    """A small file: nodes one behind another, initializers by name; ``edited`` is what makes the wrong one."""

    def __init__(self, shape: tuple[Any, ...], opset: int = 17) -> None:
        self.shape, self.opset = shape, opset
        self.nodes: Nodes = []
        self.held: dict[str, Any] = {}

    def add(self, op: str, *inputs: str, out: str, **attrs: Any) -> str:
        self.nodes.append(
            h.make_node(op, list(inputs), out.split(","), name=f"{op}_{out.split(',')[0]}", **attrs)
        )
        return out

    def hold(self, **arrays: Any) -> None:
        self.held.update(arrays)

    def model(self) -> Any:
        x = h.make_tensor_value_info("x", onnx.TensorProto.FLOAT, list(self.shape))
        y = h.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
        held = [numpy_helper.from_array(np.asarray(a), name) for name, a in self.held.items()]
        graph = h.make_graph(self.nodes, "network", [x], [y], held)
        return h.make_model(graph, opset_imports=[h.make_opsetid("", self.opset)], ir_version=9)


def edit(
    name: str, kind: str, make: Callable[[], File], change: Callable[[Any], None], *, at: str, right: str
) -> None:
    """Register the file of ``make`` and what ``change`` makes of its model."""

    def write(folder: Path) -> Path:
        model = make().model()
        onnx.save(model, str(folder / "right.onnx"))
        change(model.graph)
        onnx.save(model, str(folder / "wrong.onnx"))
        return folder / "wrong.onnx"

    in_file(name, kind, file="edited.onnx", at=at, right=right)(write)


def node(graph: Any, op: str, which: int = 0) -> Any:
    return [one for one in graph.node if one.op_type == op][which]


def setting(op: str, **attrs: Any) -> Callable[[Any], None]:
    """Attributes of the first node of that operator set to something else; None takes one away."""

    def change(graph: Any) -> None:
        one = node(graph, op)
        kept = [a for a in one.attribute if a.name not in attrs]
        del one.attribute[:]
        one.attribute.extend(kept)
        one.attribute.extend(h.make_attribute(k, v) for k, v in attrs.items() if v is not None)

    return change


def array(name: str, made: Callable[[Any], Any]) -> Callable[[Any], None]:
    """An initializer changed."""

    def change(graph: Any) -> None:
        for one in graph.initializer:
            if one.name == name:
                one.CopyFrom(
                    numpy_helper.from_array(np.ascontiguousarray(made(numpy_helper.to_array(one))), name)
                )

    return change


def inputs(op: str, *names: str) -> Callable[[Any], None]:
    """The inputs of the first node of that operator are others."""

    def change(graph: Any) -> None:
        one = node(graph, op)
        del one.input[:]
        one.input.extend(names)

    return change


def gru() -> File:
    f = File((7, 1, 4))
    f.hold(
        W=floats(1, 1, 18, 4),
        R=floats(2, 1, 18, 6),
        B=floats(3, 1, 36),
        V=floats(4, 6, 3),
        h0=floats(5, 1, 1, 6),
    )
    f.hold(axes=np.array([1], np.int64))
    f.add("GRU", "x", "W", "R", "B", "", "h0", out="g", hidden_size=6, linear_before_reset=1)
    f.add("Squeeze", "g", "axes", out="s")
    f.add("MatMul", "s", "V", out="m")
    f.add("Sigmoid", "m", out="y")
    return f


def lstm() -> File:
    f = File((7, 1, 4))
    f.hold(W=floats(1, 2, 20, 4), R=floats(2, 2, 20, 5), B=floats(3, 2, 40), V=floats(4, 10, 3))
    f.hold(shape=np.array([0, 0, -1], np.int64), P=floats(6, 2, 15))
    f.add("LSTM", "x", "W", "R", "B", "", "", "", "P", out="l", hidden_size=5, direction="bidirectional")
    f.add("Transpose", "l", out="t", perm=[0, 2, 1, 3])
    f.add("Reshape", "t", "shape", out="r")
    f.add("MatMul", "r", "V", out="m")
    f.add("Tanh", "m", out="y")
    return f


def rows(a: Any, order: tuple[int, ...]) -> Any:
    """Gates of an array (directions, gates * units, ...) in another order."""
    parts = np.split(a, len(order), 1)
    return np.concatenate([parts[at] for at in order], 1)


edit(
    "linear_before_reset missing in an exported GRU",
    "recurrent",
    gru,
    setting("GRU", linear_before_reset=None),
    at="gru",
    right="gru-reset-before-or-after",
)
edit(
    "gates of a GRU left in PyTorch's order",
    "recurrent",
    gru,
    lambda g: (
        [array(name, lambda a: rows(a, (1, 0, 2)))(g) for name in "WR"]
        + [array("B", lambda a: rows(a, (1, 0, 2, 4, 3, 5)))(g)]
    ),
    at="gru",
    right="gru-gates-swapped",
)
edit(
    "biases of a GRU's input and state exchanged",
    "recurrent",
    gru,
    array("B", lambda a: np.roll(a, 18, 1)),
    at="gru",
    right="gru-biases-swapped",
)
edit(
    "initial state's input disconnected",
    "recurrent",
    gru,
    inputs("GRU", "x", "W", "R", "B"),
    at="gru",
    right="initial-state-dropped",
)
edit(
    "direction reverse for forward",
    "recurrent",
    gru,
    setting("GRU", direction="reverse"),
    at="gru",
    right="direction-not-reversed",
)
edit(
    "relu for tanh among the activations of a GRU",
    "recurrent",
    gru,
    setting("GRU", activations=["Sigmoid", "Relu"]),
    at="gru",
    right="recurrent-activation",
)
edit(
    "bias of a GRU disconnected",
    "recurrent",
    gru,
    inputs("GRU", "x", "W", "R", "", "", "h0"),
    at="gru",
    right="bias-dropped",
)
edit(
    "gates of an LSTM left in PyTorch's order",
    "recurrent",
    lstm,
    lambda g: (
        [array(name, lambda a: rows(a, (0, 1, 3, 2)))(g) for name in "WR"]
        + [array("B", lambda a: rows(a, (0, 1, 3, 2, 4, 5, 7, 6)))(g)]
    ),
    at="lstm",
    right="lstm-gates-permuted",
)
edit(
    "peepholes disconnected",
    "recurrent",
    lstm,
    inputs("LSTM", "x", "W", "R", "B"),
    at="lstm",
    right="peepholes-dropped",
)
edit(
    "peepholes in the order of gates of another framework",
    "recurrent",
    lstm,
    array("P", lambda a: rows(a, (0, 2, 1))),
    at="lstm",
    right="peepholes-permuted",
)
edit(
    "forward weights for both directions",
    "recurrent",
    lstm,
    lambda g: [array(name, lambda a: np.stack([a[0], a[0]]))(g) for name in ("W", "R", "B", "P")],
    at="lstm",
    right="one-direction-for-both weights-of-another-layer",
)
edit(
    "weights of both directions exchanged",
    "recurrent",
    lstm,
    lambda g: [array(name, lambda a: a[::-1])(g) for name in ("W", "R", "B", "P")],
    at="lstm",
    right="directions-swapped",
)
edit(
    "input and forget gate coupled",
    "recurrent",
    lstm,
    setting("LSTM", input_forget=1),
    at="lstm",
    right="lstm-gates-coupled",
)


def conv() -> File:
    f = File((1, 3, 9, 8))
    f.hold(
        W=floats(1, 6, 3, 3, 3),
        b=floats(2, 6),
        s=floats(3, 6),
        o=floats(4, 6),
        m=floats(5, 6),
        v=abs(floats(6, 6)) + 0.1,
    )
    f.hold(V=floats(7, 4, 6, 3, 3), k=floats(8, 4, 1, 1))
    f.add("Conv", "x", "W", "b", out="c", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    f.add("BatchNormalization", "c", "s", "o", "m", "v", out="n", epsilon=1e-5)
    f.add("LeakyRelu", "n", out="r", alpha=0.1)
    f.add(
        "AveragePool",
        "r",
        out="p",
        kernel_shape=[3, 3],
        strides=[1, 1],
        pads=[1, 1, 1, 1],
        count_include_pad=1,
    )
    f.add("Conv", "p", "V", out="d", kernel_shape=[3, 3], pads=[2, 2, 2, 2], dilations=[2, 2])
    f.add("PRelu", "d", "k", out="y")
    return f


for _name, _change, _at, _right in (
    (
        "auto_pad SAME_LOWER for SAME_UPPER",
        setting("Conv", auto_pad="SAME_LOWER"),
        "conv pad",
        "padding-on-other-side",
    ),
    (
        "epsilon of an exporter's default",
        setting("BatchNormalization", epsilon=1e-3),
        "batch_norm",
        "epsilon-wrong",
    ),
    (
        "alpha of LeakyRelu taken for the default",
        setting("LeakyRelu", alpha=None),
        "leaky_relu",
        "activation-setting",
    ),
    (
        "count_include_pad missing",
        setting("AveragePool", count_include_pad=None),
        "avg_pool average_pool",
        "pooling-padding-counted",
    ),
    (
        "dilations missing and pads made to fit",
        lambda g: [
            (a.ints.__setitem__(slice(None), [1] * len(a.ints)))
            for one in [node(g, "Conv", 1)]
            for a in one.attribute
            if a.name in ("dilations", "pads")
        ],
        "conv pad",
        "dilation-wrong",
    ),
    ("slopes of a PRelu reversed", array("k", lambda a: a[::-1]), "prelu", "prelu-slopes channels-permuted"),
    (
        "channels of the first kernel for BGR",
        array("W", lambda a: a[:, ::-1]),
        "conv",
        "input-channels-reversed channels-permuted",
    ),
    ("sign of a bias", array("b", lambda a: -a), "conv", "bias-subtracted array-scaled"),
    ("weights of a convolution zeroed", array("V", lambda a: 0 * a), "conv", "weights-lost"),
    (
        "weights of a convolution with values of half precision",
        array("V", lambda a: a.astype(np.float16).astype(np.float32)),
        "conv",
        "array-rounded",
    ),
    ("scale of a quantiser on a kernel", array("W", lambda a: a / np.float32(128)), "conv", "array-scaled"),
    (
        "deviation for variance in a batch normalisation",
        array("v", np.sqrt),
        "batch_norm",
        "variance-for-deviation",
    ),
):
    edit(_name, "convolutional", conv, _change, at=_at, right=_right)


def image() -> File:
    f = File((1, 8, 6, 6))
    f.hold(
        scales=np.array([1, 1, 2, 2], np.float32),
        W=floats(1, 4, 4, 3, 3),
        pads=np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64),
    )
    f.add("DepthToSpace", "x", out="d", blocksize=2, mode="CRD")
    f.add("Pad", "d", "pads", out="p", mode="reflect")
    f.hold(U=floats(2, 2, 3, 3, 3))
    f.add(
        "ConvTranspose",
        "p",
        "U",
        out="c",
        kernel_shape=[3, 3],
        strides=[2, 2],
        pads=[1, 1, 1, 1],
        output_padding=[1, 1],
    )
    f.add(
        "Resize",
        "c",
        "",
        "scales",
        out="r",
        mode="cubic",
        coordinate_transformation_mode="half_pixel",
        cubic_coeff_a=-0.75,
    )
    f.add("InstanceNormalization", "r", "s", "o", out="y", epsilon=1e-5)
    f.hold(s=floats(3, 3), o=floats(4, 3))
    return f


for _name, _change, _at, _right in (
    ("mode DCR for CRD", setting("DepthToSpace", mode="DCR"), "depth_to_space", "pixel-shuffle-order"),
    ("edge for reflect", setting("Pad", mode="edge"), "pad", "padding-mode"),
    (
        "coordinates of align_corners",
        setting("Resize", coordinate_transformation_mode="align_corners"),
        "resize",
        "resize-grid",
    ),
    (
        "coordinates asymmetric, as in opset 10",
        setting("Resize", coordinate_transformation_mode="asymmetric"),
        "resize",
        "resize-grid",
    ),
    (
        "cubic coefficient of another framework",
        setting("Resize", cubic_coeff_a=-0.5),
        "resize",
        "resize-cubic-coefficient",
    ),
    ("linear for cubic", setting("Resize", mode="linear"), "resize", "resize-mode"),
    (
        "epsilon of an instance normalisation",
        setting("InstanceNormalization", epsilon=1e-2),
        "instance_norm",
        "epsilon-wrong",
    ),
    (
        "padding of a transposed convolution one to the other side",
        setting("ConvTranspose", pads=[0, 0, 1, 1], output_padding=[0, 0]),
        "conv_transpose pad slice",
        "padding-on-other-side pad-wrong",
    ),
):
    edit(_name, "convolutional", image, _change, at=_at, right=_right)


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
    ("slice that begins at zero", array("start", lambda a: a - 1), "slice", "cut-along-an-axis"),
    (
        "sum for mean over time",
        lambda g: setattr(node(g, "ReduceMean"), "op_type", "ReduceSumSquare"),
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
        "activation-setting",
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
        "parts-permuted channels-permuted embedding-off-by-one",
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
