"""Convolution in one, two or three dimensions, channels last."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape, rank_of
from ..engine.operator import Step, aligned, first_only, operator
from ..engine.sums import exactly, in_parts, in_strand, wrapped
from ..errors import GraphError
from ..graph import Array
from ._correlation import correlate
from ._sizes import bounded
from ._sliding import sliding
from ._window import Window, extended, spatial_shape, taps, windows_over

#: Elements of a lane's result from which lanes are computed one after another: sums are held several times.
MANY = 1 << 22
#: Bytes of results of a depthwise convolution that are summed up at a time.
BLOCK = 1 << 18


def _streaming(
    times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
) -> Step | str:
    kernel = (shapes[1] or ())[:-2]
    strides = attrs.get("strides")
    return first_only(lambda time, x, _: sliding(time, len(x), kernel, strides, attrs, zeros=True))(
        times, shapes, attrs
    )


def _looked_back_on(shapes: Mapping[str, Shape], attrs: Mapping[str, Any]) -> int:
    """The frames that stand before the first one, if time is its first axis."""
    padding = attrs["padding"]
    if padding is None or isinstance(padding, str):
        return 0
    return int(padding[0][0]) * shapes["weight"][-2] * int(attrs["groups"])


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    return math.prod(results[0]) * math.prod(shapes["weight"][:-1])


@operator(_streaming, facts=Facts(rank=rank_of("x"), windowed=True, state=_looked_back_on, cost=_cost))
def conv(
    ar: Arithmetic,
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | str | None = None,
    dilations: Sequence[int] | None = None,
    groups: int = 1,
    flip: bool = False,
) -> Array:
    """y[p, o] = b[o] + sum over k, c of W[k, c, o] x[stride p + dilation k - before, c]

    With ``flip`` the kernel is reversed along every spatial axis (convolution in the sense of mathematics);
    without, this is the cross-correlation that most frameworks call convolution.
    x ([batch,] spatial..., in), W (k..., in / groups, out), b (out) or (1) -> y ([batch,] spatial'..., out),
    with 1 to 3 spatial axes. ``padding`` is (before, after) an axis, of zeros; ``"same"`` stands for
    what gives length / stride windows, rounded up, with the odd element at the end (``"same_lower"``: at the start).
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
    if groups < 1 or outer % groups:
        raise GraphError(f"{outer} output channels do not split into groups", found=groups)
    if x.shape[-1] != inner * groups:
        found, expected = x.shape[-1], f"{inner * groups} (weight rows {inner} times {groups} groups)"
        raise GraphError("input channels differ from the weight's", found=found, expected=expected)
    if bias is not None and (bias.ndim > 2 or (bias.shape[-1] not in (1, outer) and bias.ndim == 2)):
        raise GraphError("bias does not fit the output channels", found=bias.shape[1:], expected=(outer,))
    windows = windows_over(shape, size, strides, padding, dilations)
    bounded(*x.shape[1 : -n - 1], *(w.out for w in windows), outer)
    if flip:
        weight = weight[(slice(None), *(slice(None, None, -1),) * n)]
    terms = math.prod(size) * inner
    places = max(size[0], inner)  # of which parts are taken, unless there are groups
    terms = terms // places * in_strand(ar, places) if groups == 1 else terms

    def product(x: Array) -> Array:
        x = extended(ar.operand(x, terms=terms), windows, 0.0)
        if (floats := exactly(x, weight, math.prod(size) * inner)) is not None:
            alone = groups > 1 and inner == 1
            sums = _depthwise(*floats, windows) if alone else _dense(*floats, windows, groups)
            return wrapped(sums, np.result_type(x, weight))
        if groups == 1:
            return _in_parts(ar, x, weight, windows)
        return _depthwise(x, weight, windows) if inner == 1 else _dense(x, weight, windows, groups)

    result = (*x.shape[1 : -1 - n], *(window.out for window in windows), outer)
    if len(weight) == 1 < len(x) and math.prod(result) > MANY:
        y = np.empty((len(x), *result), x.dtype)
        for lane in range(len(x)):
            y[lane] = product(x[lane : lane + 1])[0]
    else:
        y = product(x)
    y = ar.rounded(y, inner=bias is not None)
    if bias is not None:
        y += aligned(y, bias.astype(y.dtype, copy=False))[1]
        y = ar.rounded(y)
    return y


def _in_parts(ar: Arithmetic, x: Array, weight: Array, windows: Sequence[Window]) -> Array:
    """Some places of the window after others, or some channels after others: whichever are more."""
    first, (size, inner) = windows[0], (weight.shape[1], weight.shape[-2])
    along = (slice(None),) * (x.ndim - 1 - len(windows))

    def part(places: slice) -> Array:
        if size <= inner:
            return _dense(x[..., places], weight[..., places, :], windows, 1)
        start, end, step = places.indices(size)
        some = replace(first, size=len(range(start, end, step)), dilation=first.dilation * step)
        seen = x[(*along, slice(start * first.dilation, None))]
        return _dense(seen, weight[:, places], (some, *windows[1:]), 1)

    return in_parts(ar, max(size, inner), part)


def _depthwise(x: Array, weight: Array, windows: Sequence[Window]) -> Array:
    """Each output channel sees one input channel: no matrix to gain from, so a multiplication a tap.

    Some rows after others, so that what is added up stays near the processor.
    """
    lanes, channels = weight.shape[0], x.shape[-1]
    places = weight.reshape(lanes, -1, *(1,) * (x.ndim - 2), channels, weight.shape[-1] // channels)
    views = [view[..., None] for view in taps(x, windows)]
    shape = np.broadcast_shapes(views[0].shape, places[:, 0].shape)
    total = np.empty(shape, np.result_type(x, weight))
    row = x.ndim - 1 - len(windows)  # the first spatial axis
    rows = max(1, BLOCK * shape[row] // max(total.nbytes, 1))
    for start in range(0, shape[row], rows):
        some = (slice(None),) * row + (slice(start, start + rows),)
        part = np.empty_like(total[some])
        for k, view in enumerate(views):
            np.multiply(view[some], places[:, k], out=part if k else total[some])
            if k:
                np.add(total[some], part, out=total[some])
    return total.reshape(*shape[:-2], weight.shape[-1])


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
            correlate(image[..., g * ins : (g + 1) * ins], kernel[..., part], windows, y[lane][..., part])
    result: Array = y.reshape(lanes, *head, *out, outer)
    return result
