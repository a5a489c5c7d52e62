"""Recurrent layers written out step by step, for what PyTorch's own do not have.

The input's part of every gate is one product a direction, before the loop; both directions then step together.
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
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "identity": lambda z: z,
    "elu": functional.elu,
    "selu": functional.selu,
    "silu": functional.silu,
    "gelu": functional.gelu,
    "softsign": functional.softsign,
    "softplus": functional.softplus,
    "leaky_relu": functional.leaky_relu,
    "hard_sigmoid": lambda z: torch.clamp(z * 0.2 + 0.5, 0, 1),
}


@dataclass(frozen=True)
class Parts:
    """Weights and constant states by parameter name, all states, those given by the caller, and attributes."""

    weights: Mapping[str, Array | None]
    constant: Mapping[str, Array | None]
    states: tuple[str, ...]
    lent: tuple[str, ...]
    attrs: Mapping[str, Any]


class Cells(nn.Module):
    """What the loops share: W (direction, in, gates * hidden), R (direction, hidden, gates * hidden), biases.

    Gates are taken apart as views: on arrays as small as one step's, each call costs more than its arithmetic.
    """

    weight: Tensor
    recurrent: Tensor
    bias: Tensor | None
    recurrent_bias: Tensor | None
    peephole: Tensor | None

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
        self.hidden = int(self.recurrent.shape[1])

    def activation(self, which: str) -> Callable[[Tensor], Tensor]:
        """The gate activation that an attribute names."""
        return ACTIVATIONS[self.attrs[which]]

    def gates(self, z: Tensor) -> tuple[Tensor, ...]:
        """(..., gates * hidden) as one view a gate."""
        return z.view(*z.shape[:-1], z.shape[-1] // self.hidden, self.hidden).unbind(-2)

    def loop(self, pre: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """pre (time, direction, batch, gates * hidden), states (direction, batch, hidden) -> steps, last states."""
        raise NotImplementedError

    def forward(self, x: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        """x (time, [batch,] in), then the states that the graph computes -> y and the last states."""
        batched = x.dim() == 3
        rows = x if batched else x[:, None]
        parts = []
        for d, back in enumerate(self.backwards):
            part = rows @ self.weight[d] if self.bias is None else rows @ self.weight[d] + self.bias[d]
            parts.append(part.flip(0) if back else part)
        pre = torch.stack(parts, 1)
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
        h, c = states
        peep = None if self.peephole is None else self.peephole[:, None].unbind(2)
        new = self.attrs["output_peephole"] == "new"
        steps = []
        for p in pre:
            i, f, o, g = self.gates(torch.baddbmm(p, h, self.recurrent))
            if peep is not None:
                i, f = torch.addcmul(i, c, peep[0]), torch.addcmul(f, c, peep[1])
            old, c = c, torch.addcmul(gate(f) * c, gate(i), cell(g))
            if peep is not None:
                o = torch.addcmul(o, c if new else old, peep[2])
            h = out(c) * gate(o)
            steps.append(h)
        return torch.stack(steps), [h, c]


class GRUCells(Cells):
    """Gates in the order r z n, with the reset before or after the product and either meaning of z."""

    def loop(self, pre: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """See `Cells.loop`."""
        gate, cell = self.activation("gate_activation"), self.activation("cell_activation")
        (h,), two = states, 2 * self.hidden
        after, keeps = self.attrs["reset"] == "after", self.attrs["update"] == "keeps"
        shift = None if self.recurrent_bias is None else self.recurrent_bias[:, None]
        if not after and shift is not None:
            pre = pre + shift  # outside the product with r, the two biases are one
        early, late = self.recurrent[..., :two].contiguous(), self.recurrent[..., two:].contiguous()
        steps = []
        for p in pre:
            of_r, of_z, of_n = self.gates(p)
            if after:
                a = h @ self.recurrent if shift is None else torch.baddbmm(shift, h, self.recurrent)
                a_r, a_z, a_n = self.gates(a)
                r, z = gate(of_r + a_r), gate(of_z + a_z)
                n = cell(torch.addcmul(of_n, r, a_n))
            else:
                a_r, a_z = self.gates(h @ early)
                r, z = gate(of_r + a_r), gate(of_z + a_z)
                n = cell(torch.baddbmm(of_n, r * h, late))
            # lerp(a, b, w) = a + w (b - a)
            h = torch.lerp(n, h, z) if keeps else torch.lerp(h, n, z)
            steps.append(h)
        return torch.stack(steps), [h]
