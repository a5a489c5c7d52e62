"""Pooling: channels come second here and last in core operators."""

from __future__ import annotations

from collections.abc import Sequence

from ..call import Call, reads
from .convolution import last, second


def _each(given: Sequence[int] | int | None, spatial: int, default: Sequence[int]) -> tuple[int, ...]:
    values = [given] if isinstance(given, int) else list(given or default)
    return tuple(values * spatial if len(values) == 1 else values)


@reads(*(f"aten.max_pool{n}d" for n in (1, 2, 3)), *(f"aten.max_pool{n}d_with_indices" for n in (1, 2, 3)))
def max_pool(c: Call) -> str | tuple[str, ...]:
    """Where the maxima stood is not read."""
    spatial = int(c.op.split("max_pool")[1][0])
    size = _each(c["kernel_size"], spatial, ())
    y = c.emit(
        "max_pool",
        [last(c, "self", spatial)],
        size=size,
        strides=_each(c.get("stride"), spatial, size),
        padding=tuple((n, n) for n in _each(c.get("padding"), spatial, [0])),
        dilations=_each(c.get("dilation"), spatial, [1]),
        ceil=bool(c.get("ceil_mode", False)),
    )
    result = second(c, y, c.rank("self"), spatial)
    if not c.op.endswith("indices"):
        return result
    if any(user.args[1] == 1 for user in c.node.users if len(user.args) > 1):
        raise c.error("the places of the maxima are not read")
    return result, ""


@reads("aten.avg_pool1d", "aten.avg_pool2d", "aten.avg_pool3d")
def average_pool(c: Call) -> str:
    """The mean over windows, or with a divisor of its own the sum over that."""
    spatial = int(c.op[-2])
    size = _each(c["kernel_size"], spatial, ())
    divisor = c.get("divisor_override")
    y = c.emit(
        "average_pool",
        [last(c, "self", spatial)],
        size=size,
        strides=_each(c.get("stride"), spatial, size),
        padding=tuple((n, n) for n in _each(c.get("padding"), spatial, [0])),
        ceil=bool(c.get("ceil_mode", False)),
        count_padding=bool(c.get("count_include_pad", True)),
    )
    if divisor is not None:
        raise c.error("a divisor of its own is not read", found=divisor)
    return second(c, y, c.rank("self"), spatial)


@reads(
    *(f"aten.adaptive_avg_pool{n}d" for n in (1, 2, 3)),
    *(f"aten._adaptive_avg_pool{n}d" for n in (2, 3)),
    *(f"aten.adaptive_max_pool{n}d" for n in (1, 2, 3)),
)
def adaptive_pool(c: Call) -> str | tuple[str, ...]:
    """Windows laid so that so many come out; one of them is the mean or the maximum over all."""
    spatial = int(c.op[-2])
    rank, greatest = c.rank("self"), "max_pool" in c.op
    sizes = [int(one) for one in c["output_size"]]
    if all(one == 1 for one in sizes):
        axes = tuple(range(rank - spatial, rank))
        y = c.give("reduce_max" if greatest else "reduce_mean", [c.tensor("self")], axes=axes, keepdims=True)
    else:
        op = "adaptive_max_pool" if greatest else "adaptive_average_pool"
        y = second(c, c.emit(op, [last(c, "self", spatial)], sizes=tuple(sizes)), rank, spatial)
    return (y, "") if greatest else y
