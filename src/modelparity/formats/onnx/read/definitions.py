"""What a version of a domain defines, and whether a node is what its operator's definition says."""

from __future__ import annotations

from typing import Any

import onnx

from ....errors import ArtefactError, near
from .inference import definition
from .node import translators
from .scope import Scope


def opsets_of(holder: Any, where: str) -> dict[str, int]:
    """The version of each domain that a model or a function asks for. `ArtefactError` for one that is none yet."""
    opsets = {
        ("" if one.domain == "ai.onnx" else one.domain): int(one.version) for one in holder.opset_import
    }
    newest = onnx.defs.onnx_opset_version()
    if opsets.get("", 7) > newest:
        raise ArtefactError(
            "the file needs a newer opset than the installed onnx knows",
            where=where,
            found=f"opset {opsets['']}",
            expected=f"at most {newest}",
            fix="pip install --upgrade onnx",
        )
    for domain, version in opsets.items():
        if not 0 < version < 1 << 31:
            found = f"{version} of {domain or 'ai.onnx'!r}"
            raise ArtefactError("no version of an opset", where=where, found=found)
    return opsets


def opset_of(scope: Scope, domain: str, where: str) -> int:
    """The version of a domain at a place."""
    if domain in scope.opsets:
        return scope.opsets[domain]
    if domain == "":
        raise ArtefactError(
            "the file does not say which opset it is of", where=where, expected="an opset_import of ai.onnx"
        )
    return 1


def check_fits(schema: Any, node: Any, attributes: dict[str, Any], where: str) -> None:
    """Raises `ArtefactError` for attributes or a number of inputs or outputs that the operator does not have."""
    for name in attributes:
        if name not in schema.attributes:
            raise ArtefactError(
                f"{node.op_type}: attribute {name!r} is none of the operator's",
                where=where,
                expected=near(name, list(schema.attributes)),
            )
    for name, one in schema.attributes.items():
        if one.required and name not in attributes:
            raise ArtefactError(f"{node.op_type}: attribute {name!r} is missing", where=where)
    given = len(node.input)
    if not schema.min_input <= given <= schema.max_input or len(node.output) > schema.max_output:
        raise ArtefactError(
            f"{node.op_type}: another number of inputs or outputs",
            where=where,
            found=f"{given} and {len(node.output)}",
            expected=f"{schema.min_input} to {schema.max_input} inputs, at most {schema.max_output} outputs",
        )


def check_recent(schema: Any, domain: str, opset: int, where: str) -> None:
    """Operators from before opset 7 that changed since broadcast by other rules."""
    if domain or opset >= 7:
        return
    since = definition("", schema.name, 7)
    if since is None or since.since_version != schema.since_version:
        raise ArtefactError(
            f"{schema.name}: its definition from before opset 7 is not known",
            where=where,
            found=f"opset {opset}",
            expected="opset 7 or later",
            fix="convert it with onnx.version_converter.convert_version(model, 17)",
        )


def unknown(domain: str, name: str, opset: int, where: str) -> ArtefactError:
    """The error for an operator that nothing defines, to be raised."""
    theirs = {key.partition(":")[2] for key in translators() if key.partition(":")[0] == domain}
    theirs |= {
        one.name for one in onnx.defs.get_all_schemas() if one.domain == domain and one.since_version <= opset
    }
    if not theirs:
        domains = {key.partition(":")[0] or "ai.onnx" for key in translators()}
        return ArtefactError(
            f"{name!r} is of an unknown domain {domain!r}",
            where=where,
            expected=near(domain, domains),
            fix="a model may define it itself, as a function",
        )
    later = [
        one.since_version
        for one in onnx.defs.get_all_schemas_with_history()
        if one.domain == domain and one.name == name
    ]
    return ArtefactError(
        f"unknown operator {name!r} of {domain or 'ai.onnx'} {opset}",
        where=where,
        expected=near(name, theirs),
        fix=f"it came with opset {min(later)}" if later and min(later) > opset else None,
    )
