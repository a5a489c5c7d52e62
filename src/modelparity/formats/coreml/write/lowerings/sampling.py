"""Transposed convolution, images sampled anew, and pooling to a wanted size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....engine.bound_node import Call
from ....layouts import first
from ....writing.attributes import channel_bias, cut_off, per_axis
from ...proto import module
from ..builder import Builder, refusal
from ..layers import Layers, fills
from ..lowering import lowers
from ..values import Value


@lowers("conv_transpose")
def conv_transpose(b: Builder, c: Call) -> None:
    """conv_transpose; zeros behind its result, which have the bias too, are padded."""
    weight = b.weight(c, "weight")
    n, (y,) = weight.ndim - 2, c.node.outputs
    before, after = cut_off(b, c)
    bias = channel_bias(b.constant(c, "bias"), weight.shape[-1] * int(c.attrs["groups"]))
    given: dict[str, Any] = {
        "x": b.get(c.tensors["x"], first(n)),
        "weight": b.initial(c.tensors["weight"], weight.transpose(n, n + 1, *range(n))),
        "pad": tuple(max(0, width) for pair in zip(before, after, strict=True) for width in pair),
        "pad_type": "custom",
        "strides": per_axis(c, "strides", n),
        "dilations": per_axis(c, "dilations", n),
        "groups": int(c.attrs["groups"]),
    }
    if min(after) >= 0:
        if bias is not None:
            given["bias"] = b.initial(c.tensors["bias"], bias)
        b.result(y, "conv_transpose", form=first(n), **given)
        return
    wide = b.shape(y, first(n))
    less = tuple(size if size is None else size + min(0, a) for size, a in zip(wide[2:], after, strict=True))
    value = b.block.op("conv_transpose", sized=(*wide[:2], *less), **given)
    pads = tuple(width for a in after for width in (0, max(0, -a)))
    settings: dict[str, Any] = {"pad": pads, "mode": "constant", "constant_val": 0.0}
    if bias is None:
        b.result(y, "pad", form=first(n), x=value, **settings)
        return
    padded = b.block.op("pad", x=value, sized=wide, **settings)
    own = b.initial(c.tensors["bias"], bias.reshape(-1, *(1,) * n))
    b.result(y, "add", form=first(n), x=padded, y=own)


#: Grids as MIL's sampling modes, and as the layer's.
GRIDS = {
    "asymmetric": ("DEFAULT", "UPSAMPLE_MODE"),
    "align_corners": ("STRICT_ALIGN_CORNERS", "STRICT_ALIGN_ENDPOINTS_MODE"),
    "align_corners_or_center": ("ALIGN_CORNERS", "ALIGN_ENDPOINTS_MODE"),
    "half_pixel": ("UNALIGN_CORNERS", None),
    "offset_corners": ("OFFSET_CORNERS", "ROI_ALIGN_MODE"),
}


@lowers("resize")
def resize(b: Builder, c: Call) -> None:
    """resize_bilinear of the last two axes; pixels repeated, or the nearest to the middle of a new one."""
    x, (y,), a = b.get(c.tensors["x"]), c.node.outputs, c.attrs
    over = tuple(sorted(int(axis) % x.rank for axis in a["axes"]))
    sizes = b.shape(y)[-2:]
    if over != (x.rank - 2, x.rank - 1) or x.rank < 3 or None in sizes:
        raise refusal(c, "MIL samples the last two axes of at least three, to sizes that are known")
    height, width = (int(n or 0) for n in sizes)
    way = (a["grid"], a["rounding"])
    if a["mode"] == "linear":
        settings: dict[str, Any] = {"target_size_height": height, "target_size_width": width}
        b.result(y, "resize_bilinear", x=x, sampling_mode=GRIDS[a["grid"]][0], **settings)
    elif way == ("half_pixel", "half_up"):
        b.result(y, "resize_nearest_neighbor", x=x, target_size_height=height, target_size_width=width)
    elif way == ("asymmetric", "floor") and not any(
        old is None or new % old for old, new in zip(x.shape[-2:], (height, width), strict=True)
    ):
        times = [new // int(old or 1) for old, new in zip(x.shape[-2:], (height, width), strict=True)]
        settings = {"scale_factor_height": times[0], "scale_factor_width": times[1]}
        b.result(y, "upsample_nearest_neighbor", x=x, **settings)
    else:
        raise refusal(c, "MIL samples no nearest elements in this way", found=", ".join(way))


@lowers("adaptive_average_pool")
def adaptive_average_pool(b: Builder, c: Call) -> None:
    """The mean over all; other sizes have no windows that MIL knows."""
    x, (y,) = b.get(c.tensors["x"]), c.node.outputs
    if set(c.attrs["sizes"]) != {1}:
        raise refusal(c, "MIL samples no windows of different sizes")
    over = tuple(range(x.rank - 1 - len(c.attrs["sizes"]), x.rank - 1))
    b.result(y, "reduce_mean", x=x, axes=over, keep_dims=True)


@fills("resize_bilinear")
def resize_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """resizeBilinear; half pixels have a layer only where sizes are multiples."""
    sizes = (p["target_size_height"], p["target_size_width"])
    method = dict(GRIDS.values())[p["sampling_mode"]]
    if method is not None:
        layer.resizeBilinear.targetSize.extend(sizes)
        kind = module("NeuralNetwork").SamplingMode
        layer.resizeBilinear.mode.samplingMethod = kind.Method.Value(method)
        return [b.name(p["x"])]
    times = _times(p["x"], sizes, b)
    kind = module("NeuralNetwork").UpsampleLayerParams
    layer.upsample.scalingFactor.extend(times)
    layer.upsample.mode = kind.InterpolationMode.Value("BILINEAR")
    layer.upsample.linearUpsampleMode = kind.LinearUpsampleMode.Value("ALIGN_CORNERS_FALSE")
    return [b.name(p["x"])]


@fills("upsample_nearest_neighbor")
def upsample_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """upsample, of every pixel."""
    layer.upsample.scalingFactor.extend((p["scale_factor_height"], p["scale_factor_width"]))
    return [b.name(p["x"])]


def _times(x: Value, sizes: Sequence[int], b: Layers) -> list[int]:
    if any(old is None or new % old for old, new in zip(x.shape[-2:], sizes, strict=True)):
        raise b.refusal("a layer makes images only so many times as large")
    return [new // int(old or 1) for old, new in zip(x.shape[-2:], sizes, strict=True)]
