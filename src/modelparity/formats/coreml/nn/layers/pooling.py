"""Pooling over two and three spatial axes."""

from __future__ import annotations

from typing import Any

from ..layer import Op
from ..registry import reads
from ._channels import border_pairs, over_space, same_padding
from .convolution import along, custom_padding

_OPERATORS = {"MAX": "max_pool", "AVERAGE": "average_pool", "L2": "l2_pool"}
_GLOBAL = {"MAX": "reduce_max", "AVERAGE": "reduce_mean", "L2": "reduce_l2"}


@reads("pooling")
def pooling(op: Op) -> None:
    """Maximum, average or root of the sum of squares, in windows or over everything."""
    op.expects(1)
    op.at_least(4)
    kind = op.attr("type")
    if op.attr("globalPooling"):
        op.ignore("kernelSize", "stride", "valid", "same", "includeLastPixel", "avgPoolExcludePadding")
        op.give(_GLOBAL[kind], [op.input(0)], axes=(-2, -1), keepdims=True)
        return
    size, strides = op.p.numbers("kernelSize", 2, 3), op.p.numbers("stride", 2)
    way = op.p.which("PoolingPaddingType")
    padding: Any
    if way == "valid":
        padding = border_pairs(op, op.attr("valid").paddingAmounts)
    elif way == "same":
        padding = same_padding(op)
    elif way == "includeLastPixel":
        padding = tuple((n, n) for n in op.attr("includeLastPixel").numbers("paddingAmounts", 2, 0, least=0))
    else:
        raise op.error("no padding type is given", expected="valid, same or includeLastPixel")
    excluded = op.attr("avgPoolExcludePadding", kind=bool)
    op.results(
        _pooled(op, kind, 2, size, strides, padding, excluded=excluded, ceil=way == "includeLastPixel")
    )


def _pooled(
    op: Op,
    kind: str,
    spatial: int,
    size: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Any,
    *,
    excluded: bool,
    ceil: bool = False,
) -> str:
    attrs: dict[str, Any] = {"size": size, "strides": strides, "ceil": ceil}
    if kind == "AVERAGE":
        attrs["count_padding"] = not excluded
    attrs["padding"] = padding
    return over_space(op, op.input(0), spatial, lambda x: op.temp(_OPERATORS[kind], [x], **attrs))


@reads("pooling3d")
def pooling_3d(op: Op) -> None:
    """Maximum or average over depth, height and width."""
    op.expects(1)
    kind, padding, excluded = op.attr("type"), custom_padding(op), op.attr("countExcludePadding", kind=bool)
    size, strides = along(op, "kernel"), along(op, "stride")
    op.results(_pooled(op, kind, 3, size, strides, padding, excluded=excluded))


@reads("globalPooling3d")
def global_pooling_3d(op: Op) -> None:
    """Maximum or average over all of depth, height and width."""
    op.expects(1)
    op.give(op.choice("type", _GLOBAL), [op.input(0)], axes=(-3, -2, -1), keepdims=True)
