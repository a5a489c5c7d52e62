"""How a tensor lies while a framework computes with it: as the graph says, or channels before the spatial axes.

``plain`` is as the graph says; ``first<n>`` is (batch, channel, s1..sn), with a batch axis of 1 where there is none.
"""

from __future__ import annotations

from ..graph import Array

PLAIN = "plain"


def first(spatial: int) -> str:
    """The channels-first layout for that many spatial axes."""
    return f"first{spatial}"


def spatial_axes(form: str) -> int:
    """How many spatial axes a channels-first layout has; 0 for any other."""
    return int(form[5:]) if form.startswith("first") else 0


def constant(array: Array, form: str, rank: int) -> Array:
    """A constant as it broadcasts against a tensor of ``rank`` axes in channels-first layout ``form``."""
    n = spatial_axes(form)
    if array.size == 1:
        return array.reshape(())
    array = array.reshape((1,) * (rank - array.ndim) + array.shape)
    if rank == n + 1:
        array = array[None]
    return array.transpose(0, n + 1, *range(1, n + 1))


def axis_in(form: str, axis: int, rank: int) -> int:
    """Where an axis of the graph's tensor stands in a channels-first layout."""
    n = spatial_axes(form)
    axis %= rank
    if rank == n + 2:
        return {0: 0, n + 1: 1}.get(axis, axis + 1)
    return 1 if axis == n else axis + 2


def to_first(spatial: int, batched: bool) -> tuple[int, ...]:
    """The transpose that brings channels before that many spatial axes."""
    return (0, spatial + 1, *range(1, spatial + 1)) if batched else (spatial, *range(spatial))


def from_first(spatial: int, batched: bool) -> tuple[int, ...]:
    """The transpose that brings channels behind them again."""
    return (0, *range(2, spatial + 2), 1) if batched else (*range(1, spatial + 1), 0)
