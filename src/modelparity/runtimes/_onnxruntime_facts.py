"""What is known of onnxruntime 1.31 that it does not say itself: its rules by name, and where it is less exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..graph import Array

#: {a pass that applies rules: their names}: its log names the pass alone, and each of them can be switched off.
RULES = {
    "Level1_RuleBasedTransformer": (
        "EliminateIdentity",
        "EliminateSlice",
        "UnsqueezeElimination",
        "EliminateDropout",
        "ExpandElimination",
        "CastElimination",
        "CastChainElimination",
        "PreShapeNodeElimination",
        "NoopElimination",
        "DivMulFusion",
        "FuseReluClip",
        "GemmSumFusion",
        "GemmTransposeFusion",
        "NotWhereFusion",
        "ConvAddFusion",
        "ConvMulFusion",
        "ConvBNFusion",
        "Pad_Fusion",
        "MatMul_BatchNormalization_Fusion",
        "LabelEncoderFusion",
    ),
    "Level2_RuleBasedTransformer": ("ClipQuantRewrite", "ReluQuantRewrite"),
}


def switches(passes: Iterable[str]) -> tuple[str, ...]:
    """What can be switched off of passes that changed a graph."""
    return tuple(name for one in passes for name in RULES.get(one, (one,)))


def dft_lengths(model: Any, arrays: Mapping[str, Array]) -> dict[str, tuple[str, int]]:
    """{result: (operator, length)} of Fourier transforms of a ModelProto at a length that is no power of two.

    Lengths are known as far as they are in ``arrays``, in initializers, or the sizes of arrays.
    """
    from onnx import numpy_helper

    graph = model.graph
    version = max((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), default=1)
    values = {one.name: numpy_helper.to_array(one) for one in graph.initializer} | {**arrays}
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.name == "value":
                values[node.output[0]] = numpy_helper.to_array(attribute.t)
    found = {}
    for node in graph.node:
        if node.op_type not in ("DFT", "STFT") or node.domain not in ("", "ai.onnx"):
            continue
        given = [values.get(name) if name else None for name in node.input] + [None] * 4
        length = _of_frames(given) if node.op_type == "STFT" else _of_signal(node, given, version)
        if length is not None and length & (length - 1):
            found[node.output[0]] = (node.op_type, length)
    return found


def _of_frames(given: list[Any]) -> int | None:
    """STFT (signal, step, window, length)."""
    if given[3] is not None:
        return int(given[3].item())
    return None if given[2] is None else int(given[2].size)


def _of_signal(node: Any, given: list[Any], version: int) -> int | None:
    """DFT (signal, length, axis), the axis an attribute before version 20 of the operators."""
    if given[1] is not None:
        return int(given[1].item())
    if version < 20:
        axis = next((one.i for one in node.attribute if one.name == "axis"), 1)
    elif len(node.input) > 2 and node.input[2]:
        if given[2] is None:
            return None
        axis = int(given[2].item())
    else:
        axis = -2
    return None if given[0] is None else int(given[0].shape[axis])
