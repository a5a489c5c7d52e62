"""Pooling: channels come second here and last in core operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....reading.channels import channels_last, give_channels_first
from ..aten_call import Op, reads


def _each(given: Sequence[int] | int | None, spatial: int, default: Sequence[int]) -> tuple[int, ...]:
    values = [given] if isinstance(given, int) else list(given or default)
    return tuple(values * spatial if len(values) == 1 else values)


@reads(*(f"aten.max_pool{n}d" for n in (1, 2, 3)), *(f"aten.max_pool{n}d_with_indices" for n in (1, 2, 3)))
def max_pool(op: Op) -> None:
    """Where the maxima stood is not read."""
    spatial = int(op.type.split("max_pool")[1][0])
    y = _pooled(op, "max_pool", spatial, dilations=_each(op.attr("dilation", None), spatial, [1]))
    if op.type.endswith("indices") and op.wanted(1):
        raise op.error("the places of the maxima are not read")
    give_channels_first(op, y, op.rank("self"), spatial)


def _pooled(op: Op, core: str, spatial: int, **more: Any) -> str:
    """Windows over the last axes, channels last."""
    size = _each(op.attr("kernel_size"), spatial, ())
    return op.temp(
        core,
        [channels_last(op, "self", spatial)],
        size=size,
        strides=_each(op.attr("stride", None), spatial, size),
        padding=tuple((n, n) for n in _each(op.attr("padding", None), spatial, [0])),
        ceil=op.attr("ceil_mode", False, bool),
        **more,
    )


@reads("aten.avg_pool1d", "aten.avg_pool2d", "aten.avg_pool3d")
def average_pool(op: Op) -> None:
    """The mean over windows, or with a divisor of its own the sum over that."""
    spatial = int(op.type[-2])
    divisor = op.attr("divisor_override", None)
    y = _pooled(op, "average_pool", spatial, count_padding=op.attr("count_include_pad", True, bool))
    if divisor is not None:
        raise op.error("a divisor of its own is not read", found=divisor)
    give_channels_first(op, y, op.rank("self"), spatial)


@reads(
    *(f"aten.adaptive_avg_pool{n}d" for n in (1, 2, 3)),
    *(f"aten._adaptive_avg_pool{n}d" for n in (2, 3)),
    *(f"aten.adaptive_max_pool{n}d" for n in (1, 2, 3)),
)
def adaptive_pool(op: Op) -> None:
    """Windows laid so that so many come out; one of them is the mean or the maximum over all."""
    spatial = int(op.type[-2])
    rank, greatest = op.rank("self"), "max_pool" in op.type
    sizes = [int(one) for one in op.attr("output_size")]
    if all(one == 1 for one in sizes):
        axes = tuple(range(rank - spatial, rank))
        op.give("reduce_max" if greatest else "reduce_mean", [op.input("self")], axes=axes, keepdims=True)
    else:
        core = "adaptive_max_pool" if greatest else "adaptive_average_pool"
        y = op.temp(core, [channels_last(op, "self", spatial)], sizes=tuple(sizes))
        give_channels_first(op, y, rank, spatial)
