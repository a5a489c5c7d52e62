"""Layers that see each frame on its own: dense ones, activations, PReLU."""

from __future__ import annotations

from ..fields import shown
from ..layer_registry import Layer, activate, no_activation, reads, same_width, square


@reads("dense", "time-distributed-dense")
def dense(layer: Layer) -> None:
    """y = x W + b; W [in][out], b [out] or none."""
    builder, weights = layer.builder, layer.weights
    builder.flat(layer.name, layer.origin)
    shape = (builder.width, layer.width)
    kernel = weights.block(0, shape, ("rows (inputs)", "columns (outputs)"), role="kernel", inputs=0)
    layer.informative(kernel, 0, "kernel")
    square(layer, 0, kernel, "kernel")
    bias = weights.vector(1, layer.width, role="bias") if len(weights) > 1 else None
    builder.node(f"{layer.name}_dense", "dense", layer.origin, {"kernel": kernel, "bias": bias})
    builder.width = layer.width
    activate(layer)


@reads("activation")
def activation(layer: Layer) -> None:
    """A layer that is nothing but its activation."""
    if not layer.fields.has("activation") or not layer.fields.text("activation"):
        layer.fields.silent(
            "activation-empty",
            "activation",
            "an activation layer without activation does nothing",
            found=shown(layer.fields.values.get("activation")),
            expected="tanh, relu, sigmoid, elu or softmax",
            fix="exporters leave out what RTNeural lacks, such as leaky ReLU or swish: look at the source",
        )
        return
    activate(layer)


@reads("prelu")
def prelu(layer: Layer) -> None:
    """y = x where x >= 0, else slope x; slopes [1][n], or [1][1] for all."""
    same_width(layer)
    no_activation(layer)
    builder, weights = layer.builder, layer.weights
    rows = weights.raw(0)
    if not rows or not isinstance(rows[0], list):
        raise layer.fields.fail(
            "nested-too-flat",
            "weights[0][0]",
            "the slopes are not a list in a list, and RTNeural throws",
            found=shown(rows[0]) if rows else "nothing",
            expected="[[slope, ...]]",
        )
    if len(rows) > 1:
        layer.fields.silent(
            "array-long",
            "weights[0]",
            "RTNeural reads the first row of slopes only",
            found=f"{len(rows)} rows",
            expected="1 row",
        )
    slopes = layer.weights.slopes(layer.width)
    builder.flat(layer.name, layer.origin)
    builder.node(f"{layer.name}_prelu", "prelu", layer.origin, {"slope": slopes})
