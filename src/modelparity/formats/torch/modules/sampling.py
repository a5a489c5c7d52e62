"""Transposed convolution, images sampled anew, pooling to a wanted size, blocks of pixels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ....engine.bound_node import Call
from ....ops._window import halves
from ...writing.sampling import shares
from ..building import Built, Function, Scope, fill, lowers
from .convolution import ChannelsLast

_CONV = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
_ADAPTIVE = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d, 3: nn.AdaptiveAvgPool3d}


@lowers("conv_transpose")
def conv_transpose(scope: Scope, c: Call) -> Built:
    """nn.ConvTranspose*d without padding: what the node cuts off, or adds as zeros, is cut off its whole result."""
    weight, bias = scope.weight(c, "weight"), scope.constant(c, "bias")
    n, groups = weight.ndim - 2, int(c.attrs["groups"])
    core = _CONV[n](
        weight.shape[n],
        weight.shape[n + 1] * groups,
        weight.shape[:n],
        bias=False,
        stride=c.attrs["strides"] or 1,
        dilation=c.attrs["dilations"] or 1,
        groups=groups,
    )
    fill(core.weight, weight.transpose(n, n + 1, *range(n)))
    whole = ChannelsLast(core, ((0, 0),) * n)
    settings = {key: c.attrs[key] for key in ("padding", "strides", "sizes", "extra")}
    return _Cut(whole, bias, n, settings), (c.tensors["x"],)


class _Cut(nn.Module):
    """What a transposed convolution leaves of its whole result, and its bias."""

    def __init__(self, whole: ChannelsLast, bias: Any, spatial: int, settings: dict[str, Any]) -> None:
        super().__init__()
        self.whole, self.spatial, self.settings = whole, spatial, settings
        self.bias = None if bias is None else nn.Parameter(torch.from_numpy(np.array(bias)))

    def forward(self, x: Tensor) -> Tensor:
        """([batch,] spatial..., in) -> ([batch,] spatial'..., out)."""
        full: Tensor = self.whole(x)
        n, a = self.spatial, self.settings
        for at in range(n):
            axis = full.dim() - 1 - n + at
            size, old = full.shape[axis], x.shape[axis]
            step = 1 if a["strides"] is None else a["strides"][at]
            more = 0 if a["extra"] is None else a["extra"][at]
            if isinstance(a["padding"], str):
                out = step * old if a["sizes"] is None else a["sizes"][at]
                start = halves(max(size - out, 0), lower=a["padding"] == "same_lower")[0]
            else:
                start, end = (0, 0) if a["padding"] is None else a["padding"][at]
                out = size - start - end if a["sizes"] is None else a["sizes"][at]
            out += more
            if start + out > size:
                wide = [0, 0] * (full.dim() - 1 - axis) + [0, start + out - size]
                full = functional.pad(full, wide)
            full = full.narrow(axis, start, out)
        return full if self.bias is None else full + self.bias


@lowers("adaptive_average_pool")
def adaptive_average_pool(scope: Scope, c: Call) -> Built:
    """nn.AdaptiveAvgPool*d."""
    sizes = tuple(int(n) for n in c.attrs["sizes"])
    return ChannelsLast(_ADAPTIVE[len(sizes)](sizes), ((0, 0),) * len(sizes)), (c.tensors["x"],)


@lowers("resize", "resample")
def resize(scope: Scope, c: Call) -> Built:
    """Along one axis after another a product with the shares that each new element takes."""
    return _Sampled(list(shares(scope, c))), (c.tensors["x"],)


class _Sampled(nn.Module):
    """Products with matrices (old, new), one an axis."""

    def __init__(self, matrices: list[tuple[int, Any]]) -> None:
        super().__init__()
        self.axes = [axis for axis, _ in matrices]
        for axis, matrix in matrices:
            self.register_buffer(
                f"shares_{axis}", torch.from_numpy(np.array(matrix, np.float32)), persistent=False
            )

    def forward(self, x: Tensor) -> Tensor:
        """(..., old, ...) -> (..., new, ...)."""
        for axis in self.axes:
            x = (x.movedim(axis, -1) @ self.get_buffer(f"shares_{axis}")).movedim(-1, axis)
        return x


_BLOCKS: dict[str, Callable[..., Tensor]] = {
    "pixel_shuffle": functional.pixel_shuffle,
    "pixel_unshuffle": functional.pixel_unshuffle,
}


@lowers(*_BLOCKS)
def shuffle(scope: Scope, c: Call) -> Built:
    """functional.pixel_shuffle and its inverse."""
    factor = int(c.attrs["factor"])
    function = partial(_blocks, _BLOCKS[c.node.op])
    return Function(c.node.op, function, factor=factor), (c.tensors["x"],)


def _blocks(function: Callable[..., Tensor], x: Tensor, *, factor: int) -> Tensor:
    return function(x, factor)


@lowers("depth_to_space")
def depth_to_space(scope: Scope, c: Call) -> Built:
    """pixel_shuffle, whose channels lie the other way round."""
    return Function("depth_to_space", _to_space, block=int(c.attrs["block"])), (c.tensors["x"],)


def _to_space(x: Tensor, *, block: int) -> Tensor:
    *lead, channels, height, width = x.shape
    parts = x.reshape(*lead, block * block, channels // block**2, height, width)
    turned = parts.movedim(-4, -3).reshape(*lead, channels, height, width)
    return functional.pixel_shuffle(turned, block)


@lowers("space_to_depth")
def space_to_depth(scope: Scope, c: Call) -> Built:
    """pixel_unshuffle, whose channels lie the other way round."""
    return Function("space_to_depth", _to_depth, block=int(c.attrs["block"])), (c.tensors["x"],)


def _to_depth(x: Tensor, *, block: int) -> Tensor:
    y = functional.pixel_unshuffle(x, block)
    *lead, channels, height, width = y.shape
    parts = y.reshape(*lead, channels // block**2, block * block, height, width)
    return parts.movedim(-4, -3).reshape(*lead, channels, height, width)
