"""Images and volumes sampled anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....ops._sizes import bounded
from .....ops.resample import positions
from ....reading.translating import known_as
from ..node import Op, reads

GRIDS = {"half_pixel": "half_pixel", "align_corners": "align_corners", "asymmetric": "asymmetric"}


@reads("Upsample")
def upsample(op: Op) -> None:
    """Axes made longer by factors"""
    if op.version < 9:
        factors = np.array(op.attr("scales"), np.float32)
        scales = op.constant(factors, "scales")
    else:
        scales = op.input(1)
    mode = op.choice("mode", {"nearest": "nearest", "linear": "linear", "bilinear": "linear"}, "nearest")
    op.give("resample", [op.input(0), "", scales], mode=mode, grid="asymmetric", nearest="floor")


@reads("Resize")
def resize(op: Op) -> None:
    """Axes sampled anew, by factors or to sizes"""
    attrs: dict[str, Any] = {"mode": op.choice("mode", known_as("nearest", "linear", "cubic"), "nearest")}
    if op.version < 11:
        op.give("resample", [op.input(0), "", op.input(1)], grid="asymmetric", nearest="floor", **attrs)
        return
    attrs["grid"] = op.attr("coordinate_transformation_mode", "half_pixel")
    attrs["nearest"] = op.attr("nearest_mode", "round_prefer_floor")
    attrs["cubic"] = op.attr("cubic_coeff_a", -0.75)
    attrs["exclude_outside"] = op.attr("exclude_outside", False, bool)
    attrs["extrapolation"] = op.attr("extrapolation_value", 0.0)
    attrs["antialias"] = op.attr("antialias", False, bool)
    attrs["policy"] = op.attr("keep_aspect_ratio_policy", "stretch")
    axes = op.attr("axes", None)
    if axes is not None:
        attrs["axes"] = tuple(axes)
    if attrs["grid"] == "tf_half_pixel_for_nn":  # of opset 11 alone
        raise op.error("the grid tf_half_pixel_for_nn", fix="convert the model to opset 13 or later")
    if not _plainly(op, attrs, axes):
        op.give(
            "resample",
            [op.input(0), *(op.input(k) if op.has(k) and _any(op, k) else "" for k in (1, 2, 3))],
            **attrs,
        )


def _any(op: Op, place: int) -> bool:
    """An input that is there, and has elements."""
    return op.kind(place).shape != (0,)


def _plainly(op: Op, attrs: dict[str, Any], axes: Any) -> bool:
    """Say it as the simpler `resize`, which other formats know too, where that is the same."""
    shape = op.kind(0).shape
    special = attrs["antialias"] or attrs["exclude_outside"] or attrs["policy"] != "stretch"
    if (
        attrs["mode"] == "cubic"
        or special
        or attrs["grid"] not in GRIDS
        or shape is None
        or not op.is_float()
    ):
        return False
    over = list(range(len(shape))) if axes is None else [op.axis(axis) for axis in axes]
    olds = [shape[axis] for axis in over]
    if not all(isinstance(n, int) and n > 0 for n in olds):
        return False
    sizes = op.known(3) if op.has(3) and _any(op, 3) else None
    scales = op.known(2) if op.has(2) and _any(op, 2) else None
    if sizes is not None:
        news = [int(n) for n in sizes.reshape(-1)]
    elif scales is not None:
        exact = [
            float(np.float32(n or 0) * np.float32(f)) for n, f in zip(olds, scales.reshape(-1), strict=False)
        ]
        if not all(n.is_integer() for n in exact):
            return False
        news = [int(n) for n in exact]
    else:
        return False
    if len(news) != len(over) or min(news) < 1:
        return False
    bounded(*news)
    pairs = [
        (axis, int(old or 0), new) for axis, old, new in zip(over, olds, news, strict=True) if old != new
    ]
    rounding = {"floor": "floor", "round_prefer_ceil": "half_up"}.get(attrs["nearest"])
    if attrs["mode"] == "nearest" and attrs["nearest"] == "round_prefer_floor":
        ties = any(
            (np.abs(np.mod(positions(old, new, new / old, attrs["grid"]), 1) - 0.5) < 1e-6).any()
            for _, old, new in pairs
        )
        rounding = None if ties else "half_up"
    if attrs["mode"] == "nearest" and rounding is None:
        return False
    if not pairs:
        op.give("identity", [op.input(0)])
        return True
    op.give(
        "resize",
        [op.input(0)],
        axes=tuple(axis for axis, _, _ in pairs),
        sizes=tuple(new for _, _, new in pairs),
        mode=attrs["mode"],
        grid=GRIDS[attrs["grid"]],
        rounding=rounding or "floor",
    )
    return True


@reads("GridSample")
def grid_sample(op: Op) -> None:
    """y = x read at points"""
    names = {
        "bilinear": "linear",
        "bicubic": "cubic",
        "linear": "linear",
        "cubic": "cubic",
        "nearest": "nearest",
    }
    mode = op.choice("mode", names, "linear" if op.version >= 20 else "bilinear")
    align = op.attr("align_corners", False, bool)
    if mode == "cubic" or op.rank() != 4:
        padding = op.attr("padding_mode", "zeros")
        op.give("sample_at", op.inputs(0, 1), mode=mode, padding=padding, align_corners=align)
        return
    pads = {"zeros": "constant", "border": "edge", "reflection": "reflect" if align else "symmetric"}
    mode, padding = "bilinear" if mode == "linear" else mode, op.choice("padding_mode", pads, "zeros")
    op.give("grid_sample", op.inputs(0, 1), mode=mode, padding=padding, align_corners=align)


@reads("AffineGrid")
def affine_grid(op: Op) -> None:
    """y = where the pixels of an image or a volume lie after a linear map"""
    op.give("affine_points", op.inputs(0, 1), align_corners=op.attr("align_corners", False, bool))
