"""How windows over spatial axes, of convolution and pooling, run block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.facts import Shape
from ..engine.operator import Step, first_only


def sliding(
    time: int,
    rank: int,
    size: Sequence[int],
    strides: Sequence[int] | None,
    attrs: Mapping[str, Any],
    *,
    zeros: bool = False,
) -> Step | str:
    """How a window of ``size`` (one number a spatial axis) streams: time is one of them, the batch axis, or neither.

    ``attrs`` may have ``padding``, ``dilations`` and ``ceil``, as the operator takes them. Where padding is of
    ``zeros``, it may stand in front of time: the past of a causal network.
    """
    if time == rank - 1:
        return "it mixes channels, and its time axis is the channel axis"
    axis = time - (rank - 1 - len(size))
    if axis < 0:
        return Step(time)
    padding, dilations = attrs.get("padding"), attrs.get("dilations")
    before, after = (0, 0) if padding is None or isinstance(padding, str) else padding[axis]
    if isinstance(padding, str) or after or (before and not zeros):
        return "it pads the time axis, so its last outputs need to know where the sequence ends"
    hop = 1 if strides is None else strides[axis]
    if attrs.get("ceil", False) and hop != 1:
        return "it rounds up along the time axis, so its last output needs to know where the sequence ends"
    dilation = 1 if dilations is None else dilations[axis]
    extent = (size[axis] - 1) * dilation + 1
    if not before:
        return Step(time, extent, hop)
    rest = tuple((0, 0) if i == axis else tuple(pair) for i, pair in enumerate(padding or ()))
    return Step(time, extent, hop, before=before, attrs={"padding": rest})


@first_only
def pooling(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    """Streaming of a pool, whose strides are its size unless they are given."""
    strides = attrs.get("strides")
    return sliding(time, len(shape), attrs["size"], attrs["size"] if strides is None else strides, attrs)
