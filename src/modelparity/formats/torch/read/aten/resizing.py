"""Images of another size."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import fx

from ..aten_call import Op, reads


@reads(
    "aten.upsample_nearest1d",
    "aten.upsample_nearest2d",
    "aten.upsample_nearest3d",
    "aten.upsample_linear1d",
    "aten.upsample_bilinear2d",
    "aten._upsample_bilinear2d_aa",
    "aten._upsample_bicubic2d_aa",
    *(f"aten._upsample_nearest_exact{n}d" for n in (1, 2, 3)),
)
def upsample(op: Op) -> None:
    """To sizes, or by factors; pixels are squares unless corners are aligned.

    With factors PyTorch lays the points by the factor, which is the ratio of the sizes only if that is whole.
    """
    spatial = int(op.type.split(".")[1].removesuffix("_aa")[-2])
    source = "input" if "input" in op.args else "self"
    x, rank = op.input(source), op.rank(source)
    axes = tuple(range(rank - spatial, rank))
    nearest, exact = "nearest" in op.type, "nearest_exact" in op.type
    grid = "align_corners" if op.attr("align_corners", None) else "half_pixel"
    if nearest and not exact:
        grid = "asymmetric"
    settings: dict[str, Any] = {"axes": axes, "mode": "nearest" if nearest else "linear", "grid": grid}
    if exact:
        settings["rounding"] = "half_up"
    beside = [op.attr(name, None) for name in ("scales", "scales_d", "scales_h", "scales_w")]
    factors = op.attr("scale_factors", [one for one in beside if one is not None and grid != "align_corners"])
    smooth = op.type.split(".")[1].endswith("_aa")
    if smooth or any(float(one) != int(one) for one in factors):
        # What is smoothed is smoothed as PIL does: another cubic kernel, and nothing beyond the edge counts.
        kernel = {"mode": "cubic", "cubic": -0.5} if "bicubic" in op.type else {"mode": settings["mode"]}
        settings = {
            **kernel,
            "axes": axes,
            "grid": grid,
            "nearest": "round_prefer_ceil" if exact else "floor",
        }
        by = [op.constant(np.array([float(one) for one in factors]), "factors")]
        if factors:
            op.ignore("output_size")  # which follows from them
        else:
            by = ["", op.shape_tensor(list(op.attr("output_size")))]
        op.give("resample", [x, "", *by], antialias=smooth, exclude_outside=smooth, **settings)
        return
    if op.has("scale_factors"):
        op.give("resize", [x], scales=tuple(float(one) for one in factors), **settings)
        return
    sizes = list(op.attr("output_size"))
    if any(isinstance(one, fx.Node) for one in sizes):
        op.give("resize", [x, op.shape_tensor(sizes)], **settings)
        return
    op.give("resize", [x], sizes=tuple(int(one) for one in sizes), **settings)


@reads("aten.grid_sampler_2d", "aten.grid_sampler")
def grid_sample(op: Op) -> None:
    """An image read at coordinates."""
    modes, paddings = {0: "bilinear", 1: "nearest"}, {0: "constant", 1: "edge"}
    mode, padding = op.attr("interpolation_mode", kind=int), op.attr("padding_mode", kind=int)
    align = op.attr("align_corners", kind=bool)
    if mode not in modes:
        raise op.error("this interpolation is not read", found=mode, expected="bilinear or nearest")
    name = paddings.get(padding, "reflect" if align else "symmetric")
    op.give(
        "grid_sample",
        [op.input("input"), op.input("grid")],
        mode=modes[mode],
        padding=name,
        align_corners=align,
    )
