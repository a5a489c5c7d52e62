"""Max pooling with where the largest elements stand, channels last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, spanned_by
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._window import extended, spatial_shape, taps, windows_over


@operator(
    not_causal("it says where in the whole input the elements stand"),
    facts=Facts(range=spanned_by("x"), windowed=True),
)
def max_pool_places(
    ar: Arithmetic,
    x: Array,
    *,
    size: Sequence[int],
    strides: Sequence[int] | None = None,
    padding: Sequence[Sequence[int]] | str | None = None,
    dilations: Sequence[int] | None = None,
    ceil: bool = False,
    column_major: bool = False,
) -> tuple[Array, Array]:
    """y, places: y as `max_pool` has it, and where in the flattened input (batch, channel, spatial...) each stands

    x (batch, spatial..., channel) -> y and places (batch, spatial'..., channel) int64; of equal elements the first
    in the window. With ``column_major`` the first spatial axis runs fastest in the count. Exact.
    Raises `GraphError` as `max_pool` does, or if there is no batch axis.
    Source: ONNX MaxPool; checked against torch.nn.functional.max_pool2d with return_indices.
    """
    n = len(size)
    if x.ndim != n + 3:
        raise GraphError("places need a batch axis", found=x.shape[1:], expected=f"{n + 2} axes")
    shape = spatial_shape(x, n)
    windows = windows_over(shape, size, size if strides is None else strides, padding, dilations, ceil=ceil)
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    steps = [1] * n
    for axis in range(1, n) if column_major else range(n - 2, -1, -1):
        near = axis - 1 if column_major else axis + 1
        steps[axis] = steps[near] * shape[near]
    where = sum(
        np.arange(length).reshape(-1, *(1,) * (n - axis)) * step
        for axis, (length, step) in enumerate(zip(shape, steps, strict=True))
    )
    batch, channels, area = x.shape[1], x.shape[-1], int(np.prod(shape))
    image = (np.arange(batch).reshape(-1, *(1,) * (n + 1)) * channels + np.arange(channels)) * area
    flat = np.broadcast_to(where + image, x.shape[1:])[None]
    data, places = taps(extended(x, windows, lowest), windows), taps(extended(flat, windows, -1), windows)
    seen = ar.neighbouring(x, range(2, n + 2))
    weighed = data if seen is x else taps(extended(seen, windows, lowest), windows)
    y = next(data).copy()
    most = y if seen is x else next(weighed).copy()
    at = np.broadcast_to(next(places), y.shape).copy()
    for view, place in zip(data, places, strict=True):
        weight = view if seen is x else next(weighed)
        better = (weight > most) | ((at < 0) & (place >= 0))
        np.copyto(y, view, where=better)
        if seen is not x:
            np.copyto(most, weight, where=better)
        np.copyto(at, np.broadcast_to(place, at.shape), where=better)
    return y, at.astype(np.int64)
