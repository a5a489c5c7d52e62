"""Parameters as core operators want them: along the channel axis, or with their axes turned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..operators import Op


def along_channels(op: Op, param: str, rank: int) -> str:
    """A vector (channel) as a tensor that broadcasts over x (batch, channel, spatial...) of that rank."""
    known = op.known(param)
    if known is not None:
        return op.constant(known.reshape(-1, *(1,) * (rank - 2)), param)
    return op.temp("reshape", [op.tensor(param)], dtype=op.dtype(param), shape=(-1, *(1,) * (rank - 2)))


def turned(op: Op, param: str, axes: Sequence[int]) -> str:
    """A tensor with its axes in another order; a view of the file's values where they are known."""
    known = op.known(param)
    if known is not None:
        return op.constant(known.transpose(tuple(axes)), param)
    return op.temp("transpose", [op.tensor(param)], dtype=op.dtype(param), axes=tuple(axes))


def channels_last(op: Op, param: str = "x") -> str:
    """(batch, channel, spatial...) -> (batch, spatial..., channel)"""
    rank = op.rank(param)
    return op.temp("transpose", [op.tensor(param)], dtype=op.dtype(param), axes=(0, *range(2, rank), 1))


def emit_channels_first(op: Op, last: str, rank: int) -> None:
    """The output, from what has its channels last."""
    op.emit("transpose", [last], axes=(0, rank - 1, *range(1, rank - 1)))


def whole(op: Op, param: str) -> bool:
    """Whether a parameter's elements are whole numbers."""
    return op.dtype(param).startswith(("int", "uint"))


def as_numbers(op: Op, param: str) -> str:
    """A tensor of whole numbers as floats, for what cannot be computed in whole numbers."""
    return op.temp("cast", [op.tensor(param)], dtype="float32", to="float")


def numbers(op: Op, param: str) -> tuple[int, ...]:
    """A parameter that is a vector of whole numbers."""
    found = np.asarray(op.const(param))
    if found.dtype.kind not in "iu":
        raise op.error(
            f"parameter {param!r} is not of whole numbers", found=found.dtype, expected="whole numbers"
        )
    return tuple(int(n) for n in found.reshape(-1))
