"""Channels stand before the spatial axes in most files, and last in core operators; and what "same" padding adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...ops._window import same as same, windows_over
from .translating import Key, Operation, whole_numbers

#: Pairs (before, after) a spatial axis, "same" or "same_lower" (by where the odd element goes), or none.
Padding = tuple[tuple[int, int], ...] | str | None


def to_last(rank: int, spatial: int) -> tuple[int, ...]:
    """The order of axes that makes (..., channel, spatial...) of that rank (..., spatial..., channel)."""
    lead = rank - spatial - 1
    return (*range(lead), *range(lead + 1, rank), lead)


def to_first(rank: int, spatial: int) -> tuple[int, ...]:
    """The order of axes that makes (..., spatial..., channel) of that rank (..., channel, spatial...)."""
    lead = rank - spatial - 1
    return (*range(lead), rank - 1, *range(lead, rank - 1))


def channels_last(op: Operation[Key], key: Key, spatial: int | None = None) -> str:
    """An operand (..., channel, spatial...) as (..., spatial..., channel); one axis is the batch unless told."""
    rank = op.rank(key)
    if spatial == 0:
        return op.input(key)
    axes = to_last(rank, rank - 2 if spatial is None else spatial)
    return op.temp("transpose", [op.input(key)], dtype=op.dtype(key), axes=axes)


def give_channels_first(
    op: Operation[Any], tensor: str, rank: int, spatial: int | None = None, *, output: int = 0, **more: Any
) -> None:
    """A result, from a tensor that has its channels last."""
    if spatial == 0:
        op.results(tensor)
    else:
        axes = to_first(rank, rank - 2 if spatial is None else spatial)
        op.give("transpose", [tensor], output=output, axes=axes, **more)


def along_channels(op: Operation[Key], key: Key, rank: int) -> str:
    """A vector (channel) so that it broadcasts over (batch, channel, spatial...) of that rank; "" if left out."""
    return op.shaped(key, (-1, *(1,) * (rank - 2))) if op.has(key) else ""


def kernel(op: Operation[Key], key: Key, *, transposed: bool = False) -> str:
    """An operand (out, in, spatial...), or (in, out, spatial...) if ``transposed``, as (spatial..., in, out)."""
    axes = (0, 1) if transposed else (1, 0)
    return op.turned(key, (*range(2, op.rank(key)), *axes))


def spatial(op: Operation[Any], name: str, n: int) -> tuple[int, ...] | None:
    """A setting of one whole number a spatial axis, or None for the default."""
    found = op.attr(name, None, whole_numbers)
    if found is not None and len(found) != n:
        raise op.error(f"{name!r} does not fit the spatial axes", found=found, expected=f"{n} numbers")
    return found


def resolved(
    shape: Sequence[int | None],
    size: Sequence[int | None],
    padding: Padding,
    strides: Sequence[int] | None,
    dilations: Sequence[int] | None = None,
) -> Padding:
    """Padding by name as numbers, where the sizes are known: what a graph says plainly can be written anywhere."""
    lengths, kernel = [n for n in shape if n is not None], [n for n in size if n is not None]
    if not isinstance(padding, str) or len(lengths) != len(shape) or len(kernel) != len(size):
        return padding
    return tuple((w.before, w.given) for w in windows_over(lengths, kernel, strides, padding, dilations))
