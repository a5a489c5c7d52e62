"""Group normalisation, and with a group a channel, instance normalisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Shape
from ..engine.operator import Step, first_only, operator
from ..errors import GraphError
from ..graph import Array
from ._statistics import standardised_by_squares, stretched


def over_space(time: int, shape: Shape, attrs: Mapping[str, Any]) -> Step | str:
    """Streaming: only if time is neither a spatial axis nor the channels."""
    if time >= len(shape) - 1 - attrs["spatial"]:
        return "its statistics are over the time axis, so it needs all frames"
    return Step(time)


@operator(first_only(over_space))
def group_norm(
    ar: Arithmetic,
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    groups: int,
    spatial: int,
    epsilon: float = 1e-5,
) -> Array:
    """y = (x - mean) / sqrt(variance + epsilon) gamma + beta, with mean and variance over the ``spatial`` axes
    before the last and over the channels of each group

    x (..., spatial..., channel), gamma and beta (channel) -> y like x. One group is layer normalisation over
    space and channels; as many groups as channels is instance normalisation. Rounds as `layer_norm` does.
    Raises `GraphError` if the channels do not split into groups or there are not that many axes. The variance of
    ONNX is the mean of squares less the square of the mean, which is off by more: perturbed runs are off by that.
    Source: Wu and He, "Group normalization", 2018, eq. 2; Ulyanov, Vedaldi, Lempitsky, "Instance
    normalization", 2016; checked against torch.nn.functional.group_norm and instance_norm.
    """
    return stretched(
        ar, by_groups(x, groups, spatial, partial(standardised_by_squares, ar), epsilon), gamma, beta
    )


def by_groups(
    x: Array,
    groups: int,
    spatial: int,
    standard: Callable[[Array, tuple[int, ...], float], Array],
    epsilon: float,
) -> Array:
    """x with every group of channels standardised over itself and the ``spatial`` axes; errors as `group_norm`."""
    channels = x.shape[-1]
    if groups < 1 or channels % groups:
        raise GraphError(f"{channels} channels do not split into groups", found=groups)
    if not 0 <= spatial <= x.ndim - 2:
        raise GraphError("spatial axes do not fit", found=spatial, expected=f"from 0 to {x.ndim - 2}")
    split = x.reshape(*x.shape[:-1], groups, channels // groups)
    axes = (*range(split.ndim - 2 - spatial, split.ndim - 2), split.ndim - 1)
    return standard(split, axes, epsilon).reshape(x.shape)
