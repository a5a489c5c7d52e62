"""Normalisation by stored statistics and by those of the input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from ....engine.bound_node import Call
from ....graph import Array
from ..building import Built, Scope, lowers


class Parameters(nn.Module):
    """A function of the input and named weights; those the node leaves out are None."""

    def __init__(self, name: str, weights: dict[str, Array | None], function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.name, self.keys, self.function = name, tuple(weights), function
        for key, array in weights.items():
            value = None if array is None else nn.Parameter(torch.from_numpy(np.array(array, np.float32)))
            self.register_parameter(key, value)

    def forward(self, x: Tensor) -> Tensor:
        """x (...) -> y (...)."""
        return self.function(x, *(getattr(self, key) for key in self.keys))

    def extra_repr(self) -> str:
        """Shown inside the brackets."""
        return self.name


def _built(scope: Scope, c: Call, keys: tuple[str, ...], function: Callable[..., Tensor]) -> Built:
    return Parameters(c.node.op, {key: scope.constant(c, key) for key in keys}, function), (c.tensors["x"],)


def _stretched(y: Tensor, gamma: Tensor | None, beta: Tensor | None) -> Tensor:
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta


@lowers("normalize")
def normalize(scope: Scope, c: Call) -> Built:
    """Channels are last, and a stored inverse deviation is no variance: written out."""

    def function(
        x: Tensor, mean: Tensor, inv_std: Tensor, gamma: Tensor | None, beta: Tensor | None
    ) -> Tensor:
        y = (x - mean) * (inv_std if gamma is None else gamma * inv_std)
        return y if beta is None else y + beta

    return _built(scope, c, ("mean", "inv_std", "gamma", "beta"), function)


@lowers("batch_norm")
def batch_norm(scope: Scope, c: Call) -> Built:
    """Written out, since channels are last and statistics may have more axes."""
    epsilon = float(c.attrs["epsilon"])

    def function(
        x: Tensor, mean: Tensor, variance: Tensor, gamma: Tensor | None, beta: Tensor | None
    ) -> Tensor:
        return _stretched((x - mean) / torch.sqrt(variance + epsilon), gamma, beta)

    return _built(scope, c, ("mean", "variance", "gamma", "beta"), function)


@lowers("layer_norm")
def layer_norm(scope: Scope, c: Call) -> Built:
    """Over any axes: nn.LayerNorm has only the last ones."""
    epsilon, axes = float(c.attrs["epsilon"]), tuple(int(axis) for axis in c.attrs["axes"])

    def function(x: Tensor, gamma: Tensor | None, beta: Tensor | None) -> Tensor:
        variance, mean = torch.var_mean(x, dim=axes, correction=0, keepdim=True)
        return _stretched((x - mean) / torch.sqrt(variance + epsilon), gamma, beta)

    return _built(scope, c, ("gamma", "beta"), function)


@lowers("rms_norm")
def rms_norm(scope: Scope, c: Call) -> Built:
    """x over the root of its mean square."""
    epsilon, axes = float(c.attrs["epsilon"]), tuple(int(axis) for axis in c.attrs["axes"])

    def function(x: Tensor, gamma: Tensor | None) -> Tensor:
        return _stretched(x / torch.sqrt((x * x).mean(dim=axes, keepdim=True) + epsilon), gamma, None)

    return _built(scope, c, ("gamma",), function)


@lowers("instance_norm", "group_norm")
def group_norm(scope: Scope, c: Call) -> Built:
    """Statistics over the spatial axes and the channels of a group, with channels last."""
    epsilon, spatial, groups = float(c.attrs["epsilon"]), int(c.attrs["spatial"]), c.attrs.get("groups")

    def function(x: Tensor, gamma: Tensor | None, beta: Tensor | None) -> Tensor:
        split = x.reshape(*x.shape[:-1], x.shape[-1] if groups is None else groups, -1)
        axes = [x.dim(), *range(x.dim() - 1 - spatial, x.dim() - 1)]
        variance, mean = torch.var_mean(split, dim=axes, correction=0, keepdim=True)
        return _stretched(((split - mean) / torch.sqrt(variance + epsilon)).flatten(-2), gamma, beta)

    return _built(scope, c, ("gamma", "beta"), function)
