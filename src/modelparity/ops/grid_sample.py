"""Grid sample: an image read at coordinates that an array gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array

MODES = ("bilinear", "nearest")
PADDINGS = ("constant", "edge", "reflect", "symmetric")
COORDINATES = ("pixels", "minus_one_to_one", "zero_to_one")


@operator(plain=True)
def grid_sample(
    ar: Arithmetic,
    x: Array,
    coordinates: Array,
    *,
    mode: str = "bilinear",
    padding: str = "constant",
    value: float = 0.0,
    normalized: str = "minus_one_to_one",
    align_corners: bool = False,
) -> Array:
    """y[b, c, h, w] = x[b, c] at row v, column u, with (u, v) = coordinates[b, h, w]

    x (batch, channel, height, width), coordinates (batch or 1, height', width', 2) -> y (batch, channel, height',
    width'). ``normalized`` says what coordinates are: pixels, or minus_one_to_one or zero_to_one between the
    centres of the outermost pixels (``align_corners``) or their outer edges. Nearest takes ties to even. Outside
    the image stands ``value`` (constant), the nearest pixel (edge), or the mirror image without (reflect) or with
    (symmetric) the outermost pixels. Weights are computed in float64, the result rounded once.
    Raises `GraphError` for shapes that do not fit or an unknown setting.
    Source: Jaderberg et al. 2015, ONNX GridSample, Core ML MIL ``resample``; checked against
    torch.nn.functional.grid_sample.
    """
    if mode not in MODES or padding not in PADDINGS or normalized not in COORDINATES:
        raise GraphError(
            "unknown setting",
            found=f"{mode}, {padding}, {normalized}",
            expected=f"one of {', '.join(MODES)}; {', '.join(PADDINGS)}; {', '.join(COORDINATES)}",
        )
    if (
        x.ndim != 4
        or coordinates.ndim != 4
        or coordinates.shape[-1] != 2
        or len(coordinates) not in (1, len(x))
    ):
        raise GraphError("shapes do not fit", found=f"image {x.shape}, coordinates {coordinates.shape}")
    if 0 in x.shape[2:]:
        raise GraphError("the image is empty", found=x.shape)
    points = np.broadcast_to(coordinates, (len(x), *coordinates.shape[1:])).astype(np.float64)
    ends = x.shape[3], x.shape[2]
    u, v = (
        _folded(
            ar.placed(_pixels(points[..., k], ends[k], normalized, align_corners), axis=k, reach=ends[k]),
            ends[k],
            padding,
        )
        for k in (0, 1)
    )
    if mode == "nearest":
        return _read(x, np.rint(u), np.rint(v), padding, ar.cast(np.array(value)))
    left, top = np.floor(u), np.floor(v)
    fill = ar.cast(np.array(value))

    def summed(size: Callable[[Array], Array]) -> Array:
        y = np.zeros((*x.shape[:2], *u.shape[1:]))
        for row, down in ((top, 1 - (v - top)), (top + 1, v - top)):
            for column, right in ((left, 1 - (u - left)), (left + 1, u - left)):
                corner = _read(x, column, row, padding, fill)
                share = (down * right)[:, None]
                y += size(np.where(share == 0, 0, share * corner))  # what has no share may be infinite
        return y

    return ar.rounded(ar.cancelled(summed(np.asarray).astype(ar.dtype), lambda: summed(np.abs)))


def _pixels(at: Array, size: int, normalized: str, align_corners: bool) -> Array:
    """Coordinates counted in pixels, the first centre at 0."""
    if normalized == "pixels":
        return at
    share = (at + 1) / 2 if normalized == "minus_one_to_one" else at
    return share * (size - 1) if align_corners else share * size - 0.5


def _folded(at: Array, size: int, padding: str) -> Array:
    """Coordinates brought back into the image where padding mirrors or repeats it."""
    if padding == "constant":
        return at
    if padding == "edge" or (padding == "reflect" and size == 1):
        return np.clip(at, 0, size - 1)
    edge = 0.0 if padding == "reflect" else -0.5
    span = 2 * (size - 1 - 2 * edge) / 2
    folded = np.abs(at - edge) % (2 * span)
    return np.clip(np.where(folded > span, 2 * span - folded, folded) + edge, 0, size - 1)


def _read(x: Array, column: Array, row: Array, padding: str, fill: Array) -> Array:
    """Pixels at whole coordinates (batch, height', width') -> (batch, channel, height', width')."""
    height, width = x.shape[2:]
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    rows = np.where(inside | (padding != "constant"), np.clip(row, 0, height - 1), 0).astype(np.int64)
    columns = np.where(inside | (padding != "constant"), np.clip(column, 0, width - 1), 0).astype(np.int64)
    batch = np.arange(len(x))[:, None, None]
    pixels = np.moveaxis(x[batch, :, rows, columns], -1, 1)
    return np.where(inside[:, None], pixels, fill) if padding == "constant" else pixels
