"""An ONNX file with other numbers in some of its tensors; every other field stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from onnx import numpy_helper

from ...errors import ConversionError
from ..registry import Patch
from .read.external_weights import Files

#: What a protocol buffer holds, in bytes.
MOST = (1 << 31) - 1
_FLOATS: dict[int, str] = {
    onnx.TensorProto.FLOAT: "float32",
    onnx.TensorProto.DOUBLE: "float64",
    onnx.TensorProto.FLOAT16: "float16",
}


def patch(path: Path, draft: Path, change: Patch) -> int:
    """Write ``path`` at ``draft``, its tensors as ``change`` has them; how many were changed.

    A tensor that lay in a file beside the model and is changed stands in the model afterwards; others stay where they
    are, and in another folder all of them are in the model. Raises `ArtefactError` for data outside the model's
    folder, and `ConversionError` for more than one file can hold.
    """
    model = onnx.load(str(path), load_external_data=False)
    files, elsewhere, count = Files(path), draft.parent.resolve() != path.parent.resolve(), 0
    for place, tensor in _tensors(model.graph, ""):
        beside = tensor.data_location == onnx.TensorProto.EXTERNAL
        if not beside and tensor.data_type not in _FLOATS:
            continue
        if beside:
            whole = onnx.TensorProto()
            whole.CopyFrom(tensor)
            _brought(whole, files, f"{path}, {place}")
        else:
            whole = tensor
        new = None
        if tensor.data_type in _FLOATS:
            new = change(place, numpy_helper.to_array(whole))
        if new is not None:
            made = numpy_helper.from_array(new.astype(_FLOATS[tensor.data_type]), tensor.name)
            whole.ClearField("float_data")
            whole.ClearField("double_data")
            whole.ClearField("int32_data")
            whole.raw_data = made.raw_data
            count += 1
        if beside and (elsewhere or new is not None):
            tensor.CopyFrom(whole)
    if (size := model.ByteSize()) > MOST:
        raise ConversionError(
            "an ONNX file holds no more than 2 GiB",
            where=path,
            found=f"{size:,} bytes with the weights that lie beside it",
            fix="write it into the folder of the candidate, where they can stay",
        )
    draft.write_bytes(model.SerializeToString(deterministic=True))
    return count


def _brought(tensor: onnx.TensorProto, files: Files, where: str) -> None:
    """Take the bytes of a tensor that lie in another file into it."""
    said = {entry.key: entry.value for entry in tensor.external_data}
    data = files.beside(said.get("location", ""), where)
    start = int(said.get("offset", 0))
    end = start + int(said["length"]) if "length" in said else len(data)
    tensor.raw_data = data[start:end].tobytes()
    tensor.ClearField("external_data")
    tensor.data_location = onnx.TensorProto.DEFAULT


def _tensors(graph: onnx.GraphProto, within: str) -> Iterator[tuple[str, onnx.TensorProto]]:
    """(place, tensor) of initializers and of constants in nodes, those of inner graphs included."""
    for tensor in graph.initializer:
        yield f"{within}{tensor.name}", tensor
    for at, node in enumerate(graph.node):
        for attribute in node.attribute:
            place = f"{within}{node.name or at}.{attribute.name}"
            if attribute.type == onnx.AttributeProto.TENSOR:
                yield place, attribute.t
            elif attribute.type == onnx.AttributeProto.GRAPH:
                yield from _tensors(attribute.g, f"{place}/")
