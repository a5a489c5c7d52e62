"""Images sampled anew, and pooling to a wanted size."""

from __future__ import annotations

from collections.abc import Sequence

from ....engine.bound_node import Call
from ..builder import Builder, refusal
from ..lowering import lowers

#: Grid -> ONNX's coordinate_transformation_mode.
_GRIDS = {
    "half_pixel": "half_pixel",
    "align_corners": "align_corners",
    "align_corners_or_center": "align_corners",
    "asymmetric": "asymmetric",
}


@lowers("resize")
def resize(b: Builder, c: Call) -> None:
    """Resize to sizes; the axes that are sampled anew go last, as runtimes want them."""
    x, a, rank = c.tensors["x"], c.attrs, b.rank(c.tensors["x"])
    over = [int(axis) % rank for axis in a["axes"]]
    news = _news(b, c, over)
    if a["grid"] not in _GRIDS or (a["grid"] == "align_corners_or_center" and 1 in news):
        raise refusal(c, f"ONNX lays no points by {a['grid']}")
    settings = {
        "mode": a["mode"],
        "coordinate_transformation_mode": _GRIDS[a["grid"]],
        "nearest_mode": "round_prefer_ceil" if a["rounding"] == "half_up" else "floor",
    }
    rest = [axis for axis in range(rank) if axis not in over]
    order = [*rest, *over]
    turned = order != list(range(rank))
    image = b.emit("Transpose", [b.get(x)], perm=order) if turned else b.get(x)
    inputs = [image, "", "", _sizes(b, image, [b.shapes[x][axis] for axis in rest], news)]
    if not turned:
        b.result(c.node.outputs[0], "Resize", inputs, **settings)
        return
    back = [order.index(axis) for axis in range(rank)]
    b.result(c.node.outputs[0], "Transpose", [b.emit("Resize", inputs, **settings)], perm=back)


def _news(b: Builder, c: Call, over: Sequence[int]) -> list[int]:
    """The new sizes along ``over``."""
    found = [b.shapes[c.node.outputs[0]][axis] for axis in over]
    if not all(isinstance(n, int) for n in found):
        raise refusal(c, "its sizes are known only when it runs")
    return [int(n) for n in found]


def _sizes(b: Builder, image: str, rest: Sequence[int | str], news: Sequence[int]) -> str:
    """All sizes as a vector: those that are known only when it runs are the image's own."""
    if all(isinstance(n, int) for n in rest):
        return b.ints(*map(int, rest), *news)
    parts = [
        b.ints(n) if isinstance(n, int) else b.emit("Shape", [image], start=at, end=at + 1)
        for at, n in enumerate(rest)
    ]
    return b.emit("Concat", [*parts, b.ints(*news)], axis=0)


@lowers("resample")
def resample(b: Builder, c: Call) -> None:
    """Resize has the same settings, but for those of later operator sets."""
    a = c.attrs
    if a["antialias"] or a["axes"] is not None or a["policy"] != "stretch":
        raise refusal(c, "a Resize of this opset has no antialias, axes or keep_aspect_ratio_policy")
    inputs = [b.get(c.tensors[key]) if key in c.tensors else "" for key in ("x", "roi", "scales", "sizes")]
    while not inputs[-1]:
        inputs.pop()
    b.result(
        c.node.outputs[0],
        "Resize",
        inputs,
        mode=a["mode"],
        coordinate_transformation_mode=a["grid"],
        nearest_mode=a["nearest"],
        cubic_coeff_a=float(a["cubic"]),
        exclude_outside=int(a["exclude_outside"]),
        extrapolation_value=float(a["extrapolation"]),
    )


@lowers("adaptive_average_pool")
def adaptive_average_pool(b: Builder, c: Call) -> None:
    """Means over all, or along one axis after another a mean of each window, side by side."""
    x, sizes, (y,) = c.tensors["x"], c.attrs["sizes"], c.node.outputs
    over = range(b.rank(x) - 1 - len(sizes), b.rank(x) - 1)
    if set(sizes) == {1}:
        b.result(y, "ReduceMean", [b.get(x)], axes=list(over), keepdims=1)
        return
    value = b.get(x)
    for axis, size in zip(over, sizes, strict=True):
        old = b.shapes[x][axis]
        if not isinstance(old, int):
            raise refusal(c, "its windows depend on a size that is known only when it runs")
        ends = [(k * old // size, -(-(k + 1) * old // size)) for k in range(size)]
        cuts = [b.emit("Slice", [value, b.ints(one), b.ints(two), b.ints(axis)]) for one, two in ends]
        means = [b.emit("ReduceMean", [cut], axes=[axis], keepdims=1) for cut in cuts]
        value = b.emit("Concat", means, axis=axis)
    b.result(y, "Identity", [value])
