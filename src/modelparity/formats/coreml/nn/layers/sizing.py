"""Padding, cropping and resampling of height and width."""

from __future__ import annotations

import math

from ..layer import Layer
from ..registry import layer
from ._channels import border_pairs

#: How sampling points are laid, by the name of the mode.
_GRIDS = {
    "STRICT_ALIGN_ENDPOINTS_MODE": "align_corners",
    "ALIGN_ENDPOINTS_MODE": "align_corners_or_center",
    "UPSAMPLE_MODE": "asymmetric",
    "ROI_ALIGN_MODE": "offset_corners",
}
_LINEAR = {
    "DEFAULT": "asymmetric",
    "ALIGN_CORNERS_TRUE": "align_corners",
    "ALIGN_CORNERS_FALSE": "half_pixel",
}
_PADDED = {"constant": "constant", "reflection": "reflect", "replication": "edge"}


@layer("padding")
def padding(layer: Layer) -> None:
    """A border of a constant, of reflections or of the edge."""
    layer.count(1)
    layer.at_least(2)
    p, rank = layer.p, layer.rank()
    kind = p.which("PaddingType")
    if not kind:
        raise layer.error("no padding type is given", expected=", ".join(_PADDED))
    pairs = ((0, 0),) * (rank - 2) + border_pairs(layer, p.paddingAmounts)
    before, after = zip(*pairs, strict=True)
    value = p.constant.value if kind == "constant" else 0.0
    layer.give(layer.emit("pad", layer.x, before=before, after=after, value=value, mode=_PADDED[kind]))


@layer("constantPad")
def constant_pad(layer: Layer) -> None:
    """Any axes longer, by amounts or up to sizes, which a second input may give."""
    layer.count((1, 2))
    p, rank = layer.p, layer.rank()
    value, upto = p.value, bool(p.padToGivenOutputSizeMode)
    if len(layer.inputs) == 2:
        p.ignore("padAmounts")
        amounts = layer.whole(layer.inputs[1])
        layer.give(layer.emit("pad_dynamic", layer.x, amounts, value=value, to_size=upto))
        return
    stated = [int(n) for n in p.padAmounts]
    if len(stated) != 2 * rank or max(stated) >= 1 << 31:
        raise layer.error("padAmounts cannot be", found=tuple(stated), expected=f"{2 * rank} numbers")
    if upto:
        layer.give(
            layer.emit("pad_dynamic", layer.x, layer.const(stated, "amounts"), value=value, to_size=True)
        )
        return
    layer.give(layer.emit("pad", layer.x, before=tuple(stated[::2]), after=tuple(stated[1::2]), value=value))


@layer("crop")
def crop(layer: Layer) -> None:
    """A border away, or the size of a second input from an offset on."""
    layer.count((1, 2))
    layer.at_least(3)
    p = layer.p
    if len(layer.inputs) == 2:
        p.ignore("cropAmounts")
        layer.give(layer.emit("crop_like", *layer.inputs, offset=p.numbers("offset", 2, 0, least=0)))
        return
    p.ignore("offset")
    pairs = border_pairs(layer, p.cropAmounts)
    starts = tuple(start for start, _ in pairs)
    ends = tuple(-end if end else None for _, end in pairs)
    layer.give(layer.emit("slice", layer.x, starts=starts, ends=ends, axes=(-2, -1)))


@layer("upsample")
def upsample(layer: Layer) -> None:
    """Height and width several times as long: nearest or bilinear."""
    layer.count(1)
    layer.at_least(3)
    p = layer.p
    mode, linear = p.choice("mode"), p.choice("linearUpsampleMode")
    fractional = tuple(p.fractionalScalingFactor)
    if fractional and p.scalingFactor:
        raise layer.error("scalingFactor and fractionalScalingFactor are both given")
    scales = fractional or p.numbers("scalingFactor", 2)
    if len(scales) != 2 or not all(math.isfinite(s) and 0 < s < 1 << 16 for s in scales):
        raise layer.error("scaling factors cannot be", found=scales, expected="2 positive numbers")
    if mode == "NN":
        if linear != "DEFAULT":
            raise layer.error("linearUpsampleMode is for bilinear interpolation only", found=linear)
        layer.give(
            layer.emit("resize", layer.x, axes=(-2, -1), scales=scales, mode="nearest", grid="asymmetric")
        )
        return
    layer.give(
        layer.emit("resize", layer.x, axes=(-2, -1), scales=scales, mode="linear", grid=_LINEAR[linear])
    )


@layer("resizeBilinear")
def resize_bilinear(layer: Layer) -> None:
    """Height and width to given sizes."""
    layer.count(1)
    layer.at_least(3)
    sizes, grid = layer.p.numbers("targetSize", 2), _GRIDS[layer.p.mode.choice("samplingMethod")]
    layer.give(layer.emit("resize", layer.x, axes=(-2, -1), sizes=sizes, mode="linear", grid=grid))


@layer("cropResize")
def crop_resize(layer: Layer) -> None:
    """Boxes of an image, each resized. Boxes (box, 1, 4 or 5, 1, 1); the fifth number comes first: the image."""
    layer.count(2)
    p = layer.p
    image, boxes = layer.inputs
    if layer.rank(image) != 5 or layer.rank(boxes) != 5:
        raise layer.error(
            "rank of the inputs does not fit", found=(layer.rank(image), layer.rank(boxes)), expected=5
        )
    corners = p.boxIndicesMode.choice("boxMode")
    layer.give(
        layer.emit(
            "crop_resize_boxes",
            layer.emit("squeeze", image, axes=(0,), rank=4),
            layer.emit("squeeze", boxes, axes=(1, 3, 4), rank=2),
            size=p.numbers("targetSize", 2),
            grid=_GRIDS[p.mode.choice("samplingMethod")],
            normalized=bool(p.normalizedCoordinates),
            scale=p.spatialScale or 1.0,
            corners="corners" if corners.startswith("CORNERS") else "center_size",
            width_first=corners.endswith("WIDTH_FIRST"),
            rank=5,
        )
    )
