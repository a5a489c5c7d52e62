"""The whole ML Program: lowered nodes, typed inputs and outputs, and the package around them."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from ....engine.bound_node import call
from ....errors import ConversionError
from ....graph import Graph
from ..proto import module
from .block import WEIGHTS
from .builder import Builder
from .description import described
from .lowering import lowers
from .values import Value, named

#: Specification 6 with operator set "CoreML5": iOS 15 and macOS 12, the first that have ML Programs.
VERSION, OPSET = 6, "CoreML5"
PRECISIONS = ("float32", "float16")
#: Folder, item, description: as Core ML's own packages say it.
_ITEMS = (
    ("model", "model.mlmodel", "CoreML Model Specification"),
    ("weights", "weights", "CoreML Model Weights"),
)
_AUTHOR = "com.apple.CoreML"


def program(graph: Graph, precision: str = "float32") -> tuple[Any, bytes]:
    """``graph`` as a ``Model`` message and its weights file.

    ``precision`` is the element type of everything between the inputs and outputs, which are float32. Raises
    `ConversionError` for what ML Programs cannot express.
    """
    if precision not in PRECISIONS:
        raise ConversionError(f"unknown precision {precision!r}", expected=", ".join(PRECISIONS))
    model = described(graph, VERSION)
    builder = Builder(graph, precision)
    block = builder.block
    inputs = []
    for spec in graph.inputs:
        shape = tuple(axis.size for axis in spec.axes)
        given = Value(spec.name, "int32" if spec.dtype in ("int32", "int64") else "float32", shape)
        inputs.append(given)
        if given.dtype == "float32" and precision == "float16":
            given = block.unary("cast", given, typed=precision, name=f"{spec.name}_half", dtype="fp16")
        builder.adopt(spec.name, given)
    for node in graph.nodes:
        builder.begin(bound := call(node))
        lowers.of(node)(builder, bound)
    block.outputs = [_output(builder, name) for name in graph.outputs]
    for feature, value in zip(model.description.output, block.outputs, strict=True):
        if value.dtype == "int32":
            feature.type.multiArrayType.dataType = module("FeatureTypes").ArrayFeatureType.INT32
    function = model.mlProgram.functions["main"]
    model.mlProgram.version = 1
    function.opset = OPSET
    function.inputs.extend(map(named, inputs))
    function.block_specializations[OPSET].CopyFrom(block.message())
    return model, builder.writing.blobs.file()


def write(graph: Graph, path: Path, precision: str = "float32") -> None:
    """Write ``graph`` as an ``.mlpackage``: the same graph gives the same bytes."""
    model, weights = program(graph, precision)
    folder = path / "Data" / _AUTHOR
    (folder / WEIGHTS).parent.mkdir(parents=True)
    (folder / "model.mlmodel").write_bytes(model.SerializeToString(deterministic=True))
    (folder / WEIGHTS).write_bytes(weights)
    entries = {
        _identifier(graph, key): {
            "author": _AUTHOR,
            "description": about,
            "name": name,
            "path": f"{_AUTHOR}/{name}",
        }
        for key, name, about in _ITEMS
    }
    manifest = {
        "fileFormatVersion": "1.0.0",
        "itemInfoEntries": entries,
        "rootModelIdentifier": _identifier(graph, "model"),
    }
    (path / "Manifest.json").write_text(json.dumps(manifest, indent=4) + "\n")


def _identifier(graph: Graph, item: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"modelparity:{graph.hash}:{item}")).upper()


#: Element types of the program that an output of a model may have.
OUTPUTS = ("float32", "int32")


def _output(builder: Builder, name: str) -> Value:
    """An output by its own name, and as float32 unless it is of whole numbers: no other types are written."""
    value = builder.get(name)
    if value.dtype in OUTPUTS and value.name == name:
        return value
    builder.writing.names.free(name)
    if value.dtype in OUTPUTS:
        return builder.block.unary("identity", value, name=name)
    return builder.block.unary("cast", value, typed="float32", name=name, dtype="fp32")
