"""Attributes of bound nodes as writers want them: every axis counted from the left, everything spelled out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...engine.bound_node import Call
from ...graph import Array
from ...ops._reduction import within
from ...ops._window import halves
from .scope import Scope

#: Where a slice starts, ends (None: at the edge that it moves to) and how it steps along an axis.
Cut = tuple[int, int, int | None, int]


def axes(call: Call, rank: int) -> tuple[int, ...]:
    """The axes of ``axes``, sorted; all of them where it says None."""
    return within(call.attrs["axes"], rank)


def permutation(call: Call, rank: int) -> tuple[int, ...]:
    """The order of a transpose, which reverses all axes where it says none."""
    given = call.attrs["axes"]
    return tuple(int(axis) % rank for axis in (range(rank)[::-1] if given is None else given))


def cuts(call: Call, rank: int) -> Iterator[Cut]:
    """What a slice takes, axis by axis in the order that it names them: (axis, start, end, step)."""
    a = call.attrs
    places = range(len(a["starts"])) if a["axes"] is None else a["axes"]
    steps = (1,) * len(a["starts"]) if a["steps"] is None else a["steps"]
    for axis, start, end, step in zip(places, a["starts"], a["ends"], steps, strict=True):
        yield int(axis) % rank, int(start), None if end is None else int(end), int(step)


def per_axis(call: Call, setting: str, spatial: int) -> tuple[int, ...]:
    """Strides or dilations, 1 where the node says nothing."""
    given = call.attrs[setting]
    return (1,) * spatial if given is None else tuple(int(value) for value in given)


def kernel(call: Call, weight: Array) -> Array:
    """A convolution's weight (k..., in, out) as cross-correlations have it: (out, in, k...), unflipped."""
    n = weight.ndim - 2
    if call.attrs["flip"]:
        weight = np.flip(weight, tuple(range(n)))
    return weight.transpose(n + 1, n, *range(n))


def channel_bias(bias: Array | None, channels: int) -> Array | None:
    """One number a channel; None for what adds nothing (a lone zero)."""
    if bias is None or (bias.size == 1 and not bias.any()):
        return None
    return np.broadcast_to(bias, (channels,))


def cut_off(scope: Scope, call: Call) -> tuple[list[int], list[int]]:
    """What a transposed convolution cuts off its full result at the start and end of each axis.

    Less than nothing at the end is zeros behind it. Raises `ConversionError` where it depends on a size that is known
    only when the network runs.
    """
    kernel_ = scope.weight(call, "weight").shape[:-2]
    n = len(kernel_)
    strides, dilations = per_axis(call, "strides", n), per_axis(call, "dilations", n)
    padding, sizes, extra = (call.attrs[key] for key in ("padding", "sizes", "extra"))
    if not isinstance(padding, str) and sizes is None:
        pairs = [(0, 0)] * n if padding is None else [(int(a), int(z)) for a, z in padding]
        more = [0] * n if extra is None else list(map(int, extra))
        return [a for a, _ in pairs], [z - m for (_, z), m in zip(pairs, more, strict=True)]
    olds = scope.shapes[call.tensors["x"]][-1 - n : -1]
    news = scope.shapes[call.node.outputs[0]][-1 - n : -1]
    if not all(isinstance(size, int) for size in (*olds, *news)):
        raise scope.target.refusal(
            call, "what is cut off its result depends on a size that is known only when it runs"
        )
    before, after = [], []
    for at, (old, new) in enumerate(zip(olds, news, strict=True)):
        full = strides[at] * (int(old) - 1) + dilations[at] * (kernel_[at] - 1) + 1
        if isinstance(padding, str):
            taken = max(full - int(new) + (0 if extra is None else int(extra[at])), 0)
            start = halves(taken, lower=padding == "same_lower")[0]
        else:
            start = 0 if padding is None else int(padding[at][0])
        before.append(start)
        after.append(full - start - int(new))
    return before, after
