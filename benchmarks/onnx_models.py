"""ONNX models of common sizes with random weights, made locally: ResNet-50 and BERT-base."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR = 17, 8


class Maker:
    """Nodes and random weights of a model."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.rng = np.random.default_rng(0)

    def weight(self, *shape: int, scale: float | None = None) -> str:
        """A random weight of about unit gain."""
        name = f"w{len(self.weights)}"
        spread = (np.prod(shape[1:]) if len(shape) > 1 else 1) ** -0.5 if scale is None else scale
        array = self.rng.standard_normal(shape, np.float32) * np.float32(spread)
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def known(self, array: Any) -> str:
        """A given constant."""
        name = f"k{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def add(self, op: str, *inputs: str, outputs: int = 1, **attrs: Any) -> Any:
        """A node; the name of its result, or of its results."""
        names = [f"{op.lower()}{len(self.nodes)}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=names[0], **attrs))
        return names[0] if outputs == 1 else names

    def saved(self, path: Path, inputs: list[Any], result: str) -> Path:
        """The model, checked and written."""
        output = helper.make_tensor_value_info(result, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, path.stem, inputs, [output], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
        onnx.save(model, path)
        return path


def resnet50(path: Path, side: int = 224) -> Path:
    """He et al., 2015: 50 layers, batch normalisation folded into the convolutions, as exporters write it."""
    m = Maker()

    def conv(x: str, inner: int, outer: int, size: int, stride: int = 1, relu: bool = True) -> str:
        pads = [size // 2] * 4
        y = m.add(
            "Conv",
            x,
            m.weight(outer, inner, size, size),
            m.weight(outer, scale=0.1),
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=pads,
        )
        return str(m.add("Relu", y)) if relu else str(y)

    x = conv("image", 3, 64, 7, 2)
    x = m.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    inner = 64
    for stage, (width, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            y = conv(conv(x, inner, width, 1), width, width, 3, stride)
            y = conv(y, width, 4 * width, 1, relu=False)
            short = conv(x, inner, 4 * width, 1, stride, relu=False) if not block else x
            x, inner = m.add("Relu", m.add("Add", y, short)), 4 * width
    x = m.add("Flatten", m.add("GlobalAveragePool", x))
    x = m.add("Gemm", x, m.weight(1000, inner), m.weight(1000), transB=1)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, side, side])
    return m.saved(path, [image], x)


def bert_base(path: Path, layers: int = 12, width: int = 768, heads: int = 12, words: int = 30522) -> Path:
    """Devlin et al., 2018: the encoder, written out as PyTorch's exporter does, with free batch and sequence."""
    m = Maker()

    def linear(x: str, inner: int, outer: int) -> str:
        return str(
            m.add(
                "Add",
                m.weight(outer, scale=0.1),
                m.add("MatMul", x, m.weight(inner, outer, scale=inner**-0.5)),
            )
        )

    def norm(x: str) -> str:
        middle = m.add("Sub", x, m.add("ReduceMean", x, axes=[-1]))
        power = m.add("ReduceMean", m.add("Pow", middle, m.known(np.float32(2))), axes=[-1])
        root = m.add("Sqrt", m.add("Add", power, m.known(np.float32(1e-12))))
        return str(
            m.add(
                "Add", m.add("Mul", m.add("Div", middle, root), m.weight(width)), m.weight(width, scale=0.1)
            )
        )

    def split(x: str, perm: list[int]) -> str:
        batch = m.add(
            "Unsqueeze", m.add("Gather", m.add("Shape", "ids"), m.known(np.int64(0))), m.known(np.array([0]))
        )
        time = m.add(
            "Unsqueeze", m.add("Gather", m.add("Shape", "ids"), m.known(np.int64(1))), m.known(np.array([0]))
        )
        shape = m.add(
            "Concat", batch, time, m.known(np.array([heads])), m.known(np.array([width // heads])), axis=0
        )
        return str(m.add("Transpose", m.add("Reshape", x, shape), perm=perm))

    x = m.add("Gather", m.weight(words, width, scale=0.5), "ids")
    x = norm(m.add("Add", x, m.weight(1, 128, width, scale=0.1)))
    for _ in range(layers):
        q, k, v = (linear(x, width, width) for _ in range(3))
        scores = m.add("MatMul", split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1]))
        shares = m.add("Softmax", m.add("Div", scores, m.known(np.float32((width // heads) ** 0.5))), axis=-1)
        y = m.add("Transpose", m.add("MatMul", shares, split(v, [0, 2, 1, 3])), perm=[0, 2, 1, 3])
        y = m.add("Reshape", y, m.known(np.array([0, 0, width])))
        x = norm(m.add("Add", linear(y, width, width), x))
        h = linear(x, width, 4 * width)
        share = m.add("Erf", m.add("Div", h, m.known(np.float32(2**0.5))))
        h = m.add(
            "Mul", m.add("Mul", h, m.add("Add", share, m.known(np.float32(1)))), m.known(np.float32(0.5))
        )
        x = norm(m.add("Add", linear(h, 4 * width, width), x))
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "time"])
    return m.saved(path, [ids], x)
