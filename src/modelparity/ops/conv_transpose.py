"""Transposed convolution in one, two or three dimensions, channels last."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape, rank_of
from ..engine.operator import Step, aligned, operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded
from ._window import halves, spatial_index, spatial_shape


def _streaming(
    times: Sequence[int | None], shapes: Sequence[Shape | None], attrs: Mapping[str, Any]
) -> Step | str:
    time, x, weight = times[0], shapes[0], shapes[1]
    if time is None or any(other is not None for other in times[1:]):
        return "another input than its first changes over time"
    if x is None or weight is None or time >= len(x) + 1 - len(weight):
        return "its windows overlap in the result, which is not computed block by block"
    return Step(time)


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    *kernel, _, out = shapes["weight"]  # each element of x goes to that many of y
    return math.prod(shapes["x"]) * math.prod(kernel) * out


@operator(_streaming, facts=Facts(rank=rank_of("x"), windowed=True, cost=_cost))
def conv_transpose(
    ar: Arithmetic,
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | str | None = None,
    dilations: Sequence[int] | None = None,
    groups: int = 1,
    sizes: Sequence[int] | None = None,
    extra: Sequence[int] | None = None,
) -> Array:
    """y[q, o] = b[o] + sum over p, k, c with q = stride p + dilation k - before of W[k, c, o] x[p, c]

    x ([batch,] spatial..., in), W (k..., in, out / groups), b (out) or (1) -> y ([batch,] spatial'..., out), with 1
    to 3 spatial axes. ``padding`` is (before, after) an axis: what is cut off the full result of size
    stride (n - 1) + dilation (k - 1) + 1; ``"same"`` (``"same_lower"``) cuts what a convolution with that padding
    would have added, the odd element at the end (at the start), to ``sizes`` or stride n. ``sizes`` are the spatial
    sizes of y: what they add is cut off less at the end, or is zeros; ``extra`` says it by how much each is longer.
    Raises `GraphError` if ranks, channels, groups or settings do not fit, or nothing would be left.
    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, 4; checked against
    torch.nn.functional.conv_transpose1d, conv_transpose2d and conv_transpose3d, and as the gradient of `conv`.
    """
    n = weight.ndim - 3
    if not 1 <= n <= 3:
        found = weight.shape[1:]
        raise GraphError("weight has no 1 to 3 spatial axes", found=found, expected="(k..., in, out)")
    kernel, inner, outer = weight.shape[1:-2], weight.shape[-2], weight.shape[-1] * groups
    if groups < 1 or inner % groups:
        raise GraphError(f"{inner} input channels do not split into groups", found=groups)
    if x.shape[-1] != inner:
        raise GraphError("input channels differ from the weight's", found=x.shape[-1], expected=inner)
    if bias is not None and bias.ndim == 2 and bias.shape[-1] not in (1, outer):
        raise GraphError("bias does not fit the output channels", found=bias.shape[1:], expected=(outer,))
    shape = spatial_shape(x, n)
    steps = _settings("strides", strides, n)
    spread = _settings("dilations", dilations, n)
    extents = tuple(
        s * (m - 1) + d * (k - 1) + 1 for m, k, s, d in zip(shape, kernel, steps, spread, strict=True)
    )
    before, out = _cut(shape, kernel, extents, steps, spread, padding, sizes, extra)
    lead = x.shape[1 : -1 - n]
    lanes = max(x.shape[0], weight.shape[0])
    room = (max(e, b + o) for e, b, o in zip(extents, before, out, strict=True))
    full = np.zeros((lanes, *bounded(*lead, *room, outer)), x.dtype)
    terms = ar.operand(x, terms=math.prod(kernel) * inner // groups)
    for place in np.ndindex(*kernel):
        seen = (
            slice(k * d, k * d + s * (m - 1) + 1, s)
            for k, d, s, m in zip(place, spread, steps, shape, strict=True)
        )
        full[spatial_index(*seen)] += _products(terms, weight[(slice(None), *place)], groups)
    y = full[spatial_index(*(slice(b, b + o) for b, o in zip(before, out, strict=True)))]
    y = ar.rounded(np.ascontiguousarray(y), inner=bias is not None)
    if bias is not None:
        y += aligned(y, bias.astype(y.dtype, copy=False))[1]
        y = ar.rounded(y)
    return y


def _products(x: Array, weight: Array, groups: int) -> Any:
    """x (lane, ..., in) times the weight at one place (lane or 1, in, out / groups) -> (lane, ..., out)."""
    middle = (1,) * (x.ndim - 2)
    if groups == x.shape[-1]:  # one input channel a group: no matrix to gain from
        columns = weight.reshape(weight.shape[0], *middle, groups, weight.shape[-1])
        y = x[..., None] * columns
        return y.reshape(*y.shape[:-2], -1)
    if groups == 1 and weight.shape[0] == 1:
        return (x.reshape(-1, x.shape[-1]) @ weight[0]).reshape(*x.shape[:-1], weight.shape[-1])
    rows = x.reshape(x.shape[0], -1, groups, x.shape[-1] // groups).swapaxes(1, 2)
    y = np.matmul(rows, weight.reshape(weight.shape[0], groups, -1, weight.shape[-1])).swapaxes(1, 2)
    return y.reshape(y.shape[0], *x.shape[1:-1], -1)


def _settings(what: str, values: Sequence[int] | None, n: int) -> tuple[int, ...]:
    if values is None:
        return (1,) * n
    if len(values) != n or min(values) < 1:
        found, expected = tuple(values), f"{n} numbers of at least 1"
        raise GraphError(f"{what} does not fit the spatial axes", found=found, expected=expected)
    return tuple(values)


def _cut(
    shape: Sequence[int],
    kernel: Sequence[int],
    extents: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    padding: Sequence[Sequence[int]] | str | None,
    sizes: Sequence[int] | None,
    extra: Sequence[int] | None,
) -> tuple[list[int], list[int]]:
    """How much of the full result goes off the start of each spatial axis, and what size is left."""
    n = len(shape)
    if sizes is not None and len(sizes) != n:
        raise GraphError("sizes do not fit the spatial axes", found=tuple(sizes), expected=f"{n} numbers")
    if isinstance(padding, str):
        if padding not in ("same", "same_lower"):
            raise GraphError(f"unknown padding {padding!r}", expected="same, same_lower or pairs of numbers")
        out = [s * m for s, m in zip(strides, shape, strict=True)] if sizes is None else list(sizes)
        lower = padding == "same_lower"
        before = [halves(max(e - o, 0), lower=lower)[0] for e, o in zip(extents, out, strict=True)]
    else:
        pairs = [(0, 0)] * n if padding is None else [tuple(pair) for pair in padding]
        if len(pairs) != n or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
            expected = f"{n} pairs (before, after), none negative"
            raise GraphError("padding does not fit the spatial axes", found=pairs, expected=expected)
        before = [pair[0] for pair in pairs]
        left = (e - sum(pair) for e, pair in zip(extents, pairs, strict=True))
        out = list(left) if sizes is None else list(sizes)
    if extra is not None:
        if len(extra) != n or min(extra) < 0:
            raise GraphError(
                "extra does not fit the spatial axes", found=tuple(extra), expected=f"{n} numbers"
            )
        out = [o + e for o, e in zip(out, extra, strict=True)]
    if min(out) < 1:
        raise GraphError("nothing is left of the result", found=tuple(out), expected="sizes of at least 1")
    return before, out
