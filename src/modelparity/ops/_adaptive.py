"""Windows that adaptive pooling lays so that a wanted number of them comes out."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import GraphError
from ..graph import Array


def adaptive_windows(x: Array, sizes: Sequence[int]) -> list[list[slice]]:
    """For each spatial axis of x (lane, [batch,] spatial..., channel) its windows, which may overlap.

    Window i of n covers floor(i m / n) to ceil((i + 1) m / n) of m places.
    """
    if not 1 <= len(sizes) <= x.ndim - 2 or min(sizes) < 1:
        raise GraphError(
            "sizes do not fit", found=tuple(sizes), expected=f"up to {x.ndim - 2} numbers of at least 1"
        )
    spatial = x.shape[-1 - len(sizes) : -1]
    if 0 in spatial:
        raise GraphError("there is nothing to pool", found=x.shape[1:])
    return [
        [slice(i * m // n, -(-(i + 1) * m // n)) for i in range(n)]
        for m, n in zip(spatial, sizes, strict=True)
    ]
