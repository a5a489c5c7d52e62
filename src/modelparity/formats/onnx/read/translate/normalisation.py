"""Normalisation."""

from __future__ import annotations

import numpy as np

from ....reading.channels import channels_last, give_channels_first
from ..node import Op, reads
from ..scope import Kind


@reads("BatchNormalization")
def batch_normalization(op: Op) -> None:
    """y = (x - mean) / sqrt(variance + epsilon) scale + bias, by channel, with running statistics or its input's"""
    momentum, training = op.attr("momentum", 0.9), bool(op.attr("training_mode", 0))
    if not training and any(op.wanted(place) for place in range(1, len(op.outputs))):
        op.declined("batch normalisation in training, as it was before opset 14")
    if op.attr("spatial", 1) == 0:
        op.declined("batch normalisation without sharing over space")
    rank, (scale, bias, mean, variance) = op.rank(), op.inputs(1, 2, 3, 4)
    x = op.input(0) if rank <= 2 else channels_last(op, 0)
    if training:
        mean, variance = _moved(op, x, tuple(range(max(rank, 2) - 1)), momentum, (mean, variance))
    given, epsilon = [x, mean, variance, scale, bias], op.attr("epsilon", 1e-5)
    if rank <= 2:
        op.give("batch_norm", given, output=0, epsilon=epsilon)
    else:
        give_channels_first(op, op.temp("batch_norm", given, epsilon=epsilon), rank)


def _moved(
    op: Op, x: str, axes: tuple[int, ...], momentum: float, running: tuple[str, str]
) -> tuple[str, str]:
    """Mean and variance of the input, of each channel in its last axis; the running ones, moved, are outputs."""
    mean = op.temp("reduce_mean", [x], axes=axes, keepdims=False)
    apart = op.temp("square", [op.temp("sub", [x, mean])])
    found = mean, op.temp("reduce_mean", [apart], axes=axes, keepdims=False)
    for place, (before, now) in enumerate(zip(running, found, strict=True), 1):
        if op.wanted(place):
            kept = op.temp("scale_shift", [before], alpha=momentum)
            added = op.temp("scale_shift", [now], alpha=1 - momentum)
            op.give("add", [kept, added], output=place, kind=op.kind(2 + place))
    return found


@reads("InstanceNormalization")
def instance_normalization(op: Op) -> None:
    """y = (x - mean) / sqrt(variance + epsilon) scale + bias, statistics of each channel over space"""
    rank = op.rank()
    y = op.temp(
        "instance_norm",
        [channels_last(op, 0), *op.inputs(1, 2)],
        spatial=rank - 2,
        epsilon=op.attr("epsilon", 1e-5),
    )
    give_channels_first(op, y, rank)


@reads("GroupNormalization")
def group_normalization(op: Op) -> None:
    """y = (x - mean) / sqrt(variance + epsilon) scale + bias, statistics of groups of channels over space"""
    rank, groups = op.rank(), op.attr("num_groups")
    op.ignore("stash_type")  # in which precision statistics are computed; the arithmetic says
    scale, bias = op.inputs(1, 2)
    if op.version < 21:  # one scale a group
        channels = op.shape()[1]
        if not isinstance(channels, int) or channels % groups:
            raise op.error(
                "channels do not split into groups", found=channels, expected=f"a multiple of {groups}"
            )
        index = op.constant(np.repeat(np.arange(groups), channels // groups), "groups")
        scale, bias = (op.temp("gather", [a, index]) for a in (scale, bias))
    y = op.temp(
        "group_norm",
        [channels_last(op, 0), scale, bias],
        groups=groups,
        spatial=rank - 2,
        epsilon=op.attr("epsilon", 1e-5),
    )
    give_channels_first(op, y, rank, kind=op.kind())  # of the deprecated form ONNX infers nothing


@reads("LayerNormalization")
def layer_normalization(op: Op) -> None:
    """y = (x - mean) / sqrt(variance + epsilon) scale + bias over the last axes"""
    op.ignore("stash_type")  # in which precision statistics are computed; the arithmetic says
    axis = op.axis(op.attr("axis", -1))
    axes = tuple(range(axis - op.rank(), 0))
    epsilon = op.attr("epsilon", 1e-5)
    _layer_norm(
        op, op.input(0), op.input(1), op.input(2, optional=True), axes, epsilon, output=0, kind=op.kind()
    )
    _statistics(op, op.input(0), axes, epsilon, 1, 2)


def _layer_norm(
    op: Op, x: str, gamma: str, beta: str, axes: tuple[int, ...], epsilon: float, *, output: int, kind: Kind
) -> None:
    op.give(
        "layer_norm",
        [x, gamma, beta] if beta else [x, gamma],
        output=output,
        kind=kind,
        axes=axes,
        epsilon=epsilon,
    )


def _statistics(op: Op, x: str, axes: tuple[int, ...], epsilon: float, mean: int, inverse: int) -> None:
    """Mean and inverse deviation as further outputs, where they are wanted."""
    kind = Kind("float32")
    if not (op.wanted(mean) or op.wanted(inverse)):
        return
    middle = op.temp("reduce_mean", [x], axes=axes, keepdims=True)
    if op.wanted(mean):
        op.give("identity", [middle], output=mean, kind=kind)
    if op.wanted(inverse):
        apart = op.temp("square", [op.temp("sub", [x, middle])])
        power = op.temp("reduce_mean", [apart], axes=axes, keepdims=True)
        op.give(
            "rsqrt", [op.temp("add", [power, op.constant(epsilon, "epsilon")])], output=inverse, kind=kind
        )


@reads("RMSNormalization")
def rms_normalization(op: Op) -> None:
    """y = x / sqrt(mean of x^2 + epsilon) scale over the last axes"""
    op.ignore("stash_type")  # in which precision statistics are computed; the arithmetic says
    axis = op.axis(op.attr("axis", -1))
    op.give(
        "rms_norm", op.inputs(0, 1), axes=tuple(range(axis - op.rank(), 0)), epsilon=op.attr("epsilon", 1e-5)
    )


@reads("LayerNormalization", "SimplifiedLayerNormalization", domain="com.microsoft")
@reads("SimplifiedLayerNormalization")
def contrib_layer_norm(op: Op) -> None:
    """As in ONNX; the simplified one has no mean and no bias."""
    op.ignore("stash_type")  # in which precision statistics are computed; the arithmetic says
    simple = op.type.startswith("Simplified")
    axis, epsilon = op.attr("axis", -1), op.attr("epsilon", 1e-5)
    axes = tuple(range(op.axis(axis) - op.rank(), 0)) if axis != -1 else (-1,)
    if simple:
        op.give("rms_norm", op.inputs(0, 1), output=0, kind=op.kind(), axes=axes, epsilon=epsilon)
        if op.wanted(1):
            op.declined("the inverse deviation of a simplified layer normalisation")
        return
    _layer_norm(
        op, op.input(0), op.input(1), op.input(2, optional=True), axes, epsilon, output=0, kind=op.kind()
    )
    _statistics(op, op.input(0), axes, epsilon, 1, 2)


@reads("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", domain="com.microsoft")
def skip_layer_norm(op: Op) -> None:
    """y = norm(x + skip + bias)"""
    simple = op.type.startswith("SkipSimplified")
    gamma, beta, bias = 2, None if simple else 3, 3 if simple else 4
    total = op.temp("add", op.inputs(0, 1))
    if op.has(bias):
        total = op.temp("add", [total, op.input(bias)])
    epsilon = op.attr("epsilon", 1e-12)
    if simple:
        op.give("rms_norm", [total, op.input(gamma)], output=0, kind=op.kind(), epsilon=epsilon)
    else:
        shift = op.input(beta) if beta is not None and op.has(beta) else ""
        _layer_norm(op, total, op.input(gamma), shift, (-1,), epsilon, output=0, kind=op.kind())
    _statistics(op, total, (-1,), epsilon, 1, 2)
    if op.wanted(3):
        op.give("identity", [total], output=3, kind=op.kind())


@reads("LpNormalization")
def lp_normalization(op: Op) -> None:
    """y = x / its p-norm along an axis, 0 where the norm is 0"""
    p, axis = op.attr("p", 2), op.attr("axis", -1)
    if p not in (1, 2):
        raise op.error("p is neither 1 nor 2", found=p)
    norm = op.temp("reduce_l1" if p == 1 else "reduce_l2", [op.input(0)], axes=(axis,), keepdims=True)
    safe = op.temp(
        "select", [op.temp("equal", [norm, op.constant(0.0)], dtype="bool"), op.constant(1.0), norm]
    )
    op.give("div", [op.input(0), safe])


@reads("MeanVarianceNormalization")
def mean_variance_normalization(op: Op) -> None:
    """y = (x - mean) / (deviation + 1e-9) over axes"""
    axes = op.attr("axes", (0, 2, 3))
    apart = op.temp("sub", [op.input(0), op.temp("reduce_mean", [op.input(0)], axes=axes, keepdims=True)])
    power = op.temp("reduce_mean", [op.temp("square", [apart])], axes=axes, keepdims=True)
    deviation = op.temp("add", [op.temp("sqrt", [power]), op.constant(1e-9, "epsilon")])
    op.give("div", [apart, deviation])


@reads("LRN")
def lrn(op: Op) -> None:
    """y = x / (bias + alpha / size sum of squares)^beta, the sum over channels around"""
    # ONNX reaches floor((size - 1) / 2) channels down and ceil((size - 1) / 2) up: for an even size one less down.
    op.give(
        "local_response_norm",
        [op.input(0)],
        axis=1,
        size=op.attr("size"),
        alpha=op.attr("alpha", 1e-4),
        beta=op.attr("beta", 0.75),
        k=op.attr("bias", 1.0),
        lower=(op.attr("size") - 1) // 2,
    )
