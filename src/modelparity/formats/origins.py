"""What a node is called in its own file, as its origin says it."""

from __future__ import annotations

import re

#: Origins of ONNX and Core ML end with the operator and, if it has one, the name: ``node 3 (Mul "/Mul")``.
_NAMED = re.compile(r'\((?P<kind>[\w.:]+)(?: "(?P<name>.*)")?\)$', re.DOTALL)


def found_as(origin: str) -> tuple[str, str] | None:
    """The operator and the name ("" without one) that the file gives a node; None where the origin does not say."""
    found = _NAMED.search(origin)
    return None if found is None else (found["kind"], found["name"] or "")
