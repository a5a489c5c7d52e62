"""Convolution, pooling and padding. PyTorch has channels before the spatial axes; a step in between turns them."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor, nn
from torch.nn import functional

from ....engine.bound_node import Call
from ...writing.attributes import kernel
from ..building import Built, Function, Scope, fill, lowers, refusal

_CONV = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
_MAX = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
_AVERAGE = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}


class ChannelsLast(nn.Module):
    """Runs ``core``, which wants (batch, channel, spatial...), on ([batch,] spatial..., channel)."""

    def __init__(
        self, core: nn.Module, padding: tuple[tuple[int, int], ...] = (), value: float = 0.0
    ) -> None:
        super().__init__()
        self.core, self.value = core, value
        # functional.pad counts axes from the last.
        self.padding = [n for pair in padding[::-1] for n in pair] if any(map(any, padding)) else []
        self.spatial = len(padding)

    def forward(self, x: Tensor) -> Tensor:
        """([batch,] spatial..., channel) -> ([batch,] spatial'..., channel')."""
        batched = x.dim() == self.spatial + 2
        image = (x if batched else x[None]).movedim(-1, 1)
        if self.padding:
            image = functional.pad(image, self.padding, value=self.value)
        y: Tensor = self.core(image).movedim(1, -1)
        return y if batched else y[0]

    def extra_repr(self) -> str:
        """Shown inside the brackets."""
        return f"padding={self.padding}" if self.padding else ""


@lowers("conv")
def conv(scope: Scope, c: Call) -> Built:
    """nn.Conv*d is a cross-correlation with weight (out, in, k...); a flipped kernel is stored flipped."""
    weight, bias = kernel(c, scope.weight(c, "weight")), scope.constant(c, "bias")
    n = weight.ndim - 2
    core = _CONV[n](
        weight.shape[1] * c.attrs["groups"],
        weight.shape[0],
        weight.shape[2:],
        bias=bias is not None,
        stride=c.attrs["strides"] or 1,
        dilation=c.attrs["dilations"] or 1,
        groups=c.attrs["groups"],
    )
    fill(core.weight, weight)
    fill(core.bias, None if bias is None else np.broadcast_to(bias, weight.shape[:1]))
    return ChannelsLast(core, scope.borders(c, n)), (c.tensors["x"],)


@lowers("max_pool")
def max_pool(scope: Scope, c: Call) -> Built:
    """nn.MaxPool*d pads both ends alike, so uneven padding is put on before, with -inf."""
    size = tuple(c.attrs["size"])
    padding = scope.borders(c, len(size))
    even = all(before == after and 2 * before <= k for (before, after), k in zip(padding, size, strict=True))
    if not even and c.attrs["ceil"]:
        raise refusal(c, "padding that differs at the two ends, together with ceil")
    core = _MAX[len(size)](
        size,
        c.attrs["strides"],
        padding=tuple(b for b, _ in padding) if even else 0,
        dilation=c.attrs["dilations"] or 1,
        ceil_mode=c.attrs["ceil"],
    )
    outside = ((0, 0),) * len(size) if even else padding
    return ChannelsLast(core, outside, -float("inf")), (c.tensors["x"],)


@lowers("average_pool")
def average_pool(scope: Scope, c: Call) -> Built:
    """nn.AvgPool*d; uneven padding can only be put on before if it counts."""
    size = tuple(c.attrs["size"])
    if c.attrs["dilations"] is not None:
        raise refusal(c, "PyTorch's average pools have no dilations")
    padding, counts = scope.borders(c, len(size)), bool(c.attrs["count_padding"])
    even = all(before == after and 2 * before <= k for (before, after), k in zip(padding, size, strict=True))
    if not even and (c.attrs["ceil"] or not counts):
        raise refusal(c, "padding that differs at the two ends and does not count, or together with ceil")
    core = _AVERAGE[len(size)](
        size,
        c.attrs["strides"],
        padding=tuple(b for b, _ in padding) if even else 0,
        ceil_mode=c.attrs["ceil"],
        count_include_pad=counts,
    )
    return ChannelsLast(core, ((0, 0),) * len(size) if even else padding), (c.tensors["x"],)


@lowers("pad")
def pad(scope: Scope, c: Call) -> Built:
    """functional.pad counts axes from the last."""
    widths = [n for pair in list(zip(c.attrs["before"], c.attrs["after"], strict=True))[::-1] for n in pair]
    mode = c.attrs["mode"]
    settings: dict[str, Any] = {"pad": [int(n) for n in widths]}
    if mode == "constant":
        return Function("pad", functional.pad, **settings, value=float(c.attrs["value"])), (c.tensors["x"],)
    return Function(
        "pad", _indexed, before=tuple(c.attrs["before"]), after=tuple(c.attrs["after"]), mode=mode
    ), (c.tensors["x"],)


def _indexed(x: Tensor, *, before: tuple[int, ...], after: tuple[int, ...], mode: str) -> Tensor:
    """Reflection or the edge along any axes: functional.pad has these for the last ones only."""
    for axis, (b, a) in enumerate(zip(before, after, strict=True)):
        if b or a:
            n = x.shape[axis]
            places = np.pad(np.arange(n), (b, a), mode=mode)  # type: ignore[call-overload]
            x = x.index_select(axis, x.new_tensor(places).long())
    return x
