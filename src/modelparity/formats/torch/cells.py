"""Recurrent layers written out step by step, for what PyTorch's own do not have.

The input's part of every gate is one product before the loop; both directions go through it together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ...graph import Array

#: Gate activations by operator name, with the operators' default settings.
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "identity": lambda z: z,
    "elu": functional.elu, "selu": functional.selu, "silu": functional.silu, "gelu": functional.gelu,
    "softsign": functional.softsign, "softplus": functional.softplus,
    "leaky_relu": functional.leaky_relu, "hard_sigmoid": lambda z: torch.clamp(z * 0.2 + 0.5, 0, 1),
}  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """Weights and constant states by parameter name, all states, those given by the caller, and attributes."""

    weights: Mapping[str, Array | None]
    constant: Mapping[str, Array | None]
    states: tuple[str, ...]
    lent: tuple[str, ...]
    attrs: Mapping[str, Any]


class Cells(nn.Module):
    """What the loops share: W (direction, in, gates * hidden), R (direction, hidden, gates * hidden), biases."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        for name, array in parts.weights.items():
            value = None if array is None else nn.Parameter(torch.from_numpy(np.array(array, np.float32)))
            self.register_parameter(name, value)
        for name, array in parts.constant.items():
            self.register_buffer(
                name, None if array is None else torch.from_numpy(np.array(array, np.float32))
            )
        self.states, self.lent, self.attrs = parts.states, parts.lent, parts.attrs
        direction = parts.attrs["direction"]
        self.backwards = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}[direction]
        self.hidden = self.recurrent.shape[1]

    def activation(self, which: str) -> Callable[[Tensor], Tensor]:
        """The gate activation that an attribute names."""
        return ACTIVATIONS[self.attrs[which]]

    def loop(self, pre: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """pre (time, direction, batch, gates * hidden), states (direction, batch, hidden) -> steps, last states."""
        raise NotImplementedError

    def forward(self, x: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        """x (time, [batch,] in), then the states that the graph computes -> y and the last states."""
        batched = x.dim() == 3
        rows = x if batched else x[:, None]
        pre = torch.einsum("tbi,diw->tdbw", rows, self.weight)
        if self.bias is not None:
            pre = pre + self.bias[:, None]
        pre = torch.stack(
            [pre[:, d].flip(0) if back else pre[:, d] for d, back in enumerate(self.backwards)], 1
        )
        computed = dict(zip(self.lent, given, strict=True))
        states = [self._state(computed.get(name, getattr(self, name)), rows) for name in self.states]
        steps, lasts = self.loop(pre, states)
        y = torch.cat(
            [steps[:, d].flip(0) if back else steps[:, d] for d, back in enumerate(self.backwards)], -1
        )
        return (y if batched else y[:, 0], *(last if batched else last[:, 0] for last in lasts))

    def _state(self, state: Tensor | None, rows: Tensor) -> Tensor:
        shape = (len(self.backwards), rows.shape[1], self.hidden)
        if state is None:
            return rows.new_zeros(shape)
        return (state if state.dim() == 3 else state[:, None]).expand(shape)

    def extra_repr(self) -> str:
        """Shown inside the brackets."""
        return f"{self.weight.shape[1]}, {self.hidden}, " + ", ".join(
            f"{k}={v}" for k, v in self.attrs.items()
        )


class RNNCells(Cells):
    """h = act(pre + h' R)."""

    def loop(self, pre: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """See `Cells.loop`."""
        act, (h,) = self.activation("activation"), states
        steps = []
        for p in pre:
            h = act(torch.baddbmm(p, h, self.recurrent))
            steps.append(h)
        return torch.stack(steps), [h]


class LSTMCells(Cells):
    """Gates in the order i f o g; the peepholes of i and f look at the old cell, that of o at either."""

    def loop(self, pre: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """See `Cells.loop`."""
        gate, cell, out = (self.activation(f"{name}_activation") for name in ("gate", "cell", "output"))
        n, (h, c) = self.hidden, states
        looks = self.peephole is not None
        if looks:
            early = self.peephole[:, None, :2].flatten(2)  # (direction, 1, 2 hidden)
            late = self.peephole[:, None, 2]
        steps = []
        for p in pre:
            z = torch.baddbmm(p, h, self.recurrent)
            if looks:
                i, f = gate(torch.addcmul(z[..., : 2 * n], torch.cat((c, c), -1), early)).split(n, -1)
            else:
                i, f = gate(z[..., : 2 * n]).split(n, -1)
            old, c = c, f * c + i * cell(z[..., 3 * n :])
            o = z[..., 2 * n : 3 * n]
            if looks:
                o = torch.addcmul(o, c if self.attrs["output_peephole"] == "new" else old, late)
            h = out(c) * gate(o)
            steps.append(h)
        return torch.stack(steps), [h, c]


class GRUCells(Cells):
    """Gates in the order r z n, with the reset before or after the product and either meaning of z."""

    def loop(self, pre: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """See `Cells.loop`."""
        gate, cell = self.activation("gate_activation"), self.activation("cell_activation")
        n, (h,) = self.hidden, states
        after, keeps = self.attrs["reset"] == "after", self.attrs["update"] == "keeps"
        shift = pre.new_zeros(1) if self.recurrent_bias is None else self.recurrent_bias[:, None]
        steps = []
        for p in pre:
            if after:
                a = h @ self.recurrent + shift
                r, z = gate(a[..., : 2 * n] + p[..., : 2 * n]).split(n, -1)
                new = cell(p[..., 2 * n :] + r * a[..., 2 * n :])
            else:
                q = p + shift
                r, z = gate(torch.baddbmm(q[..., : 2 * n], h, self.recurrent[..., : 2 * n])).split(n, -1)
                new = cell(torch.baddbmm(q[..., 2 * n :], r * h, self.recurrent[..., 2 * n :]))
            h = (1 - z) * new + z * h if keeps else z * new + (1 - z) * h
            steps.append(h)
        return torch.stack(steps), [h]
