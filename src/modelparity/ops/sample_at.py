"""Sample at: volumes of any number of axes read at points, linearly, by cubes or the nearest place."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array

MODES = {"nearest": 1, "linear": 2, "cubic": 4}


@operator(plain=True)
def sample_at(
    ar: Arithmetic,
    x: Array,
    points: Array,
    *,
    mode: str = "linear",
    padding: str = "zeros",
    align_corners: bool = False,
    cubic: float = -0.75,
) -> Array:
    """y[b, c, i...] = x[b, c] at points[b, i...], which names the last spatial axis first

    x (batch, channel, n_1, ..., n_r), points (batch, i..., r) between -1 and 1: from the first to the last centre
    (``align_corners``), or from edge to edge -> y (batch, channel, i...). Outside stand ``padding``: zeros, the edge
    (border), or the mirror image (reflection). ``mode`` is nearest (ties to even), linear or cubic (Keys' kernel with
    coefficient ``cubic``, whose neighbours are padded one by one). Computed in float64 and rounded once.
    Raises `GraphError` for shapes that do not fit or an unknown setting.
    Source: Jaderberg et al., "Spatial transformer networks", 2015; ONNX GridSample; checked against
    torch.nn.functional.grid_sample.
    """
    rank = x.ndim - 2
    if mode not in MODES or padding not in ("zeros", "border", "reflection"):
        raise GraphError("unknown setting", found=f"{mode}, {padding}")
    if rank < 1 or points.shape[-1] != rank or len(points) != len(x) or 0 in x.shape[2:]:
        raise GraphError("shapes do not fit", found=f"x {x.shape}, points {points.shape}")
    wide = points.astype(np.float64)
    neighbours = []
    for axis in range(rank):
        size, at = x.shape[2 + axis], wide[..., rank - 1 - axis]
        at = (at + 1) / 2 * (size - 1) if align_corners else ((at + 1) * size - 1) / 2
        at = ar.placed(at, axis=axis, reach=np.abs(at) + size)
        if mode != "cubic":
            at = _held(at, size, padding, align_corners)
        neighbours.append(_neighbours(at, size, mode, padding, align_corners, cubic))
    batch = np.arange(len(x)).reshape(-1, *(1,) * (points.ndim - 2))

    def summed(size: Callable[[Array], Array]) -> Array:
        y = np.zeros((len(x), x.shape[1], *points.shape[1:-1]))
        for chosen in itertools.product(*neighbours):
            share = np.prod([weight for _, weight in chosen], axis=0)[:, None]
            index: Any = (batch, slice(None), *(place for place, _ in chosen))
            # What has no share may be infinite.
            y += size(np.where(share == 0, 0, np.moveaxis(x[index], -1, 1) * share))
        return y

    return ar.rounded(ar.cancelled(summed(np.asarray).astype(ar.dtype), lambda: summed(np.abs)))


def _held(at: Array, size: int, padding: str, align_corners: bool) -> Array:
    """Coordinates brought back to where there is something, where padding says what stands outside."""
    if padding == "zeros":
        return at
    if padding == "border":
        return np.clip(at, 0, size - 1)
    edge = 0.0 if align_corners else -0.5
    span = size - 1 - 2 * edge
    if span == 0:
        return np.zeros_like(at)
    folded = np.abs(at - edge) % (2 * span)
    return np.clip(np.where(folded > span, 2 * span - folded, folded) + edge, 0, size - 1)


def _neighbours(
    at: Array, size: int, mode: str, padding: str, align_corners: bool, cubic: float
) -> list[tuple[Array, Array]]:
    """(place, weight) of each neighbour along an axis; a weight is 0 outside if nothing stands there."""
    if mode == "nearest":
        pairs = [(np.rint(at), np.ones_like(at))]
    elif mode == "linear":
        low = np.floor(at)
        pairs = [(low, 1 - (at - low)), (low + 1, at - low)]
    else:
        low, a = np.floor(at), cubic
        pairs = []
        for step in (-1, 0, 1, 2):
            d = np.abs(at - low - step)
            near = ((a + 2) * d - (a + 3)) * d * d + 1
            pairs.append((low + step, np.where(d <= 1, near, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a)))
    found = []
    for place, weight in pairs:
        if padding == "zeros":
            weight = np.where((place >= 0) & (place < size), weight, 0)
        else:
            place = _held(place, size, padding, align_corners)
        found.append((np.clip(np.rint(place), 0, size - 1).astype(np.int64), weight))
    return found
