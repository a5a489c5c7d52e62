"""Attributes of nodes: their values, and those that a function hands on."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from ....errors import ArtefactError
from .scope import Scope
from .sparse import sparse_array


def attributes_of(scope: Scope, node: Any, where: str) -> dict[str, Any]:
    """A node's attributes by name; what refers to an attribute of the function around it has that one's value."""
    found: dict[str, Any] = {}
    for attribute in node.attribute:
        if attribute.name in found:
            raise ArtefactError(f"{node.op_type}: attribute {attribute.name!r} is given twice", where=where)
        if attribute.ref_attr_name:
            if attribute.ref_attr_name in scope.attributes:
                found[attribute.name] = scope.attributes[attribute.ref_attr_name]
            continue
        found[attribute.name] = value_of(scope, attribute, where)
    return found


def value_of(scope: Scope, attribute: Any, where: str) -> Any:
    """An attribute's value: numbers, text, arrays as (type, array), graphs as they are."""
    kinds = onnx.AttributeProto
    label = f"{where}, attribute {attribute.name!r}"
    match attribute.type:
        case kinds.FLOAT:
            return float(attribute.f)
        case kinds.INT:
            return int(attribute.i)
        case kinds.STRING:
            return _text(attribute.s, label)
        case kinds.TENSOR:
            return scope.model.tensors.read(attribute.t, label)
        case kinds.GRAPH:
            return attribute.g
        case kinds.FLOATS:
            return tuple(map(float, attribute.floats))
        case kinds.INTS:
            return tuple(map(int, attribute.ints))
        case kinds.STRINGS:
            return tuple(_text(one, label) for one in attribute.strings)
        case kinds.SPARSE_TENSOR:
            return sparse_array(scope.model.tensors, attribute.sparse_tensor, label)
        case kinds.TYPE_PROTO:
            return attribute.tp
    raise ArtefactError("an attribute of a type that is not understood", where=label, found=attribute.type)


def _text(raw: bytes, where: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ArtefactError("text that is not UTF-8", where=where, found=repr(raw[:40])) from None


def resolved(node: Any, attributes: dict[str, Any]) -> Any:
    """The node with attributes of the function around it in the places that refer to them."""
    if not any(one.ref_attr_name for one in node.attribute):
        return node
    plain = onnx.NodeProto()
    plain.CopyFrom(node)
    del plain.attribute[:]
    for one in node.attribute:
        if not one.ref_attr_name:
            plain.attribute.append(one)
        elif one.name in attributes:
            plain.attribute.append(_proto(one.name, attributes[one.name]))
    return plain


def _proto(name: str, value: Any) -> Any:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], np.ndarray):
        value = onnx.numpy_helper.from_array(value[1])
    kind = onnx.AttributeProto.INTS if value == () else None
    return onnx.helper.make_attribute(name, value, attr_type=kind)
