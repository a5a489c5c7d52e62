"""What convolution and pooling share: kernel, stride, dilation and padding along each spatial axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.limits import limits
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded, feasible

#: Steps that a place of a window costs at least, whatever it sees.
PLACE = 1 << 10


@dataclass(frozen=True, slots=True)
class Window:
    """A window that slides along one axis; ``after`` includes what rounding up (ceil) adds, ``given`` does not."""

    size: int
    stride: int
    dilation: int
    before: int
    after: int
    given: int
    out: int

    @property
    def extent(self) -> int:
        """Frames that one window spans."""
        return (self.size - 1) * self.dilation + 1

    def seen_from(self, place: int) -> slice:
        """What a place in the window sees, window by window, of the padded axis."""
        start = place * self.dilation
        return slice(start, start + (self.out - 1) * self.stride + 1, self.stride)


def windows_over(
    shape: Sequence[int],
    size: Sequence[int],
    strides: Sequence[int] | None,
    padding: Sequence[Sequence[int]] | str | None,
    dilations: Sequence[int] | None,
    *,
    ceil: bool = False,
) -> tuple[Window, ...]:
    """One `Window` an axis, checked. Raises `GraphError` for a wrong count, a wrong value or too short an input.

    ``padding`` "same" adds what makes the number of windows the length over the stride, rounded up; the odd element
    goes to the end, or with "same_lower" to the start.
    With ``ceil`` a last partial window counts if it starts inside the input or the padding before it,
    as PyTorch and ONNX (since 1.16) define it.
    """
    n = len(size)
    size = _per_axis("size", size, n, 1, least=1)
    strides = _per_axis("strides", strides, n, 1, least=1)
    dilations = _per_axis("dilations", dilations, n, 1, least=1)
    if isinstance(padding, str):
        extents = ((k - 1) * d + 1 for k, d in zip(size, dilations, strict=True))
        padding = _same(padding, shape, extents, strides)
    pairs = ((0, 0),) * n if padding is None else tuple(tuple(pair) for pair in padding)
    if len(pairs) != n or any(len(pair) != 2 or min(pair) < 0 for pair in pairs):
        expected = f"{n} pairs (before, after), none negative"
        raise GraphError("padding does not fit the spatial axes", found=pairs, expected=expected)
    result, found = [], 1
    for axis, (length, k, s, d, (before, after)) in enumerate(
        zip(shape, size, strides, dilations, pairs, strict=True)
    ):
        room = before + length + after - ((k - 1) * d + 1)
        if room < 0:
            raise GraphError(
                f"the window is longer than the padded input along spatial axis {axis}",
                found=f"{before + length + after} along it",
                expected=f"at least {(k - 1) * d + 1}",
            )
        out, given = room // s + 1, after
        if ceil and room % s and out * s < length + before:
            after += s - room % s
            out += 1
        found *= out
        result.append(Window(k, s, d, before, after, given, out))
    feasible(math.prod(size) * max(PLACE, found))
    return tuple(result)


def _same(
    padding: str, shape: Sequence[int], extents: Iterable[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    if padding not in ("same", "same_lower"):
        raise GraphError(f"unknown padding {padding!r}", expected="same, same_lower or pairs of numbers")
    lower = padding == "same_lower"
    return [same(*numbers, lower=lower) for numbers in zip(shape, extents, strides, strict=True)]


def same(length: int, extent: int, stride: int, *, lower: bool = False) -> tuple[int, int]:
    """What an axis is padded with so that windows of that extent are its length over the stride, rounded up."""
    return halves(max(0, (-(-length // stride) - 1) * stride + extent - length), lower=lower)


def halves(total: int, *, lower: bool) -> tuple[int, int]:
    """So much padding before and after; the odd element goes to the end, or if ``lower`` to the start."""
    less = total // 2
    return (total - less, less) if lower else (less, total - less)


def _per_axis(
    what: str, values: Sequence[int] | None, n: int, default: int, *, least: int
) -> tuple[int, ...]:
    if values is None:
        return (default,) * n
    if len(values) != n or any(value < least for value in values):
        raise GraphError(
            f"{what} does not fit the spatial axes",
            found=tuple(values),
            expected=f"{n} numbers of at least {least}",
        )
    return tuple(values)


def spatial_shape(x: Array, n: int) -> tuple[int, ...]:
    """Sizes of the n spatial axes of x (lane, [batch,] spatial..., channel); `GraphError` if the rank differs."""
    if x.ndim not in (n + 2, n + 3):
        raise GraphError(
            f"rank does not fit {n} spatial axes",
            found=x.ndim - 1,
            expected=f"{n + 1} (spatial..., channel) or {n + 2} (batch, spatial..., channel)",
        )
    sizes: tuple[int, ...] = x.shape[-n - 1 : -1]
    return sizes


def extended(x: Array, windows: Sequence[Window], value: float) -> Array:
    """x with the windows' padding on its spatial axes; x itself if there is none."""
    widths = [(w.before, w.after) for w in windows]
    if not any(before or after for before, after in widths):
        return x
    lead = x.ndim - 1 - len(windows)
    shape = (
        *x.shape[:lead],
        *(n + sum(w) for n, w in zip(x.shape[lead:-1], widths, strict=True)),
        x.shape[-1],
    )
    if math.prod(shape) > limits().elements:
        bounded(*shape)  # says what is wrong
    y = np.full(shape, value, x.dtype)
    inside = (slice(w.before, w.before + n) for w, n in zip(windows, x.shape[lead:-1], strict=True))
    y[spatial_index(*inside)] = x
    return y


def taps(x: Array, windows: Sequence[Window]) -> Iterator[Array]:
    """For each place in the window, in C order, the view of x that it sees: (lane, [batch,] out..., channel)."""
    for place in np.ndindex(*(w.size for w in windows)):
        yield x[spatial_index(*(w.seen_from(i) for i, w in zip(place, windows, strict=True)))]


def spatial_index(*spatial: slice) -> tuple[Any, ...]:
    """An index that takes ``spatial`` from the spatial axes and all of the others."""
    return (..., *spatial, slice(None))
