"""Channels first in the file, channels last in the core operators."""

from __future__ import annotations

from collections.abc import Sequence

from ..node import Op
from ..scope import Kind


def last(op: Op, place: int = 0) -> str:
    """An input (batch, channel, spatial...) as (batch, spatial..., channel)."""
    return op.temp("transpose", [op.x(place)], dtype=op.dtype(place), axes=(0, *range(2, op.rank(place)), 1))


def emit_first(op: Op, tensor: str, rank: int, *, output: int = 0, kind: Kind | None = None) -> None:
    """An output, from what has its channels last."""
    op.emit("transpose", [tensor], output=output, kind=kind, axes=(0, rank - 1, *range(1, rank - 1)))


def turned(op: Op, place: int, axes: Sequence[int]) -> str:
    """An input with its axes in another order; a view of the file's values where they are known."""
    known = op.known(place)
    if known is not None:
        return op.constant(known.transpose(tuple(axes)), f"weight{place}")
    return op.temp("transpose", [op.x(place)], dtype=op.dtype(place), axes=tuple(axes))


def along_channels(op: Op, place: int, rank: int) -> str:
    """A vector (channel) as a tensor that broadcasts over (batch, channel, spatial...) of that rank."""
    known = op.known(place)
    if known is not None:
        return op.constant(known.reshape(-1, *(1,) * (rank - 2)), f"input{place}")
    return op.temp("reshape", [op.x(place)], dtype=op.dtype(place), shape=(-1, *(1,) * (rank - 2)))
