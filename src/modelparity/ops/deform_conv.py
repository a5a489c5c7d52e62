"""Deformable convolution: a convolution whose window looks where an array says, channels first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._window import windows_over


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    _, inner, *kernel = shapes["weight"]
    batch, out, *places = results[0]
    read = batch * shapes["x"][1] * math.prod(kernel) * math.prod(places)  # each from four pixels
    return batch * out * math.prod(places) * inner * math.prod(kernel) + 4 * read


@operator(plain=True, facts=Facts(windowed=True, cost=_cost))
def deform_conv(
    ar: Arithmetic,
    x: Array,
    weight: Array,
    offset: Array,
    bias: Array | None = None,
    mask: Array | None = None,
    *,
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | None = None,
    dilations: Sequence[int] | None = None,
    groups: int = 1,
    offset_groups: int = 1,
) -> Array:
    """y[o, p] = b[o] + sum over c, k of W[o, c, k] m[k, p] x[c] at stride p + dilation k - before + d[k, p]

    x (batch, in, height, width), weight (out, in / groups, kh, kw), offset (batch, offset_groups * kh * kw * 2,
    height', width') d as rows and columns in turn, mask (batch, offset_groups * kh * kw, height', width') m, 1 if
    left out -> y (batch, out, height', width'). Between pixels x is interpolated linearly, outside it is 0.
    Raises `GraphError` for shapes that do not fit.
    Source: Dai et al., "Deformable convolutional networks", 2017; Zhu et al., 2019 (mask); ONNX DeformConv; checked
    against a loop over places and against `conv` where nothing is deformed.
    """
    if x.ndim != 4 or weight.ndim != 4:
        raise GraphError("not two spatial axes", found=f"x {x.shape}, weight {weight.shape}")
    kernel, (batch, channels, height, width) = weight.shape[2:], x.shape
    rows, columns = windows_over((height, width), kernel, strides, padding, dilations)
    places, out = kernel[0] * kernel[1], (rows.out, columns.out)
    if offset.shape != (batch, offset_groups * places * 2, *out) or channels % offset_groups:
        raise GraphError(
            "offsets do not fit", found=offset.shape, expected=(batch, offset_groups * places * 2, *out)
        )
    if channels != weight.shape[1] * groups or weight.shape[0] % groups:
        raise GraphError("channels do not fit", found=channels, expected=weight.shape[1] * groups)
    moved = offset.reshape(batch, offset_groups, *kernel, 2, *out).astype(np.float64)
    base = [
        (np.arange(w.out) * w.stride - w.before)[None] + (np.arange(w.size) * w.dilation)[:, None]
        for w in (rows, columns)
    ]
    at = (
        moved[:, :, :, :, 0] + base[0][:, None, :, None],
        moved[:, :, :, :, 1] + base[1][None, :, None, :],
    )
    at = ar.placed(at[0], axis=0), ar.placed(at[1], axis=1)
    seen = _sampled(x, at, offset_groups)  # (batch, in, kh, kw, height', width')
    if mask is not None:
        shares = mask.reshape(batch, offset_groups, 1, *kernel, *out)
        seen = (seen.reshape(batch, offset_groups, -1, *kernel, *out) * shares).reshape(seen.shape)
    split = seen.reshape(batch, groups, -1, *kernel, *out)
    filters = weight.reshape(groups, -1, weight.shape[1], *kernel)
    terms = ar.operand(split.astype(ar.dtype), terms=places * weight.shape[1])
    y = ar.rounded(np.einsum("bgcijhw,gocij->bgohw", terms, filters, optimize=True), inner=bias is not None)
    y = y.reshape(batch, weight.shape[0], *out)
    return y if bias is None else ar.rounded(y + bias[:, None, None])


def _sampled(x: Array, at: tuple[Array, Array], groups: int) -> Array:
    """x at points (batch, group, kh, kw, height', width'), those of its group for every channel."""
    batch, channels, height, width = x.shape
    image = x.reshape(batch, groups, channels // groups, height, width)
    row, column = np.floor(at[0]), np.floor(at[1])
    points = at[0].shape
    total = np.zeros((batch, groups, channels // groups, *points[2:]))
    b, g = np.arange(batch)[:, None], np.arange(groups)[None]
    index = [a.reshape(batch, groups, *(1,) * (len(points) - 2)) for a in np.broadcast_arrays(b, g)]
    for down in (0, 1):
        for right in (0, 1):
            i, j = row + down, column + right
            share = np.abs(1 - down - (at[0] - row)) * np.abs(1 - right - (at[1] - column))
            inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
            ii, jj = (np.clip(a, 0, n - 1).astype(np.int64) for a, n in ((i, height), (j, width)))
            pixels = np.moveaxis(image[index[0], index[1], :, ii, jj], -1, 2)
            total += pixels * np.where(inside, share, 0)[:, :, None]
    return total.reshape(batch, channels, *points[2:])
