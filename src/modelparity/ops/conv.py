"""Convolution in one, two or three dimensions, channels last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..arithmetic import Arithmetic
from ..errors import GraphError
from ..graph import Array
from ..operator import Step, aligned, operator
from ._window import Window, extended, sliding_step, spatial_shape, taps, windows_over

#: Bytes of gathered input columns at a time: enough for a large matrix product, little enough for any machine.
BLOCK = 2 << 20


def _streaming(times: Sequence[int | None], ranks: Sequence[int | None], attrs: dict[str, Any]) -> Step | str:
    n = ranks[1] - 2 if ranks[1] is not None else 0
    settings = (attrs.get(name) for name in ("strides", "padding", "dilations"))
    weight = attrs["shapes"][1] if "shapes" in attrs else None
    size = weight[:n] if weight is not None else attrs.get("kernel")
    return sliding_step(times[0], ranks[0], size, n, *settings)


@operator(_streaming)
def conv(
    ar: Arithmetic,
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | None = None,
    dilations: Sequence[int] | None = None,
    groups: int = 1,
    flip: bool = False,
    kernel: Sequence[int] | None = None,
) -> Array:
    """y[p, o] = b[o] + sum over k, c of W[k, c, o] x[stride p + dilation k - before, c]

    With ``flip`` the kernel is reversed along every spatial axis (convolution in the sense of mathematics);
    without, this is the cross-correlation that most frameworks call convolution.
    x ([batch,] spatial..., in), W (k..., in / groups, out), b (out) or (1) -> y ([batch,] spatial'..., out),
    with 1 to 3 spatial axes. ``padding`` is (before, after) an axis, of zeros. ``kernel`` repeats the sizes of
    W's spatial axes, which streaming along one of them needs to know.
    Raises `GraphError` if ranks, channels, groups or settings do not fit, or the input is shorter than the kernel.
    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016; checked against
    torch.nn.functional.conv1d, conv2d, conv3d, scipy.signal.convolve and onnxruntime.
    """
    n = weight.ndim - 3
    if not 1 <= n <= 3:
        raise GraphError(
            "weight has no 1 to 3 spatial axes", found=weight.shape[1:], expected="(k..., in, out)"
        )
    size, (inner, outer) = weight.shape[1:-2], weight.shape[-2:]
    shape = spatial_shape(x, n)
    if kernel is not None and tuple(kernel) != size:
        raise GraphError("kernel differs from the weight's spatial axes", found=tuple(kernel), expected=size)
    if groups < 1 or outer % groups:
        raise GraphError(f"{outer} output channels do not split into groups", found=groups)
    if x.shape[-1] != inner * groups:
        found, expected = x.shape[-1], f"{inner * groups} (weight rows {inner} times {groups} groups)"
        raise GraphError("input channels differ from the weight's", found=found, expected=expected)
    if bias is not None and (bias.ndim > 2 or (bias.shape[-1] not in (1, outer) and bias.ndim == 2)):
        raise GraphError("bias does not fit the output channels", found=bias.shape[1:], expected=(outer,))
    windows = windows_over(shape, size, strides, padding, dilations)
    if flip:
        weight = weight[(slice(None), *(slice(None, None, -1),) * n)]
    x = extended(ar.operand(x), windows, 0.0)
    y = ar.rounded(
        _depthwise(x, weight, windows) if inner == 1 < groups else _dense(x, weight, windows, groups)
    )
    if bias is not None:
        y += aligned(y, bias.astype(y.dtype, copy=False))[1]
        y = ar.rounded(y)
    return y


def _depthwise(x: Array, weight: Array, windows: Sequence[Window]) -> Array:
    """Each output channel sees one input channel: no matrix to gain from, so a multiplication a tap."""
    lanes, channels = weight.shape[0], x.shape[-1]
    places = weight.reshape(lanes, -1, *(1,) * (x.ndim - 2), channels, weight.shape[-1] // channels)
    total: Array | None = None
    for k, view in enumerate(taps(x, windows)):
        part = view[..., None] * places[:, k]
        total = part if total is None else np.add(total, part, out=total)
    assert total is not None  # a window has at least one place
    y: Array = total.reshape(*total.shape[:-2], weight.shape[-1])
    return y


def _dense(x: Array, weight: Array, windows: Sequence[Window], groups: int) -> Array:
    lanes, outer = max(x.shape[0], weight.shape[0]), weight.shape[-1]
    out = tuple(w.out for w in windows)
    head = x.shape[1 : -1 - len(windows)]  # (batch,) or ()
    if len(windows) == 1:  # one code path: a unit axis makes 1-D a case of 2-D
        windows, x, weight = (*windows, Window(1, 1, 1, 0, 0, 0, 1)), x[..., None, :], weight[:, :, None]
    tail = x.shape[-1 - len(windows) :]
    images = x.reshape(x.shape[0], -1, *tail)
    y = np.empty((lanes, math.prod(head), *(w.out for w in windows), outer), x.dtype)
    if weight.shape[0] == 1:  # lanes that share weights are a batch
        images, y = images.reshape(1, -1, *tail), y.reshape(1, -1, *y.shape[2:])
    ins, outs = weight.shape[-2], outer // groups
    for lane in range(y.shape[0]):
        image, kernel = images[min(lane, images.shape[0] - 1)], weight[min(lane, weight.shape[0] - 1)]
        for g in range(groups):
            part = slice(g * outs, (g + 1) * outs)
            _correlate(image[..., g * ins : (g + 1) * ins], kernel[..., part], windows, y[lane][..., part])
    result: Array = y.reshape(lanes, *head, *out, outer)
    return result


def _correlate(x: Array, weight: Array, windows: Sequence[Window], y: Array) -> None:
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
    budget = max(
        1, BLOCK // (width * places * x.itemsize)
    )  # (row, place along the second axis) pairs at a time
    wide = min(rest[0].out, max(1, budget // (reach + 1)))
    rows = max(1, budget // wide - reach)
    for b, i, j in (
        (b, i, j)
        for b in range(len(y))
        for i in range(0, first.out, rows)
        for j in range(0, rest[0].out, wide)
    ):
        target = y[b, i : i + rows, j : j + wide]
        gathered = columns[b, i : i + len(target) + reach, j : j + wide]
        if x.shape[-1] == 1:
            gathered = np.moveaxis(gathered, axes, range(-len(axes), 0)).reshape(width, -1).T
        else:
            gathered = gathered.reshape(-1, width)
        row = target.shape[1] * places  # columns a row
        n = len(target) * row
        direct = target.flags.c_contiguous
        total = target.reshape(n, -1) if direct else np.empty((n, y.shape[-1]), y.dtype)
        np.matmul(gathered[:n], matrices[0], out=total)
        part = np.empty_like(total) if len(matrices) > 1 else total
        for k in range(1, len(matrices)):
            start = k * first.dilation * row
            total += np.matmul(gathered[start : start + n], matrices[k], out=part)
        if not direct:
            target[...] = total.reshape(target.shape)


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
