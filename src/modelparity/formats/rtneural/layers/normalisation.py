"""Batch normalisation with stored statistics."""

from __future__ import annotations

import numpy as np

from ....graph import Array
from ..layer_registry import Layer, no_activation, reach, reads, same_width


@reads("batchnorm")
def batchnorm(layer: Layer) -> None:
    """y = gamma / sqrt(variance + epsilon) (x - mean) + beta; [gamma, beta,] mean, variance [n]."""
    same_width(layer)
    no_activation(layer)
    arrays, epsilon = _statistics(layer, layer.width)
    layer.builder.flat(layer.name, layer.origin)
    layer.builder.node(f"{layer.name}_norm", "batch_norm", layer.origin, dict(arrays), epsilon=epsilon)


@reads("batchnorm2d")
def batchnorm2d(layer: Layer) -> None:
    """The same, one statistic a filter; frames are (feature, filter)."""
    no_activation(layer)
    filters, features = layer.fields.scalar("num_filters_in"), layer.fields.scalar("num_features_in")
    if filters * features != layer.width:
        layer.fields.silent(
            "shape-ignored",
            "shape",
            "RTNeural takes the width of a batchnorm2d from its filters and features",
            found=layer.width,
            expected=filters * features,
        )
        layer.width = filters * features
    arrays, epsilon = _statistics(layer, filters)
    reach(layer, layer.width)
    layer.builder.as_image(layer.name, layer.origin, features, filters)
    layer.builder.node(f"{layer.name}_norm", "batch_norm", layer.origin, dict(arrays), epsilon=epsilon)


def _statistics(layer: Layer, size: int) -> tuple[dict[str, Array | None], float]:
    epsilon = layer.fields.number("epsilon")
    weights, count = layer.weights, len(layer.weights)
    if count not in (2, 4):
        why = (
            "fewer than two, and RTNeural throws"
            if count < 2
            else "RTNeural takes the first two for mean, variance"
        )
        text = f"a batch normalisation has 2 or 4 arrays: {why}"
        fix = "write gamma, beta, mean, variance, or mean, variance if there is no scale: ones and zeros may stand in"
        if count < 2:
            raise layer.fields.fail(
                "batchnorm-arrays", "weights", text, found=count, expected="2 or 4", fix=fix
            )
        layer.fields.silent("batchnorm-arrays", "weights", text, found=count, expected="2 or 4", fix=fix)
    roles = ("gamma", "beta", "mean", "variance") if count == 4 else ("mean", "variance")
    fill = {"gamma": 1.0, "beta": 0.0, "mean": 0.0, "variance": 1.0}
    found: dict[str, Array | None] = {
        role: weights.vector(index, size, role=role, short=fill[role], long=False)
        for index, role in enumerate(roles)
    }
    variance = found["variance"]
    assert variance is not None
    if (np.asarray(variance) + epsilon <= 0).any():
        layer.fields.silent(
            "variance-not-positive",
            weights.key(roles.index("variance")),
            "variance + epsilon is not positive: RTNeural computes NaN or infinity",
            found=f"smallest variance {float(variance.min()):g}, epsilon {epsilon:g}",
            expected="positive",
        )
    return {role: found.get(role) for role in ("mean", "variance", "gamma", "beta")}, epsilon
