"""RNN, LSTM and GRU: PyTorch's own layers where they are exact, a written-out loop where they are not.

PyTorch stacks gates in rows, LSTM i f g o and GRU r z n, and keeps a second bias.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from ....engine.bound_node import Call
from ....engine.operator import find
from ....graph import Array
from ...gates import ordered
from ..building import Built, Scope, fill, lowers, refusal
from ..cells import ACTIVATIONS, GRUCells, LSTMCells, Parts, RNNCells
from ..network import tensor


class Recurrent(nn.Module):
    """A layer of PyTorch's, with the graph's meaning of axes, direction and initial states.

    Without a batch, time is the first axis; a layer that only runs backwards gets its input reversed.
    """

    def __init__(self, core: nn.RNNBase, direction: str, states: list[Array | None], lent: int) -> None:
        super().__init__()
        self.core, self.reverse, self.lent = core, direction == "reverse", lent
        self.kept = len(states)
        for index, state in enumerate(states):
            self.register_buffer(f"state{index}", None if state is None else tensor(state))

    def forward(self, x: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        """x (time, [batch,] in), then the states that the graph computes -> y and the last states."""
        given_states = iter(given)
        states: list[Tensor] = []
        for index in range(self.kept):
            state = getattr(self, f"state{index}")
            if state is None and self.lent >> index & 1:
                state = next(given_states)
            if state is not None:
                if x.dim() == 3 and state.dim() == 2:
                    state = state[:, None].expand(-1, x.shape[1], -1)
                states.append(state.contiguous())
            else:
                directions = 2 if self.core.bidirectional else 1
                states.append(x.new_zeros(directions, *x.shape[1:-1], self.core.hidden_size))
        y, last = self.core(
            x.flip(0) if self.reverse else x, states[0] if len(states) == 1 else tuple(states)
        )
        lasts = last if isinstance(last, tuple) else (last,)
        return (y.flip(0) if self.reverse else y, *lasts)


def _layer(
    scope: Scope,
    c: Call,
    kind: Any,
    order: str,
    states: tuple[str, ...],
    negated: str = "",
    **settings: Any,
) -> Built:
    """One of PyTorch's layers, filled gate by gate."""
    direction = c.attrs["direction"]
    weight = scope.weight(c, "weight")
    bias, second = scope.constant(c, "bias"), scope.constant(c, "recurrent_bias")
    core = kind(
        weight.shape[1],
        weight.shape[2] // len(order),
        bias=bias is not None or second is not None,
        bidirectional=direction == "bidirectional",
        **settings,
    )
    have = find(c.node.op).facts.gates
    for d in range(len(weight)):
        suffix = "l0_reverse" if d else "l0"
        arrays = {
            "weight_ih": weight,
            "weight_hh": scope.constant(c, "recurrent"),
            "bias_ih": bias,
            "bias_hh": second,
        }
        for name, array in arrays.items():
            rows = None if array is None else ordered(array[d], have, order, axis=-1, negated=negated).T
            fill(getattr(core, f"{name}_{suffix}", None), rows)
    constant = [scope.constant(c, s) if scope.is_constant(c, s) else None for s in states]
    lent = [s for s in states if s in c.tensors and not scope.is_constant(c, s)]
    mask = sum(1 << index for index, s in enumerate(states) if s in lent)
    module = Recurrent(core, direction, constant, mask)
    return module, (c.tensors["x"], *(c.tensors[s] for s in lent))


def _cells(scope: Scope, c: Call, kind: type[Any], states: tuple[str, ...]) -> Built:
    """A written-out loop."""
    activations = [name for key, name in c.attrs.items() if key.endswith("activation")]
    for name in activations:
        if name not in ACTIVATIONS:
            raise refusal(
                c, f"no form of the gate activation {name} is known; one of {', '.join(ACTIVATIONS)} is"
            )
    names = ("weight", "recurrent", "bias", "recurrent_bias", "peephole")
    weights = {name: scope.constant(c, name) for name in names}
    constant = {s: scope.constant(c, s) if scope.is_constant(c, s) else None for s in states}
    lent = [s for s in states if s in c.tensors and not scope.is_constant(c, s)]
    module = kind(Parts(weights, constant, tuple(states), tuple(lent), dict(c.attrs)))
    return module, (c.tensors["x"], *(c.tensors[s] for s in lent))


def _unlimited(c: Call) -> None:
    """Refuse what neither PyTorch's layers nor the written-out loops have."""
    for name in ("clip", "cell_clip", "coupled", "quantized"):
        if c.attrs.get(name) not in (None, False):
            raise refusal(
                c,
                f"{name}={c.attrs[name]}: recurrent layers here are neither clipped nor coupled nor quantised",
            )


@lowers("rnn")
def rnn(scope: Scope, c: Call) -> Built:
    """nn.RNN for tanh and ReLU."""
    _unlimited(c)
    if c.attrs["activation"] in ("tanh", "relu"):
        return _layer(scope, c, nn.RNN, "h", ("h0",), nonlinearity=c.attrs["activation"])
    return _cells(scope, c, RNNCells, ("h0",))


@lowers("lstm")
def lstm(scope: Scope, c: Call) -> Built:
    """nn.LSTM has no peepholes and fixed activations."""
    _unlimited(c)
    standard = [c.attrs[f"{gate}_activation"] for gate in ("gate", "cell", "output")] == [
        "sigmoid",
        "tanh",
        "tanh",
    ]
    if standard and "peephole" not in c.tensors:
        return _layer(scope, c, nn.LSTM, "ifgo", ("h0", "c0"))
    return _cells(scope, c, LSTMCells, ("h0", "c0"))


@lowers("gru")
def gru(scope: Scope, c: Call) -> Built:
    """nn.GRU resets after and keeps with z; a z that replaces is complemented by negating its pre-activation."""
    _unlimited(c)
    standard = c.attrs["gate_activation"] == "sigmoid" and c.attrs["cell_activation"] == "tanh"
    if standard and c.attrs["reset"] == "after":
        return _layer(scope, c, nn.GRU, "rzn", ("h0",), "z" if c.attrs["update"] == "replaces" else "")
    return _cells(scope, c, GRUCells, ("h0",))
