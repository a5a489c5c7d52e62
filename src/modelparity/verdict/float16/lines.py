"""The lines that ask converters to keep nodes in float32, in the words of the file that they stand in."""

from __future__ import annotations

from collections.abc import Sequence

from ...formats.origins import found_as
from ...graph import Graph, Node

#: What to do where a file has no names that a converter knows.
FIRST = "convert it in float32 first ({first}), and ask that file: its operators have names then"


def lines(graph: Graph, nodes: Sequence[Node]) -> dict[str, str]:
    """{converter: its line, or what to do first} for nodes of ``graph`` to keep in float32."""
    if not nodes:
        return {}
    origins = [found_as(node.origin) for node in nodes]
    names = list(dict.fromkeys(one[1] for one in origins if one is not None and one[1]))
    kinds = list(dict.fromkeys(one[0] for one in origins if one is not None and not one[1]))
    known = graph.source.format if graph.source is not None and None not in origins else ""
    coreml = FIRST.format(first="compute_precision=ct.precision.FLOAT32")
    onnx = FIRST.format(first="to ONNX")
    if known == "coreml":
        tests = [f"op.name not in {_set(names)}"] if names else []
        tests += [f"op.op_type not in {_set(kinds)}"] if kinds else []
        coreml = (
            "ct.convert(..., compute_precision=ct.transform.FP16ComputePrecision("
            f"op_selector=lambda op: {' and '.join(tests)}))"
        )
    if known == "onnx":
        blocked = [f"node_block_list={names!r}"] if names else []
        if kinds:
            usual = "*onnxruntime.transformers.float16.DEFAULT_OP_BLOCK_LIST"
            blocked.append(f"op_block_list=[{usual}, {_listed(kinds)}]")
        # The function of that name casts what goes from one kept node to the next to float16 and back; this does not.
        onnx = (
            "from onnxruntime.transformers.onnx_model import OnnxModel; made = OnnxModel(model); "
            "made.convert_float_to_float16(use_symbolic_shape_infer=False, keep_io_types=True, "
            f"{', '.join(blocked)})"
        )
    return {"coremltools": coreml, "onnxruntime": onnx}


def _set(names: Sequence[str]) -> str:
    return f"{{{_listed(names)}}}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
