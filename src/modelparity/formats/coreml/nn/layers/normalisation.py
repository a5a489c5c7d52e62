"""Normalisation, scaling and softmax."""

from __future__ import annotations

import numpy as np

from ..layer import Op
from ..registry import reads


@reads("batchnorm")
def batchnorm(op: Op) -> None:
    """Over channels, axis -3, with stored statistics or those of the input itself."""
    op.expects(1)
    op.at_least(3)
    channels, epsilon = op.attr("channels", kind=int), op.attr("epsilon") or 1e-5
    names = ("gamma", "beta") if op.attr("computeMeanVar") else ("mean", "variance", "gamma", "beta")
    parts = [op.constant(op.weight(name, (channels,)).reshape(-1, 1, 1), name) for name in names]
    if not op.attr("computeMeanVar"):
        op.ignore("instanceNormalization")
        op.give("batch_norm", [op.input(0), *parts], epsilon=epsilon)
        return
    op.ignore("mean", "variance")
    over = (
        (-2, -1)
        if op.attr("instanceNormalization")
        else tuple(axis for axis in range(-op.rank(), 0) if axis != -3)
    )
    op.give("layer_norm", [op.input(0), *parts], axes=over, epsilon=epsilon)


@reads("mvn")
def mean_variance(op: Op) -> None:
    """Mean, and variance if asked for, over height and width, or over channels too."""
    op.expects(1)
    op.at_least(3)
    over = (-3, -2, -1) if op.attr("acrossChannels") else (-2, -1)
    if op.attr("normalizeVariance"):
        op.give("layer_norm", [op.input(0)], axes=over, epsilon=op.attr("epsilon") or 1e-6)
        return
    op.ignore("epsilon")
    mean = op.temp("reduce_mean", [op.input(0)], axes=over, keepdims=True)
    op.give("sub", [op.input(0), mean])


@reads("l2normalize")
def l2_normalize(op: Op) -> None:
    """Over channel, height and width."""
    op.expects(1)
    op.at_least(3)
    op.give("l2_normalize", [op.input(0)], axes=(-3, -2, -1), epsilon=op.attr("epsilon") or 1e-6)


@reads("lrn")
def local_response(op: Op) -> None:
    """Over neighbouring channels."""
    op.expects(1)
    op.at_least(3)
    size = op.attr("localSize", kind=int)
    if not 1 <= size < 1 << 31:
        raise op.error("localSize is not valid", found=size, expected="at least 1")
    op.give(
        "local_response_norm",
        [op.input(0)],
        size=size,
        alpha=op.attr("alpha"),
        beta=op.attr("beta"),
        k=op.attr("k") or 1.0,
        axis=-3,
    )


@reads("layerNormalization")
def layer_normalization(op: Op) -> None:
    """Over the last axes, as many as the normalised shape has."""
    op.expects(1)
    shape = op.sizes("normalizedShape", least=1)
    op.at_least(len(shape))
    gamma, beta = (op.constant(op.weight(name, shape), name) for name in ("gamma", "beta"))
    axes = tuple(range(-len(shape), 0))
    op.give("layer_norm", [op.input(0), gamma, beta], axes=axes, epsilon=op.attr("eps"))


@reads("softmax", "softmaxND")
def softmax(op: Op) -> None:
    """Over channels, axis -3, or over any axis."""
    op.expects(1)
    if op.type == "softmax":
        op.at_least(3)
        op.give("softmax", [op.input(0)], axis=-3)
        return
    op.give("softmax", [op.input(0)], axis=op.attr("axis", kind=int))


@reads("scale", "bias")
def scale(op: Op) -> None:
    """A factor and a term of shape [1], [C], [1, H, W] or [C, H, W]."""
    op.expects(1)
    op.at_least(3)
    y = op.input(0)
    if op.type == "scale":
        y = op.temp("mul", [y, _shaped(op, "scale", "shapeScale")])
        if op.attr("hasBias"):
            y = op.temp("add", [y, _shaped(op, "bias", "shapeBias")])
        else:
            op.ignore("shapeBias")
    else:
        y = op.temp("add", [y, _shaped(op, "bias", "shape")])
    op.results(y)


def _shaped(op: Op, name: str, shape_name: str) -> str:
    shape = op.sizes(shape_name, least=1)
    if len(shape) not in (1, 3):
        raise op.error(f"{shape_name} is not valid", found=shape, expected="[1], [C], [1, H, W] or [C, H, W]")
    values = op.weight(name, shape)
    return op.constant(np.reshape(values, (-1, 1, 1)) if len(shape) == 1 else values, name)
