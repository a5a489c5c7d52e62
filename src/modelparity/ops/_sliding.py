"""How windows over spatial axes, of convolution and pooling, run block by block."""

from __future__ import annotations

from collections.abc import Sequence

from ..operator import Step


def sliding_step(
    time: int | None,
    rank: int | None,
    size: Sequence[int],
    n: int,
    strides: Sequence[int] | None,
    padding: Sequence[Sequence[int]] | None,
    dilations: Sequence[int] | None,
    *,
    ceil: bool = False,
) -> Step | str:
    """How a window over n spatial axes streams, when time is one of them, the batch axis, or neither."""
    if time is None or rank is None:
        return "its input has no time axis"
    if time == rank - 1:
        return "it mixes channels, and its time axis is the channel axis"
    axis = time - (rank - 1 - n)
    if axis < 0:
        return Step(time)
    if padding is not None and any(padding[axis]):
        return "it pads the time axis, so its last outputs need to know where the sequence ends"
    if ceil and (strides is None or strides[axis] != 1):
        return "it rounds up along the time axis, so its last output needs to know where the sequence ends"
    dilation = 1 if dilations is None else dilations[axis]
    return Step(time, (size[axis] - 1) * dilation + 1, 1 if strides is None else strides[axis])
