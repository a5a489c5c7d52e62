"""Element types and shapes of a node's results, by ONNX's own definitions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import onnx
from onnx import helper, numpy_helper

from ....errors import ArtefactError
from .scope import Kind, Value
from .tensors import CODES, HELD, NAMES

#: Elements up to which a known input is shown to inference, which looks at shapes, axes and the like.
SHOWN = 1024


@lru_cache(maxsize=4096)
def definition(domain: str, name: str, opset: int) -> Any:
    """The operator's schema at that opset, or None."""
    try:
        return onnx.defs.get_schema(name, opset, domain)
    except onnx.defs.SchemaError:
        return None


def inferred(
    schema: Any,
    node: Any,
    values: Sequence[Value | None],
    opsets: Mapping[str, int],
    ir_version: int,
    where: str,
) -> list[Kind]:
    """The kinds of the node's outputs, as far as they can be known.

    Raises `ArtefactError` where types or shapes contradict the definition or each other.
    """
    nothing = [Kind()] * len(node.output)
    if schema.deprecated:  # ONNX's own inference refuses it; a runtime may still run it
        return nothing
    if node.op_type == "Einsum":  # of anything else than letters ONNX's own inference finds no end
        equation = next((one.s for one in node.attribute if one.name == "equation"), b"")
        if not re.fullmatch(rb"[A-Za-z., ]*(->[A-Za-z. ]*)?", equation):
            raise ArtefactError("Einsum: the equation is not valid", where=where, found=repr(equation[:80]))
    types, data = {}, {}
    for name, value in zip(node.input, values, strict=True):
        if value is None:
            continue
        if value.kind.dtype is None or value.items is not None:
            return nothing
        types[name] = proto(value.kind)
        known = value.known
        if known is not None and known.size <= SHOWN and value.kind.dtype not in HELD:
            data[name] = numpy_helper.from_array(known)
    imports = [helper.make_opsetid(domain, version) for domain, version in opsets.items()]
    try:
        found = onnx.shape_inference.infer_node_outputs(
            schema, node, types, data, opset_imports=imports, ir_version=ir_version
        )
    except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        given = ", ".join("-" if v is None else str(v.kind) for v in values)
        raise ArtefactError(
            f"{node.op_type}: {reason[:400]}",
            where=where,
            found=given,
            expected="inputs and attributes as the operator's definition has them",
        ) from error
    except (KeyError, ValueError, TypeError):
        return nothing
    return [kind_of(found[name]) if name in found else Kind() for name in node.output]


def like(name: str, kinds: Sequence[Kind], **attributes: Any) -> Kind:
    """What ONNX's own operator of that name gives for such inputs; nothing is known where it refuses them.

    For operators of others that give what one of ONNX's gives, or a form of it in another type.
    """
    version = onnx.defs.onnx_opset_version()
    names = [f"x{place}" for place in range(len(kinds))]
    node = helper.make_node(name, names, ["y"])
    node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
    try:
        (kind,) = inferred(
            definition("", name, version), node, [Value(kind) for kind in kinds], {"": version}, 10, name
        )
    except ArtefactError:
        return Kind()
    return kind


def kind_of(type_proto: Any) -> Kind:
    """A ``TypeProto`` as a kind; other types than tensors have none."""
    if not type_proto.HasField("tensor_type"):
        return Kind()
    tensor = type_proto.tensor_type
    dtype = NAMES.get(tensor.elem_type)
    if not tensor.HasField("shape"):
        return Kind(dtype)
    sizes = []
    for dim in tensor.shape.dim:
        which = dim.WhichOneof("value")
        if which == "dim_value":  # a negative size is none; ONNX's own inference would not survive it
            sizes.append(dim.dim_value if dim.dim_value >= 0 else None)
        else:
            sizes.append((dim.dim_param or None) if which else None)
    return Kind(dtype, tuple(sizes))


def proto(kind: Kind) -> Any:
    """A kind as a ``TypeProto``."""
    shape = None if kind.shape is None else list(kind.shape)
    return helper.make_tensor_type_proto(CODES[kind.dtype or "float32"], shape)
