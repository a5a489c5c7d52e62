"""Pooling."""

from __future__ import annotations

from typing import Any

from ....reading.channels import channels_last, give_channels_first, spatial
from ..node import Op, reads
from .convolution import padding


def _settings(op: Op) -> tuple[dict[str, Any], int]:
    size = op.attr("kernel_shape")
    n = len(size)
    if op.rank() != n + 2:
        raise op.error("kernel_shape does not fit the input", found=size, expected=f"{op.rank() - 2} numbers")
    strides = spatial(op, "strides", n) or (1,) * n
    dilations = spatial(op, "dilations", n)
    attrs: dict[str, Any] = {"size": size, "strides": strides, "padding": padding(op, n)}
    if dilations is not None and set(dilations) != {1}:
        attrs["dilations"] = dilations
    attrs["ceil"] = op.attr("ceil_mode", False, bool)
    return attrs, n + 2


@reads("MaxPool")
def max_pool(op: Op) -> None:
    """y = the largest element of each window, and where it stands"""
    attrs, rank = _settings(op)
    if not op.wanted(1):
        op.ignore("storage_order")  # of places, which nobody asks for
        give_channels_first(op, op.temp("max_pool", [channels_last(op, 0)], **attrs), rank)
        return
    column_major = op.attr("storage_order", False, bool)
    y, places = op.temps("max_pool_places", [channels_last(op, 0)], 2, column_major=column_major, **attrs)
    give_channels_first(op, y, rank, output=0)
    give_channels_first(op, places, rank, output=1)


@reads("AveragePool")
def average_pool(op: Op) -> None:
    """y = the average of each window"""
    attrs, rank = _settings(op)
    count = op.attr("count_include_pad", False, bool)
    give_channels_first(
        op, op.temp("average_pool", [channels_last(op, 0)], count_padding=count, **attrs), rank
    )


@reads("LpPool")
def lp_pool(op: Op) -> None:
    """y = the p-norm of each window"""
    attrs, rank = _settings(op)
    give_channels_first(
        op, op.temp("lp_pool", [channels_last(op, 0)], p=op.attr("p", 2.0, float), **attrs), rank
    )


@reads("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def over_all(op: Op) -> None:
    """y = the average, the largest, or the p-norm over all spatial axes, which stay with size one"""
    axes = tuple(range(2, op.rank()))
    core = {"GlobalAveragePool": "reduce_mean", "GlobalMaxPool": "reduce_max"}.get(op.type)
    if core is not None:
        op.give(core, [op.input(0)], axes=axes, keepdims=True)
        return
    p = op.attr("p", 2)
    if p == 2:
        op.give("reduce_l2", [op.input(0)], axes=axes, keepdims=True)
        return
    powers = op.temp("power", [op.temp("abs", [op.input(0)]), op.constant(float(p), "p")])
    total = op.temp("reduce_sum", [powers], axes=axes, keepdims=True)
    op.give("power", [total, op.constant(1.0 / p, "root")])


@reads("MaxUnpool")
def max_unpool(op: Op) -> None:
    """y = the elements of x back where they stood before pooling, zeros elsewhere"""
    size = op.attr("kernel_shape")
    n = len(size)
    attrs = {"size": size, "strides": spatial(op, "strides", n) or (1,) * n, "padding": padding(op, n)}
    if op.has(2) and op.known(2) is None:
        op.give(
            "with_settings",
            op.inputs(0, 1, 2),
            of="max_unpool",
            settings=(("shape", "numbers"),),
            given=attrs,
        )
        return
    op.give("max_unpool", op.inputs(0, 1), shape=op.numbers(2) if op.has(2) else None, **attrs)
