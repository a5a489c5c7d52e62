"""Instance normalisation."""

from __future__ import annotations

from functools import partial

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, rank_of
from ..engine.operator import first_only, operator
from ..graph import Array
from ._statistics import standardised, stretched
from .group_norm import by_groups, over_space


@operator(first_only(over_space), facts=Facts(rank=rank_of("x")))
def instance_norm(
    ar: Arithmetic,
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    spatial: int,
    epsilon: float = 1e-5,
) -> Array:
    """y = (x - mean) / sqrt(variance + epsilon) gamma + beta, with mean and variance of each channel over the
    ``spatial`` axes before the last

    x (..., spatial..., channel), gamma and beta (channel) -> y like x. Rounds as `layer_norm` does.
    Raises `GraphError` if there are not that many axes.
    Source: Ulyanov, Vedaldi, Lempitsky, "Instance normalization", 2016; checked against
    torch.nn.functional.instance_norm.
    """
    y = by_groups(x, x.shape[-1], spatial, partial(standardised, ar), epsilon)
    return stretched(ar, y, gamma, beta)
