"""The nodes of a graph or of a function, translated in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from ....errors import ArtefactError, GraphError, near
from . import folding
from .inference import definition, inferred, proto
from .node import Declined, Op, translators
from .scope import Kind, Scope, Value

#: Functions and graphs within each other beyond which a file is taken for hostile.
DEEPEST = 40
#: What kernels and translators raise for an attribute of another kind than any version of the operator has.
WRONG = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


def run_nodes(scope: Scope, graph: Any, where: str) -> list[str]:
    """Translate a graph's nodes; the names of its outputs."""
    if scope.depth > DEEPEST:
        raise ArtefactError("graphs are nested too deeply", where=where, expected=f"at most {DEEPEST}")
    for place, node in enumerate(graph.node):
        translate(scope, node, f"{where}/node {place} ({_label(node)})")
    return [one.name for one in graph.output]


def translate(scope: Scope, node: Any, where: str) -> None:
    """Add what a node means to the graph of its scope."""
    domain = "" if node.domain == "ai.onnx" else str(node.domain)
    scope.builder.origin = where.partition("/")[2]  # the file itself is the graph's source
    scope.model.nodes += 1
    if scope.model.nodes > scope.model.most_nodes:
        raise ArtefactError(
            "functions call each other until there are too many nodes", where=where,
            found=f"more than {scope.model.most_nodes:,}",
        )  # fmt: skip
    values = [scope.lookup(name, where) if name else None for name in node.input]
    function = scope.model.functions.get((domain, node.op_type, node.overload))
    if function is not None:
        call(scope, node, function, values, _attributes(scope, node, where), where)
        return
    key = f"{domain}:{node.op_type}"
    known = translators()
    opset = _opset(scope, domain, where)
    schema = definition(domain, node.op_type, opset)
    newer = domain == "" and definition(domain, node.op_type, onnx.defs.onnx_opset_version()) is not None
    if schema is None and (key not in known or newer):
        raise _unknown(scope, domain, node.op_type, opset, where)
    attributes = _attributes(scope, node, where)
    if schema is not None:
        _fits(schema, node, attributes, where)
        _recent(schema, domain, opset, where)
    inner = any(isinstance(value, onnx.GraphProto) for value in attributes.values())
    kinds = [Kind()] * len(node.output)
    if schema is not None and not inner:
        kinds = inferred(
            schema, _resolved(node, attributes), values, scope.opsets, scope.model.ir_version, where
        )
    version = int(schema.since_version) if schema is not None else 1
    op = Op(scope, node, version, values, kinds, attributes, where)
    if not inner and folding.folded(op, known.get(key)):
        return
    if key in known:
        try:
            known[key](op)
            op.finished()
            return
        except Declined as error:
            reason = str(error)
        except GraphError as error:
            raise op.error(error.what, found=error.found, expected=error.expected) from error
        except WRONG as error:
            raise op.error(
                f"an attribute or input is of a wrong kind ({type(error).__name__}: {error})"
            ) from error
    else:
        reason = "no translator"
    expand(scope, node, schema, values, attributes, reason, opset, where)


def opsets_of(holder: Any, where: str) -> dict[str, int]:
    """The version of each domain that a model or a function asks for. `ArtefactError` for one that is none yet."""
    opsets = {
        ("" if one.domain == "ai.onnx" else one.domain): int(one.version) for one in holder.opset_import
    }
    newest = onnx.defs.onnx_opset_version()
    if opsets.get("", 7) > newest:
        raise ArtefactError(
            "the file needs a newer opset than the installed onnx knows", where=where, found=f"opset {opsets['']}",
            expected=f"at most {newest}", fix="pip install --upgrade onnx",
        )  # fmt: skip
    for domain, version in opsets.items():
        if not 0 < version < 1 << 31:
            found = f"{version} of {domain or 'ai.onnx'!r}"
            raise ArtefactError("no version of an opset", where=where, found=found)
    return opsets


def call(
    scope: Scope,
    node: Any,
    function: Any,
    values: Sequence[Value | None],
    attributes: dict[str, Any],
    where: str,
) -> None:
    """The body of a function in the place of a node."""
    if scope.depth >= DEEPEST:
        raise ArtefactError("functions call each other without end", where=where, found=f"{DEEPEST} deep")
    opsets = opsets_of(function, where)
    inner = Scope(
        scope.model,
        {**scope.opsets, **opsets},
        builder=scope.builder,
        depth=scope.depth + 1,
        parent=scope.parent,
    )
    if len(values) > len(function.input) or len(node.output) > len(function.output):
        raise ArtefactError(
            f"{node.op_type}: another number of inputs or outputs than the function has", where=where,
            found=f"{len(values)} and {len(node.output)}",
            expected=f"{len(function.input)} and {len(function.output)}",
        )  # fmt: skip
    for name, value in zip(function.input, values, strict=False):
        if value is not None:
            inner.values[name] = value
    inner.attributes = dict(attributes)
    for default in function.attribute_proto:
        inner.attributes.setdefault(default.name, _value(scope, default, where))
    for place, one in enumerate(function.node):
        translate(inner, one, f"{where}/{place} ({_label(one)})")
    for outer, name in zip(node.output, function.output, strict=False):
        if outer:
            value = inner.lookup(name, where)
            scope.define(outer, value, where)


def expand(
    scope: Scope, node: Any, schema: Any, values: Sequence[Value | None], attributes: dict[str, Any], reason: str,
    opset: int, where: str,
) -> None:  # fmt: skip
    """An operator without a translator by the body of its definition."""
    body = None
    if schema is not None and schema.has_function:
        body = schema.get_function_with_opset_version(_body_opset(schema.function_opset_versions, opset))
    elif schema is not None and schema.has_context_dependent_function:
        types = [proto(v.kind).SerializeToString() if v is not None else b"" for v in values]
        version = _body_opset(schema.context_dependent_function_opset_versions, opset)
        body = schema.get_context_dependent_function_with_opset_version(
            version, _resolved(node, attributes).SerializeToString(), types
        )
    if not body:
        raise ArtefactError(
            f"{node.op_type}: this form of the operator is not understood", where=where, found=reason,
            fix="say so in an issue with the model, if you need it",
        )  # fmt: skip
    function = onnx.FunctionProto.FromString(body) if isinstance(body, bytes) else body
    for name in schema.attributes:
        if name not in attributes and schema.attributes[name].default_value.name:
            attributes[name] = _value(scope, schema.attributes[name].default_value, where)
    call(scope, node, function, values, attributes, where)


def _body_opset(versions: Sequence[int], opset: int) -> int:
    fitting = [version for version in versions if version <= opset]
    return max(fitting) if fitting else min(versions)


def _attributes(scope: Scope, node: Any, where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in node.attribute:
        if attribute.name in found:
            raise ArtefactError(f"{node.op_type}: attribute {attribute.name!r} is given twice", where=where)
        if attribute.ref_attr_name:
            if attribute.ref_attr_name in scope.attributes:
                found[attribute.name] = scope.attributes[attribute.ref_attr_name]
            continue
        found[attribute.name] = _value(scope, attribute, where)
    return found


def _value(scope: Scope, attribute: Any, where: str) -> Any:
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
            return scope.model.tensors.read(attribute.t, label) if attribute.t.data_type != 8 else attribute.t
        case kinds.GRAPH:
            return attribute.g
        case kinds.FLOATS:
            return tuple(map(float, attribute.floats))
        case kinds.INTS:
            return tuple(map(int, attribute.ints))
        case kinds.STRINGS:
            return tuple(_text(one, label) for one in attribute.strings)
        case kinds.SPARSE_TENSOR:
            from .reader import sparse_array

            return sparse_array(scope.model.tensors, attribute.sparse_tensor, label)
        case kinds.TYPE_PROTO:
            return attribute.tp
    raise ArtefactError("an attribute of a type that is not understood", where=label, found=attribute.type)


def _text(raw: bytes, where: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ArtefactError("text that is not UTF-8", where=where, found=repr(raw[:40])) from None


def _resolved(node: Any, attributes: dict[str, Any]) -> Any:
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


def _fits(schema: Any, node: Any, attributes: dict[str, Any], where: str) -> None:
    for name in attributes:
        if name not in schema.attributes:
            raise ArtefactError(
                f"{node.op_type}: attribute {name!r} is none of the operator's", where=where,
                expected=near(name, list(schema.attributes)),
            )  # fmt: skip
    for name, one in schema.attributes.items():
        if one.required and name not in attributes:
            raise ArtefactError(f"{node.op_type}: attribute {name!r} is missing", where=where)
    given = len(node.input)
    if not schema.min_input <= given <= schema.max_input or len(node.output) > schema.max_output:
        raise ArtefactError(
            f"{node.op_type}: another number of inputs or outputs", where=where,
            found=f"{given} and {len(node.output)}",
            expected=f"{schema.min_input} to {schema.max_input} inputs, at most {schema.max_output} outputs",
        )  # fmt: skip


def _recent(schema: Any, domain: str, opset: int, where: str) -> None:
    """Operators from before opset 7 that changed since broadcast by other rules."""
    if domain or opset >= 7:
        return
    since = definition("", schema.name, 7)
    if since is None or since.since_version != schema.since_version:
        raise ArtefactError(
            f"{schema.name}: its definition from before opset 7 is not known", where=where, found=f"opset {opset}",
            expected="opset 7 or later",
            fix="convert it with onnx.version_converter.convert_version(model, 17)",
        )  # fmt: skip


def _opset(scope: Scope, domain: str, where: str) -> int:
    if domain in scope.opsets:
        return scope.opsets[domain]
    if domain == "":
        raise ArtefactError(
            "the file does not say which opset it is of", where=where, expected="an opset_import of ai.onnx"
        )
    return 1


def _unknown(scope: Scope, domain: str, name: str, opset: int, where: str) -> ArtefactError:
    theirs = {key.partition(":")[2] for key in translators() if key.partition(":")[0] == domain}
    theirs |= {
        one.name for one in onnx.defs.get_all_schemas() if one.domain == domain and one.since_version <= opset
    }
    if not theirs:
        domains = {key.partition(":")[0] or "ai.onnx" for key in translators()}
        return ArtefactError(
            f"{name!r} is of an unknown domain {domain!r}", where=where, expected=near(domain, domains),
            fix="a model may define it itself, as a function",
        )  # fmt: skip
    later = [one.since_version for one in onnx.defs.get_all_schemas_with_history()
             if one.domain == domain and one.name == name]  # fmt: skip
    return ArtefactError(
        f"unknown operator {name!r} of {domain or 'ai.onnx'} {opset}", where=where, expected=near(name, theirs),
        fix=f"it came with opset {min(later)}" if later and min(later) > opset else None,
    )  # fmt: skip


def _label(node: Any) -> str:
    """Operator and name, as far as they can be shown."""
    name = re.sub(r"[^ -~]", "?", str(node.name))[:120]
    kind = re.sub(r"[^ -~]", "?", str(node.op_type))[:80]
    return f'{kind} "{name}"' if name else kind
