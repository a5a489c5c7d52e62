"""Convolution over time, and over time and feature. Both are causal: zeros stand before the first frame."""

from __future__ import annotations

from typing import Any

from ...reading.channels import same
from ..fields import Fields, shown
from ..layer_registry import Layer, activate, reach, reads, square

#: What RTNeural neither writes nor reads for a conv1d -> values that say no more than it does anyway.
UNREAD = {
    "strides": (1, [1]),
    "stride": (1, [1]),
    "padding": ("causal",),
    "pad": ("causal",),
    "data_format": ("channels_last",),
    "dilation_rate": (),
    "use_bias": (True,),
}


@reads("conv1d")
def conv1d(layer: Layer) -> None:
    """W [k][in / groups][out] and b [out]; y[t] = b + sum over i of W[i] x[t - (k - 1 - i) dilation]."""
    fields, builder = layer.fields, layer.builder
    builder.flat(layer.name, layer.origin)
    size, dilation, groups = fields.size("kernel_size"), fields.size("dilation"), fields.optional("groups", 1)
    _not_read(fields)
    width = builder.width
    if layer.width % groups or groups > width:
        raise fields.fail(
            "groups",
            "groups",
            f"{layer.width} outputs of {width} inputs do not split: RTNeural divides by zero or "
            "reads beyond its memory",
            found=groups,
            expected="a divisor of both",
        )
    inner = width // groups
    if width % groups:
        fields.silent(
            "groups",
            "groups",
            f"{width} inputs do not split: RTNeural drops the last {width % groups}",
            found=groups,
            expected=f"a divisor of {width}",
        )
    axes = ("taps", "inputs of a group", "outputs")
    kernel = layer.weights.block(0, (size, inner, layer.width), axes, role="kernel", inputs=1)
    layer.informative(kernel, 0, "kernel")
    square(layer, 0, kernel, "kernel of each tap")
    if size > 1:
        fields.undecidable(
            "kernel-order",
            "weights[0]",
            "the first tap is the oldest; whether an exporter reversed them does not show",
        )
    bias = layer.weights.vector(1, layer.width, role="bias")
    builder.narrow(layer.name, layer.origin, inner * groups)
    builder.node(
        f"{layer.name}_conv",
        "conv",
        layer.origin,
        {"kernel": kernel, "bias": bias},
        padding=(((size - 1) * dilation, 0),),
        dilations=(dilation,),
        groups=groups,
    )
    builder.width = layer.width
    activate(layer)


@reads("conv2d")
def conv2d(layer: Layer) -> None:
    """W [kt][kf][in][out] and b [out]; frames are (feature, filter), time is causal, the feature axis strided."""
    fields, builder = layer.fields, layer.builder
    time, feature = fields.size("kernel_size_time"), fields.size("kernel_size_feature")
    dilation, stride = fields.size("dilation"), fields.size("strides")
    filters, features = fields.size("num_filters_in"), fields.size("num_features_in")
    outer, padding = fields.size("num_filters_out"), fields.text("padding")
    if padding not in ("valid", "same"):
        fields.silent(
            "padding-unknown",
            "padding",
            "RTNeural takes whatever is not 'valid' for 'same'",
            found=padding,
            expected="valid or same",
        )
    valid = padding == "valid"
    out = -(-(features - feature + 1 if valid else features) // stride)
    if out < 1 or out * outer != layer.width:
        raise fields.fail(
            "conv2d-width",
            "shape",
            "the layer's width is not what its sizes give: RTNeural returns no model",
            found=layer.width,
            expected=f"{max(out, 0)} features x {outer} filters = {max(out, 0) * outer}",
        )
    before, after = (0, 0) if valid else same(features, feature, stride)
    if before and feature - before + (before - 1) // stride * stride > features:
        raise fields.fail(
            "conv2d-kernel",
            "kernel_size_feature",
            "the kernel is wider than the padded features: RTNeural reads beyond its memory",
            found=feature,
            expected=f"at most what {features} features hold",
        )
    axes = ("taps in time", "taps in feature", "input filters", "output filters")
    kernel = layer.weights.block(0, (time, feature, filters, outer), axes, role="kernel")
    layer.informative(kernel, 0, "kernel")
    bias = layer.weights.vector(1, outer, role="bias", short=0.0, long=False)
    reach(layer, filters * features)
    builder.as_image(layer.name, layer.origin, features, filters)
    builder.node(
        f"{layer.name}_conv",
        "conv",
        layer.origin,
        {"kernel": kernel, "bias": bias},
        strides=(1, stride),
        padding=(((time - 1) * dilation, 0), (before, after)),
        dilations=(dilation, 1),
    )
    builder.width, builder.image = layer.width, (out, outer)
    activate(layer)


def _not_read(fields: Fields) -> None:
    for key, harmless in UNREAD.items():
        if fields.has(key) and not any(_same(fields.values[key], value) for value in harmless):
            fields.silent(
                "field-ignored",
                key,
                f"RTNeural's conv1d does not look at {key!r}: it is causal, with stride 1",
                found=shown(fields.values[key]),
                expected=" or ".join(map(repr, harmless)) or "'dilation'",
                fix="train and export a causal convolution of stride 1",
            )


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
