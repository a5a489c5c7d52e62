"""Images in another size, cropped, and sampled at coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..operators import Op, reads

#: MIL's sampling modes as grids of `resize`.
GRIDS = {
    "DEFAULT": "asymmetric",
    "STRICT_ALIGN_CORNERS": "align_corners",
    "ALIGN_CORNERS": "align_corners_or_center",
    "UNALIGN_CORNERS": "half_pixel",
    "OFFSET_CORNERS": "offset_corners",
}
BOXES = {
    "CORNERS_HEIGHT_FIRST": ("corners", False),
    "CORNERS_WIDTH_FIRST": ("corners", True),
    "CENTER_SIZE_HEIGHT_FIRST": ("center_size", False),
    "CENTER_SIZE_WIDTH_FIRST": ("center_size", True),
}
#: The nearest pixel of one over which the middle of the new one lies: what resizing to a size means by nearest.
NEAREST: dict[str, Any] = {"mode": "nearest", "grid": "half_pixel", "rounding": "half_up"}
PADDINGS = {"constant": "constant", "border": "edge", "reflection": "reflect", "symmetric": "symmetric"}
COORDINATES = {
    "unnormalized": "pixels",
    "normalized_minus_one_to_one": "minus_one_to_one",
    "normalized_zero_to_one": "zero_to_one",
}


@reads("upsample_nearest_neighbor")
def upsample_nearest_neighbor(op: Op) -> None:
    """y = x with every pixel repeated"""
    _upsample(op, mode="nearest", grid="asymmetric")


@reads("upsample_bilinear")
def upsample_bilinear(op: Op) -> None:
    """y = x interpolated linearly"""
    aligned = op.attr("align_corners", True, bool)
    half = bool(op.attr("half_pixel_centers", not aligned))
    if aligned and half:
        raise op.error("align_corners and half_pixel_centers exclude each other")
    _upsample(op, grid="align_corners" if aligned else "half_pixel" if half else "asymmetric")


def _upsample(op: Op, **attrs: Any) -> None:
    """The size is the old one times a factor, rounded down; as declared, where it is known."""
    factors = (op.attr("scale_factor_height", 1, float), op.attr("scale_factor_width", 1, float))
    sizes = op.out.shape[-2:]
    if None in sizes:
        op.give("resize", [op.input("x")], axes=(-2, -1), scales=factors, **attrs)
        return
    expected = tuple(
        None if n is None else int(np.floor(np.float32(n) * np.float32(factor)))
        for n, factor in zip(op.shape("x")[-2:], factors, strict=True)
    )
    if any(given not in (None, size) for given, size in zip(expected, sizes, strict=True)):
        raise op.error("the output is not declared as the factors make it", found=sizes, expected=expected)
    op.give("resize", [op.input("x")], axes=(-2, -1), sizes=sizes, **attrs)


@reads("resize_nearest_neighbor")
def resize_nearest_neighbor(op: Op) -> None:
    """y = the nearest pixels of x, in a given size"""
    sizes = (op.attr("target_size_height"), op.attr("target_size_width"))
    op.give("resize", [op.input("x")], axes=(-2, -1), sizes=sizes, **NEAREST)


@reads("resize_bilinear")
def resize_bilinear(op: Op) -> None:
    """y = x interpolated linearly, in a given size"""
    sizes = (op.attr("target_size_height", 1), op.attr("target_size_width", 1))
    grid = op.choice("sampling_mode", GRIDS, "DEFAULT")
    op.give("resize", [op.input("x")], axes=(-2, -1), sizes=sizes, grid=grid)


@reads("resize")
def resize(op: Op) -> None:
    """y = x with its last ``resized_dims`` axes in the sizes that end ``shape``; 0 keeps one"""
    count, grid = op.attr("resized_dims"), op.choice("sampling_mode", GRIDS, "DEFAULT")
    attrs: dict[str, Any] = {"axes": tuple(range(-count, 0))}
    if op.choice("interpolation_mode", {"LINEAR": False, "NEAREST_NEIGHBOR": True}, "LINEAR"):
        attrs |= NEAREST
        if grid not in ("asymmetric", "half_pixel"):
            attrs["grid"] = grid
    else:
        attrs["grid"] = grid
    known = op.known("shape")
    if known is not None:
        sizes = tuple(int(n) for n in known.reshape(-1))
        if not 0 <= count <= len(sizes) <= op.rank("x"):
            raise op.error("sizes do not fit", found=sizes, expected=f"{count} to {op.rank('x')} of them")
        op.give("resize", [op.input("x")], sizes=sizes[len(sizes) - count :], **attrs)
        return
    last = {"starts": (-count,), "ends": (None,), "axes": (0,)}
    shape = op.temp("slice", [op.input("shape")], dtype=op.dtype("shape"), **last)
    op.give("resize", [op.input("x"), shape], **attrs)


@reads("crop")
def crop(op: Op) -> None:
    """y = x without its first and last rows and columns"""
    amounts = [np.asarray(op.attr(name)).reshape(-1).tolist() for name in ("crop_height", "crop_width")]
    if any(len(pair) != 2 or min(pair) < 0 for pair in amounts):
        raise op.error("crops do not fit", found=amounts, expected="two amounts each, not negative")
    starts, ends = tuple(pair[0] for pair in amounts), tuple(-pair[1] or None for pair in amounts)
    op.give("slice", [op.input("x")], starts=starts, ends=ends, axes=(-2, -1))


@reads("crop_resize")
def crop_resize(op: Op) -> None:
    """y = boxes of x, each resized; until iOS 16 boxes are (box, 1, 4 or 5, 1, 1), the fifth being their image"""
    corners, width_first = op.choice("box_coordinate_mode", BOXES, "CORNERS_HEIGHT_FIRST")
    attrs: dict[str, Any] = {
        "size": (op.attr("target_height", 1), op.attr("target_width", 1)),
        "grid": op.choice("sampling_mode", GRIDS, "DEFAULT"),
        "normalized": op.attr("normalized_coordinates", False, bool),
        "scale": op.attr("spatial_scale", 1.0, float),
        "value": op.attr("pad_value", 0.0, float),
        "corners": corners,
        "width_first": width_first,
    }
    x = op.input("x")
    if not op.has("roi"):
        boxes = op.input("boxes")
        count = op.shape("boxes")[0]
        if op.has("box_indices"):
            images = op.input("box_indices")
        elif count is not None:
            images = op.constant(np.arange(count, dtype=np.int32), "box_indices")
        else:
            raise op.error("how many boxes there are must be known where 'box_indices' is left out")
        op.give("crop_resize", [x, boxes, images], **attrs)
        return
    roi = op.input("roi")
    entries = op.shape("roi")[2] if op.rank("roi") == 5 else None
    if entries not in (4, 5):
        raise op.error("'roi' does not fit", found=op.shape("roi"), expected="(box, 1, 4 or 5, 1, 1)")
    boxes = op.temp("reshape", [roi], shape=(-1, entries))
    if entries == 4:
        op.give("crop_resize", [x, boxes], **attrs)
        return
    column = op.temp("slice", [boxes], starts=(0,), ends=(1,), axes=(1,))
    images = op.temp("cast", [op.temp("squeeze", [column], axes=(1,))], dtype="int32", to="int32")
    boxes = op.temp("slice", [boxes], starts=(1,), ends=(None,), axes=(1,))
    cut = op.temp("crop_resize", [x, boxes, images], **attrs)
    op.give("expand_dims", [cut], axes=(1,))


@reads("resample")
def resample(op: Op) -> None:
    """y = x read at ``coordinates``"""
    op.give("grid_sample", op.inputs("x", "coordinates"), **_sampling(op))


def _sampling(op: Op) -> dict[str, Any]:
    """What `resample` and `affine` say in the same words."""
    return {
        "mode": op.choice("sampling_mode", {"bilinear": "bilinear", "nearest": "nearest"}),
        "padding": op.choice("padding_mode", PADDINGS),
        "value": op.attr("padding_value", kind=float),
        "normalized": op.choice("coordinates_mode", COORDINATES),
        "align_corners": bool(op.attr("align_corners")),
    }


@reads("affine")
def affine(op: Op) -> None:
    """y = x read at the coordinates that an affine map makes of those of y"""
    attrs, size = _sampling(op), (op.attr("output_height"), op.attr("output_width"))
    if attrs["normalized"] != "minus_one_to_one":
        raise op.error(
            "these coordinates are not defined", found=attrs["normalized"], expected="from -1 to 1"
        )
    matrix = op.input("transform_matrix")
    at = op.temp("affine_grid", [matrix], size=size, align_corners=attrs["align_corners"])
    op.give("grid_sample", [op.input("x"), at], **attrs)
