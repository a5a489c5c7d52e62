"""The nodes of a graph or of a function, translated in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import onnx

from ....errors import ArtefactError
from . import folding, ranks
from .attributes import attributes_of, resolved, value_of
from .definitions import check_fits, check_recent, opset_of, opsets_of, unknown
from .inference import definition, inferred, proto
from .node import Declined, Op, translators
from .order import runnable
from .scope import Kind, Scope, Value

#: Functions and graphs within each other beyond which a file is taken for hostile.
DEEPEST = 40


def run_nodes(scope: Scope, graph: Any, where: str) -> list[str]:
    """Translate a graph's nodes; the names of its outputs."""
    if scope.depth > DEEPEST:
        raise ArtefactError("graphs are nested too deeply", where=where, expected=f"at most {DEEPEST}")
    for place, node in runnable(graph):
        translate(scope, node, f"{where}/node {place} ({_label(node)})")
    return [one.name for one in graph.output]


def translate(scope: Scope, node: Any, where: str) -> None:
    """Add what a node means to the graph of its scope."""
    domain = "" if node.domain == "ai.onnx" else str(node.domain)
    scope.builder.origin = where.partition("/")[2]  # the file itself is the graph's source
    scope.model.nodes += 1
    if scope.model.nodes > scope.model.most_nodes:
        raise ArtefactError(
            "functions call each other until there are too many nodes",
            where=where,
            found=f"more than {scope.model.most_nodes:,}",
        )
    values = [scope.lookup(name, where) if name else None for name in node.input]
    function = scope.model.functions.get((domain, node.op_type, node.overload))
    if function is not None:
        call(scope, node, function, values, attributes_of(scope, node, where), where)
        return
    key = f"{domain}:{node.op_type}"
    known = translators()
    opset = opset_of(scope, domain, where)
    schema = definition(domain, node.op_type, opset)
    newer = domain == "" and definition(domain, node.op_type, onnx.defs.onnx_opset_version()) is not None
    if schema is None and (key not in known or newer):
        raise unknown(domain, node.op_type, opset, where)
    attributes = attributes_of(scope, node, where)
    if schema is not None:
        check_fits(schema, node, attributes, where)
        check_recent(schema, domain, opset, where)
    inner = any(isinstance(value, onnx.GraphProto) for value in attributes.values())
    kinds = [Kind()] * len(node.output)
    if schema is not None and not inner:
        asked = resolved(node, attributes)
        settled, kinds = ranks.settled(
            values,
            lambda given: inferred(schema, asked, given, scope.opsets, scope.model.ir_version, where),
        )
        values = ranks.guarded(scope, values, settled)
    version = int(schema.since_version) if schema is not None else 1
    op = Op(scope, node, version, values, kinds, attributes, where)
    if ranks.open_places(values) and not inner and key in known:
        place = ranks.asked(op, known[key])
        if place is not None:
            ranks.by_rank(op, place, translate)
            return
    if not inner and folding.folded(op, known.get(key)):
        return
    if key in known:
        try:
            op.translated(known[key])
            return
        except Declined as error:
            reason = error.form
    else:
        reason = "no translator"
    expand(scope, node, schema, values, attributes, reason, opset, where)


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
            f"{node.op_type}: another number of inputs or outputs than the function has",
            where=where,
            found=f"{len(values)} and {len(node.output)}",
            expected=f"{len(function.input)} and {len(function.output)}",
        )
    for name, value in zip(function.input, values, strict=False):
        if value is not None:
            inner.values[name] = value
    inner.attributes = dict(attributes)
    for default in function.attribute_proto:
        inner.attributes.setdefault(default.name, value_of(scope, default, where))
    for place, one in enumerate(function.node):
        translate(inner, one, f"{where}/{place} ({_label(one)})")
    for outer, name in zip(node.output, function.output, strict=False):
        if outer:
            value = inner.lookup(name, where)
            scope.define(outer, value, where)


def expand(
    scope: Scope,
    node: Any,
    schema: Any,
    values: Sequence[Value | None],
    attributes: dict[str, Any],
    reason: str,
    opset: int,
    where: str,
) -> None:
    """An operator without a translator by the body of its definition."""
    body = None
    if schema is not None and schema.has_function:
        body = schema.get_function_with_opset_version(_body_opset(schema.function_opset_versions, opset))
    elif schema is not None and schema.has_context_dependent_function:
        types = [proto(v.kind).SerializeToString() if v is not None else b"" for v in values]
        version = _body_opset(schema.context_dependent_function_opset_versions, opset)
        body = schema.get_context_dependent_function_with_opset_version(
            version, resolved(node, attributes).SerializeToString(), types
        )
    if not body:
        raise ArtefactError(
            f"{node.op_type}: this form of the operator is not understood",
            where=where,
            found=reason,
            fix="say so in an issue with the model, if you need it",
        )
    function = onnx.FunctionProto.FromString(body) if isinstance(body, bytes) else body
    for name in schema.attributes:
        if name not in attributes and schema.attributes[name].default_value.name:
            attributes[name] = value_of(scope, schema.attributes[name].default_value, where)
    call(scope, node, function, values, attributes, where)


def _body_opset(versions: Sequence[int], opset: int) -> int:
    fitting = [version for version in versions if version <= opset]
    return max(fitting) if fitting else min(versions)


def _label(node: Any) -> str:
    """Operator and name, as far as they can be shown."""
    name = re.sub(r"[^ -~]", "?", str(node.name))[:120]
    kind = re.sub(r"[^ -~]", "?", str(node.op_type))[:80]
    return f'{kind} "{name}"' if name else kind
