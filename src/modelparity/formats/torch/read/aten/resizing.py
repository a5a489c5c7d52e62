"""Images of another size."""

from __future__ import annotations

from typing import Any

from torch import fx

from ..call import Call, reads


@reads(
    "aten.upsample_nearest1d",
    "aten.upsample_nearest2d",
    "aten.upsample_nearest3d",
    "aten.upsample_linear1d",
    "aten.upsample_bilinear2d",
    *(f"aten._upsample_nearest_exact{n}d" for n in (1, 2, 3)),
)
def upsample(c: Call) -> str:
    """To sizes, or by factors; pixels are squares unless corners are aligned.

    With factors PyTorch lays the points by the factor, which is the ratio of the sizes only if that is whole.
    """
    spatial = int(c.op.split(".")[1][-2])
    source = "input" if "input" in c.args else "self"
    x, rank = c.tensor(source), c.rank(source)
    axes = tuple(range(rank - spatial, rank))
    nearest, exact = "nearest" in c.op, "nearest_exact" in c.op
    grid = "align_corners" if c.get("align_corners") else "half_pixel"
    if nearest and not exact:
        grid = "asymmetric"
    settings: dict[str, Any] = {"axes": axes, "mode": "nearest" if nearest else "linear", "grid": grid}
    if exact:
        settings["rounding"] = "half_up"
    factors = c.get("scale_factors")
    if factors is not None:
        if any(float(one) != int(one) for one in factors):
            raise c.error("factors that are not whole are not read", found=factors, fix="give sizes instead")
        return c.give("resize", [x], scales=tuple(float(one) for one in factors), **settings)
    sizes = list(c["output_size"])
    if any(isinstance(one, fx.Node) for one in sizes):
        return c.give("resize", [x, c.shape_tensor(sizes)], **settings)
    return c.give("resize", [x], sizes=tuple(int(one) for one in sizes), **settings)


@reads("aten.grid_sampler_2d", "aten.grid_sampler")
def grid_sample(c: Call) -> str:
    """An image read at coordinates."""
    modes, paddings = {0: "bilinear", 1: "nearest"}, {0: "constant", 1: "edge"}
    mode, padding = int(c["interpolation_mode"]), int(c["padding_mode"])
    align = bool(c["align_corners"])
    if mode not in modes:
        raise c.error("this interpolation is not read", found=mode, expected="bilinear or nearest")
    name = paddings.get(padding, "reflect" if align else "symmetric")
    return c.give(
        "grid_sample",
        [c.tensor("input"), c.tensor("grid")],
        mode=modes[mode],
        padding=name,
        align_corners=align,
    )
