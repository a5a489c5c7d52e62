"""The whole ONNX model: lowered nodes, typed inputs and outputs, and where it all came from."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper

from ...describe.output_types import output_types
from ...engine.bound_node import call
from ...errors import ConversionError
from ...graph import Graph
from ...version import __version__
from ..writing.provenance import provenance
from .builder import Builder
from .lowering import lowers

#: Operator set 17 has LayerNormalization and is read by every onnxruntime since 1.12; IR 8 goes with it.
OPSET, IR = 17, 8

_TYPES = {
    "float64": TensorProto.FLOAT,
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT,
    "bfloat16": TensorProto.FLOAT,
    "bool": TensorProto.BOOL,
}
_KINDS = {"f": TensorProto.FLOAT, "b": TensorProto.BOOL, "i": TensorProto.INT64, "u": TensorProto.INT64}


def model(graph: Graph) -> onnx.ModelProto:
    """``graph`` as a checked ONNX model. Raises `ConversionError` for what ONNX cannot express."""
    builder = Builder(graph)
    for node in graph.nodes:
        builder.begin(node.name)
        lowers.of(node)(builder, call(node))
    builder.begin("result")
    outputs = []
    doubles = {name for name, dtype in output_types(graph).items() if dtype == "float64"}
    for name in graph.outputs:
        if (got := builder.get(name)) != name and name not in doubles:
            builder.emit("Identity", [got], out=name)
        # Only a size that is an axis, or one by a constant offset, is the same wherever its name occurs.
        sizes = [
            f"{name}.{size}" if isinstance(size, str) and set(size) & set("/*~") else size
            for size in builder.shapes[name]
        ]
        kind = TensorProto.DOUBLE if name in doubles else _KINDS[builder.kinds[name]]
        outputs.append(helper.make_tensor_value_info(name, kind, sizes))
    nodes = [*builder.nodes, *_widened(builder, doubles)]
    inputs = [
        helper.make_tensor_value_info(spec.name, _TYPES.get(spec.dtype, TensorProto.INT64), list(spec.shape))
        for spec in graph.inputs
    ]
    made = helper.make_model(
        helper.make_graph(nodes, graph.name or "graph", inputs, outputs, list(builder.initializers.values())),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
        producer_name="modelparity",
        producer_version=__version__,
    )
    helper.set_model_props(made, provenance(graph))
    try:
        onnx.checker.check_model(made, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ConversionError(
            "the ONNX that was written is not valid, which is a bug in modelparity",
            where=graph.name,
            found=str(error),
        ) from error
    return made


def _widened(builder: Builder, doubles: set[str]) -> list[onnx.NodeProto]:
    """Casts to the float64 that outputs are declared to have: all before them computes in float32."""
    casts = []
    for name in doubles:
        own = builder.get(name)
        if own == name:
            own = f"{name}.float32"
            for node in builder.nodes:
                for names in (node.input, node.output):
                    for place, one in enumerate(names):
                        if one == name:
                            names[place] = own
        casts.append(helper.make_node("Cast", [own], [name], name=f"{name}.float64", to=TensorProto.DOUBLE))
    return casts
