"""Max unpool: elements back where they stood before max pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded


@operator(plain=True)
def max_unpool(
    ar: Arithmetic,
    x: Array,
    places: Array,
    *,
    size: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[Sequence[int]] | None = None,
    shape: Sequence[int] | None = None,
) -> Array:
    """y = x at ``places`` of the flattened array, zeros elsewhere

    x and places (batch, channel, spatial...) -> y (batch, channel, spatial'...), with
    spatial' = stride (n - 1) + size - padding, in which ``places`` count, or of ``shape``, into whose low corner that
    result goes. Exact. Raises `GraphError` if a place lies outside.
    Source: ONNX MaxUnpool; checked against torch.nn.functional.max_unpool2d.
    """
    pads = [(0, 0)] * len(size) if padding is None else padding
    sizes = [s * (n - 1) + k - sum(p) for n, k, s, p in zip(x.shape[2:], size, strides, pads, strict=True)]
    own = [*x.shape[:2], *bounded(*sizes)]
    target = own if shape is None else list(bounded(*shape))
    if len(target) != len(own) or any(n < m for n, m in zip(target, own, strict=True)):
        raise GraphError("the shape is too small", found=target, expected=f"at least {own}")
    inner = np.zeros(own, x.dtype)
    flat, index = inner.reshape(-1), places.reshape(-1)
    if index.size and (index.min() < 0 or index.max() >= flat.size):
        raise GraphError(
            "a place outside of the result", found=int(index.max()), expected=f"less than {flat.size}"
        )
    flat[index] = x.reshape(-1)
    if target == own:
        return inner
    y = np.zeros(target, x.dtype)
    y[tuple(slice(n) for n in own)] = inner
    return y
