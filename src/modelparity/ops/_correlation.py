"""Convolution as products of matrices: gathered columns of the input times the weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..graph import Array
from ._window import Window

#: Bytes of gathered input columns at a time: enough for a large matrix product, little enough for any machine.
BLOCK = 2 << 20
#: Windows of an image up to which several images go into one product.
SMALL = 64


def correlate(x: Array, weight: Array, windows: Sequence[Window], y: Array) -> None:
    """Fill y (batch, out..., channel) from x (batch, spatial..., channel) by products of gathered columns.

    Columns hold the window along every kernel axis but the first, whose places are summed product by product:
    neighbours along that axis share their columns, so little is copied. Where it strides, or columns would be
    too thin for a good product, they hold the whole window. A single channel is gathered place by place
    instead of position by position, which reads long runs.
    """
    first, rest, axes = windows[0], windows[1:], range(len(windows))
    width = math.prod(w.size for w in rest) * x.shape[-1]
    whole = first.stride > 1 or first.size == 1 or width < 8
    if whole:
        width *= first.size
    columns = _columns(x, windows, whole)
    matrices = weight.reshape(-1, width, weight.shape[-1])
    reach = (len(matrices) - 1) * first.dilation
    places = math.prod(w.out for w in rest[1:])
    if len(y) > 1 and first.out * rest[0].out * places <= SMALL:
        _small(columns, matrices, first, y)
        return
    budget = max(
        1, BLOCK // (width * places * x.itemsize)
    )  # (row, place along the second axis) pairs at a time
    # Places that lie far apart (a large dilation) share too little: each has columns of its own.
    apart = 2 * reach > budget
    wide = min(rest[0].out, max(1, budget // (1 if apart else reach + 1)))
    rows = max(1, budget // wide - (0 if apart else reach))

    def gathered(b: int, i: int, j: int, count: int) -> Array:
        """Columns of so many rows from the i-th on, one after another."""
        some = columns[b, i : i + count, j : j + wide]
        if x.shape[-1] == 1:
            return np.moveaxis(some, axes, range(-len(axes), 0)).reshape(width, -1).T
        return some.reshape(-1, width)

    for b, i, j in (
        (b, i, j)
        for b in range(len(y))
        for i in range(0, first.out, rows)
        for j in range(0, rest[0].out, wide)
    ):
        target = y[b, i : i + rows, j : j + wide]
        row = target.shape[1] * places  # columns a row
        n = len(target) * row
        direct = target.flags.c_contiguous
        total = target.reshape(n, -1) if direct else np.empty((n, y.shape[-1]), y.dtype)
        shared = gathered(b, i, j, len(target) + (0 if apart else reach))
        np.matmul(shared[:n], matrices[0], out=total)
        part = np.empty_like(total) if len(matrices) > 1 else total
        for k in range(1, len(matrices)):
            at = k * first.dilation
            here = gathered(b, i + at, j, len(target)) if apart else shared[at * row : at * row + n]
            total += np.matmul(here, matrices[k], out=part)
        if not direct:
            target[...] = total.reshape(target.shape)


def _small(columns: Array, matrices: Array, first: Window, y: Array) -> None:
    """As `correlate`, of images with few windows: several images a product, which saves most of what calls cost."""
    width, inner = matrices.shape[1], columns.shape[-1]
    each, channels = math.prod(y.shape[1:-1]), y.shape[-1]
    axes = range(y.ndim - 1)
    count = max(1, BLOCK // (width * each * columns.itemsize))
    for b in range(0, len(y), count):
        target = y[b : b + count]
        total: Array | None = None
        for k, matrix in enumerate(matrices):
            at = k * first.dilation
            some = columns[b : b + count, at : at + first.out]
            if inner == 1:
                some = np.moveaxis(some, axes, range(-len(axes), 0)).reshape(width, -1).T
            part = np.matmul(some.reshape(-1, width), matrix)
            total = part if total is None else np.add(total, part, out=total)
        assert total is not None  # a kernel has at least one place
        target[...] = total.reshape(-1, *y.shape[1:-1], channels)


def _columns(x: Array, windows: Sequence[Window], whole: bool) -> Array:
    """A view of x as (batch, row, out of the other axes..., [place along the first axis,] other places..., channel).

    Rows are first places of the window along the first axis if it is part of the columns (``whole``), else
    rows of x.
    """
    first, rest, (batch, *steps, channel) = windows[0], windows[1:], x.strides
    shape = [x.shape[0], first.out if whole else x.shape[1], *(w.out for w in rest)]
    strides = [batch, steps[0] * first.stride, *(s * w.stride for s, w in zip(steps[1:], rest, strict=True))]
    for step, w in zip(steps, windows, strict=True):
        if whole or w is not first:
            shape.append(w.size)
            strides.append(step * w.dilation)
    return as_strided(x, (*shape, x.shape[-1]), (*strides, channel), writeable=False)
