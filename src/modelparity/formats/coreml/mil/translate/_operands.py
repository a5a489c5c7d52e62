"""What several operations do with whole numbers."""

from __future__ import annotations

from ..operators import Op


def whole(op: Op, param: str) -> bool:
    """Whether a parameter's elements are whole numbers."""
    return op.dtype(param).startswith(("int", "uint"))


def as_numbers(op: Op, param: str) -> str:
    """A tensor of whole numbers as floats, for what is not computed in whole numbers."""
    return op.temp("cast", [op.input(param)], dtype="float32", to="float")
