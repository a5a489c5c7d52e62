"""With settings: another operator, some of whose attributes are given by arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import find, operator
from ..errors import GraphError
from ..graph import Array, Node


def _inner(node: Node) -> Node | None:
    """The other node, without the attributes that arrays give."""
    if not {"of", "settings", "given"} <= set(node.attrs):
        return None
    own = node.inputs[: len(node.inputs) - len(node.attrs["settings"])]
    return replace(node, op=node.attrs["of"], inputs=own, attrs=node.attrs["given"])


@operator(plain=True, facts=Facts(runs=_inner))
def with_settings(
    ar: Arithmetic, *arrays: Array, of: str, settings: Sequence[tuple[str, str]], given: Mapping[str, Any]
) -> Any:
    """results = of(first arrays; settings from the last arrays, ``given`` attributes)

    The operator's own arrays (...), then one (n) or () of integers for each of ``settings`` -> what it gives.
    A setting is (attribute, form): "number", "numbers", or "some" (numbers, of which none means all, as ``None``).
    Raises `GraphError` for a setting of another form, and as the operator does.
    Source: ONNX, whose axes and sizes may be inputs; checked against the operator with plain attributes.
    """
    own, last = arrays[: len(arrays) - len(settings)], arrays[len(arrays) - len(settings) :]
    attrs = dict(given)
    for (name, form), array in zip(settings, last, strict=True):
        if array.dtype.kind not in "iu" or (form == "number" and array.size != 1):
            raise GraphError(f"{name} is not {form} of integers", found=f"{array.dtype} {array.shape}")
        numbers = tuple(int(n) for n in array.reshape(-1))
        attrs[name] = numbers[0] if form == "number" else (numbers or None) if form == "some" else numbers
    operator_ = find(of)
    if operator_.control:
        raise GraphError(
            f"{of} runs graphs, whose settings are fixed", expected="an operator whose settings are numbers"
        )
    if operator_.plain:
        return operator_.kernel(ar, *own, **attrs)
    result = operator_.kernel(ar, *(a[None] for a in own), **attrs)
    return tuple(one[0] for one in result) if isinstance(result, tuple) else result[0]
