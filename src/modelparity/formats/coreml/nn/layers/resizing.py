"""Padding, cropping and resampling of height and width."""

from __future__ import annotations

import math

from ..layer import Op
from ..registry import reads
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


@reads("padding")
def padding(op: Op) -> None:
    """A border of a constant, of reflections or of the edge."""
    op.expects(1)
    op.at_least(2)
    rank = op.rank()
    kind = op.p.which("PaddingType")
    if not kind:
        raise op.error("no padding type is given", expected=", ".join(_PADDED))
    pairs = ((0, 0),) * (rank - 2) + border_pairs(op, op.attr("paddingAmounts"))
    before, after = zip(*pairs, strict=True)
    value = op.attr("constant").value if kind == "constant" else 0.0
    op.give("pad", [op.input(0)], before=before, after=after, value=value, mode=_PADDED[kind])


@reads("constantPad")
def constant_pad(op: Op) -> None:
    """Any axes longer, by amounts or up to sizes, which a second input may give."""
    op.expects((1, 2))
    rank = op.rank()
    value, upto = op.attr("value"), op.attr("padToGivenOutputSizeMode", kind=bool)
    if op.count == 2:
        op.ignore("padAmounts")
        amounts = op.whole(op.input(1))
        op.give("pad_dynamic", [op.input(0), amounts], value=value, to_size=upto)
        return
    stated = [int(n) for n in op.attr("padAmounts")]
    if len(stated) != 2 * rank or max(stated) >= 1 << 31:
        raise op.error("padAmounts is not valid", found=tuple(stated), expected=f"{2 * rank} numbers")
    if upto:
        op.give("pad_dynamic", [op.input(0), op.constant(stated, "amounts")], value=value, to_size=True)
        return
    op.give("pad", [op.input(0)], before=tuple(stated[::2]), after=tuple(stated[1::2]), value=value)


@reads("crop")
def crop(op: Op) -> None:
    """A border away, or the size of a second input from an offset on."""
    op.expects((1, 2))
    op.at_least(3)
    if op.count == 2:
        op.ignore("cropAmounts")
        op.give("crop_like", op.inputs(), offset=op.p.numbers("offset", 2, 0, least=0))
        return
    op.ignore("offset")
    pairs = border_pairs(op, op.attr("cropAmounts"))
    starts = tuple(start for start, _ in pairs)
    ends = tuple(-end if end else None for _, end in pairs)
    op.give("slice", [op.input(0)], starts=starts, ends=ends, axes=(-2, -1))


@reads("upsample")
def upsample(op: Op) -> None:
    """Height and width several times as long: nearest or bilinear."""
    op.expects(1)
    op.at_least(3)
    mode, linear = op.attr("mode"), op.attr("linearUpsampleMode")
    fractional = tuple(op.attr("fractionalScalingFactor"))
    if fractional and op.attr("scalingFactor"):
        raise op.error("scalingFactor and fractionalScalingFactor are both given")
    scales = fractional or op.p.numbers("scalingFactor", 2)
    if len(scales) != 2 or not all(math.isfinite(s) and 0 < s < 1 << 16 for s in scales):
        raise op.error("scaling factors are not valid", found=scales, expected="2 positive numbers")
    if mode == "NN":
        if linear != "DEFAULT":
            raise op.error("linearUpsampleMode is for bilinear interpolation only", found=linear)
        op.give("resize", [op.input(0)], axes=(-2, -1), scales=scales, mode="nearest", grid="asymmetric")
        return
    op.give("resize", [op.input(0)], axes=(-2, -1), scales=scales, mode="linear", grid=_LINEAR[linear])


@reads("resizeBilinear")
def resize_bilinear(op: Op) -> None:
    """Height and width to given sizes."""
    op.expects(1)
    op.at_least(3)
    sizes, grid = op.p.numbers("targetSize", 2), _GRIDS[op.attr("mode").choice("samplingMethod")]
    op.give("resize", [op.input(0)], axes=(-2, -1), sizes=sizes, mode="linear", grid=grid)


@reads("cropResize")
def crop_resize(op: Op) -> None:
    """Boxes of an image, each resized. Boxes (box, 1, 4 or 5, 1, 1); the fifth number comes first: the image."""
    op.expects(2)
    image, boxes = op.inputs()
    if op.rank_of(image) != 5 or op.rank_of(boxes) != 5:
        raise op.error(
            "rank of the inputs does not fit", found=(op.rank_of(image), op.rank_of(boxes)), expected=5
        )
    corners = op.attr("boxIndicesMode").choice("boxMode")
    op.give(
        "crop_resize_boxes",
        [op.temp("squeeze", [image], axes=(0,), rank=4), op.temp("squeeze", [boxes], axes=(1, 3, 4), rank=2)],
        size=op.p.numbers("targetSize", 2),
        grid=_GRIDS[op.attr("mode").choice("samplingMethod")],
        normalized=op.attr("normalizedCoordinates", kind=bool),
        scale=op.attr("spatialScale") or 1.0,
        corners="corners" if corners.startswith("CORNERS") else "center_size",
        width_first=corners.endswith("WIDTH_FIRST"),
        rank=5,
    )
