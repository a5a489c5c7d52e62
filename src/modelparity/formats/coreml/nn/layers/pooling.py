"""Pooling over two and three spatial axes."""

from __future__ import annotations

from typing import Any

from ..layer import Layer
from ..registry import layer
from ._channels import border_pairs, over_space, same_padding
from .convolution import along, custom_padding

_OPERATORS = {"MAX": "max_pool", "AVERAGE": "average_pool", "L2": "l2_pool"}
_GLOBAL = {"MAX": "reduce_max", "AVERAGE": "reduce_mean", "L2": "reduce_l2"}


@layer("pooling")
def pooling(layer: Layer) -> None:
    """Maximum, average or root of the sum of squares, in windows or over everything."""
    layer.count(1)
    layer.at_least(4)
    p = layer.p
    kind = p.choice("type")
    if p.globalPooling:
        p.ignore("kernelSize", "stride", "valid", "same", "includeLastPixel", "avgPoolExcludePadding")
        layer.give(layer.emit(_GLOBAL[kind], layer.x, axes=(-2, -1), keepdims=True))
        return
    size, strides = p.numbers("kernelSize", 2, 3), p.numbers("stride", 2)
    way = p.which("PoolingPaddingType")
    padding: Any
    if way == "valid":
        padding = border_pairs(layer, p.valid.paddingAmounts)
    elif way == "same":
        padding = same_padding(layer)
    elif way == "includeLastPixel":
        padding = tuple((n, n) for n in p.includeLastPixel.numbers("paddingAmounts", 2, 0, least=0))
    else:
        raise layer.error("no padding type is given", expected="valid, same or includeLastPixel")
    excluded = bool(p.avgPoolExcludePadding)
    layer.give(
        _pooled(layer, kind, 2, size, strides, padding, excluded=excluded, ceil=way == "includeLastPixel")
    )


def _pooled(
    layer: Layer,
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
    return over_space(layer, layer.x, spatial, lambda x: layer.emit(_OPERATORS[kind], x, **attrs))


@layer("pooling3d")
def pooling_3d(layer: Layer) -> None:
    """Maximum or average over depth, height and width."""
    layer.count(1)
    kind, padding, excluded = layer.p.choice("type"), custom_padding(layer), bool(layer.p.countExcludePadding)
    size, strides = along(layer, "kernel"), along(layer, "stride")
    layer.give(_pooled(layer, kind, 3, size, strides, padding, excluded=excluded))


@layer("globalPooling3d")
def global_pooling_3d(layer: Layer) -> None:
    """Maximum or average over all of depth, height and width."""
    layer.count(1)
    layer.give(layer.emit(_GLOBAL[layer.p.choice("type")], layer.x, axes=(-3, -2, -1), keepdims=True))
