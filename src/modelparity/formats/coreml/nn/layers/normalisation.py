"""Normalisation, scaling and softmax."""

from __future__ import annotations

import numpy as np

from ..layer import Layer
from ..registry import layer


@layer("batchnorm")
def batchnorm(layer: Layer) -> None:
    """Over channels, axis -3, with stored statistics or those of the input itself."""
    layer.count(1)
    layer.at_least(3)
    p = layer.p
    channels, epsilon = int(p.channels), p.epsilon or 1e-5
    names = ("gamma", "beta") if p.computeMeanVar else ("mean", "variance", "gamma", "beta")
    parts = [layer.const(layer.weight(name, (channels,)).reshape(-1, 1, 1), name) for name in names]
    if not p.computeMeanVar:
        p.ignore("instanceNormalization")
        layer.give(layer.emit("batch_norm", layer.x, *parts, epsilon=epsilon))
        return
    p.ignore("mean", "variance")
    over = (
        (-2, -1) if p.instanceNormalization else tuple(axis for axis in range(-layer.rank(), 0) if axis != -3)
    )
    layer.give(layer.emit("layer_norm", layer.x, *parts, axes=over, epsilon=epsilon))


@layer("mvn")
def mean_variance(layer: Layer) -> None:
    """Mean, and variance if asked for, over height and width, or over channels too."""
    layer.count(1)
    layer.at_least(3)
    p = layer.p
    over = (-3, -2, -1) if p.acrossChannels else (-2, -1)
    if p.normalizeVariance:
        layer.give(layer.emit("layer_norm", layer.x, axes=over, epsilon=p.epsilon or 1e-6))
        return
    p.ignore("epsilon")
    mean = layer.emit("reduce_mean", layer.x, axes=over, keepdims=True)
    layer.give(layer.emit("sub", layer.x, mean))


@layer("l2normalize")
def l2_normalize(layer: Layer) -> None:
    """Over channel, height and width."""
    layer.count(1)
    layer.at_least(3)
    layer.give(layer.emit("l2_normalize", layer.x, axes=(-3, -2, -1), epsilon=layer.p.epsilon or 1e-6))


@layer("lrn")
def local_response(layer: Layer) -> None:
    """Over neighbouring channels."""
    layer.count(1)
    layer.at_least(3)
    p = layer.p
    size = int(p.localSize)
    if not 1 <= size < 1 << 31:
        raise layer.error("localSize cannot be", found=size, expected="at least 1")
    layer.give(
        layer.emit(
            "local_response_norm", layer.x, size=size, alpha=p.alpha, beta=p.beta, k=p.k or 1.0, axis=-3
        )
    )


@layer("layerNormalization")
def layer_normalization(layer: Layer) -> None:
    """Over the last axes, as many as the normalised shape has."""
    layer.count(1)
    p, shape = layer.p, layer.sizes("normalizedShape", least=1)
    layer.at_least(len(shape))
    gamma, beta = (layer.const(layer.weight(name, shape), name) for name in ("gamma", "beta"))
    axes = tuple(range(-len(shape), 0))
    layer.give(layer.emit("layer_norm", layer.x, gamma, beta, axes=axes, epsilon=p.eps))


@layer("softmax", "softmaxND")
def softmax(layer: Layer) -> None:
    """Over channels, axis -3, or over any axis."""
    layer.count(1)
    if layer.kind == "softmax":
        layer.at_least(3)
        layer.give(layer.emit("softmax", layer.x, axis=-3))
        return
    layer.give(layer.emit("softmax", layer.x, axis=int(layer.p.axis)))


@layer("scale", "bias")
def scale(layer: Layer) -> None:
    """A factor and a term of shape [1], [C], [1, H, W] or [C, H, W]."""
    layer.count(1)
    layer.at_least(3)
    y, p = layer.x, layer.p
    if layer.kind == "scale":
        y = layer.emit("mul", y, _shaped(layer, "scale", "shapeScale"))
        if p.hasBias:
            y = layer.emit("add", y, _shaped(layer, "bias", "shapeBias"))
        else:
            p.ignore("shapeBias")
    else:
        y = layer.emit("add", y, _shaped(layer, "bias", "shape"))
    layer.give(y)


def _shaped(layer: Layer, name: str, shape_name: str) -> str:
    shape = layer.sizes(shape_name, least=1)
    if len(shape) not in (1, 3):
        raise layer.error(f"{shape_name} cannot be", found=shape, expected="[1], [C], [1, H, W] or [C, H, W]")
    values = layer.weight(name, shape)
    return layer.const(np.reshape(values, (-1, 1, 1)) if len(shape) == 1 else values, name)
