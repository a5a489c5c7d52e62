"""LSTM, GRU and RNN: each layer is one node, whatever the number of frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import fx

from .....graph import Array
from ..call import Call, reads

#: PyTorch's order of gates -> the engine's: an LSTM has i f g o there and i f o g here; GRU has r z n in both.
ORDERS = {"lstm": (0, 1, 3, 2), "gru": (0, 1, 2), "rnn": (0,)}


def _rows(array: Array, order: Sequence[int]) -> Array:
    """(gate * hidden, ...) -> (..., gate * hidden), gates in another order; a view if it is the same."""
    if list(order) != sorted(order):
        array = np.concatenate([np.split(array, len(order))[gate] for gate in order])
    return array.T


class Layer:
    """The weights of one layer, both directions of it."""

    def __init__(
        self, c: Call, nodes: Sequence[Sequence[fx.Node]], biased: bool, order: Sequence[int]
    ) -> None:
        self.c, self.nodes, self.biased, self.order = c, nodes, biased, order

    def weight(self, at: int, order: Sequence[int] | None = None) -> str:
        """One kind of weight as (direction, ...): a view if there is one direction and no order to change."""
        order = self.order if order is None else order
        return self._kept([[one[at]] for one in self.nodes], lambda arrays: _rows(arrays[0], order))

    def bias(self, at: int) -> str:
        """One of the two biases."""
        return self._kept([[one[at]] for one in self.nodes], lambda arrays: _rows(arrays[0], self.order))

    def both_biases(self) -> str:
        """Their sum, which is all that counts; exact in float64."""
        return self._kept(
            [[one[2], one[3]] for one in self.nodes],
            lambda arrays: _rows(arrays[0].astype(np.float64) + arrays[1], self.order),
        )

    def _kept(self, nodes: list[list[fx.Node]], make: Callable[[list[Array]], Array]) -> str:
        arrays = [[self._values(node) for node in each] for each in nodes]

        def stacked() -> Array:
            made = [make(each) for each in arrays]
            return made[0][None] if len(made) == 1 else np.stack(made)

        return self.c.reading.joined([node for each in nodes for node in each], "recurrent", stacked)

    def _values(self, node: fx.Node) -> Array:
        array = self.c.reading.array(node)
        if array is None:
            raise self.c.error(
                "weights that are computed are not read", fix="remove the parametrization first"
            )
        return array


@reads(*(f"modelparity.{kind}" for kind in ("lstm", "gru", "rnn_tanh", "rnn_relu")))
def recurrent(c: Call) -> tuple[str, ...]:
    """A stack of layers; dropout between them is off in eval mode."""
    kind = c.op.split(".")[1]
    op = kind.split("_")[0]
    both, biased, layers = bool(c["bidirectional"]), bool(c["has_biases"]), int(c["num_layers"])
    dirs, params = 1 + both, list(c["params"])
    each = len(params) // (layers * dirs)
    projected = each > 2 + 2 * biased
    x = c.tensor("input")
    if c["batch_first"]:
        x = c.emit("transpose", [x], axes=(1, 0, 2))
    settings: dict[str, Any] = {"direction": "bidirectional" if both else "forward"}
    if op == "rnn":
        settings["activation"] = kind.split("_")[1]
    given = list(c["hx"]) if op == "lstm" else [c["hx"]]
    lasts: list[list[str]] = [[] for _ in given]
    for at in range(layers):
        start = at * dirs * each
        nodes = [params[start + d * each : start + (d + 1) * each] for d in range(dirs)]
        layer = Layer(c, nodes, biased, ORDERS[op])
        inputs = [x, layer.weight(0), layer.weight(1)]
        states = [_state(c, node, at, dirs, layers) for node in given]
        if op == "gru":
            inputs += [layer.bias(2) if biased else "", layer.bias(3) if biased else ""]
        elif projected:
            inputs += [layer.weight(2 + 2 * biased, (0,)), layer.both_biases() if biased else ""]
        else:
            inputs += [layer.both_biases() if biased else ""]
            inputs += [""] if op == "lstm" else []  # no peepholes
        inputs += states
        while not inputs[-1]:
            inputs.pop()
        made = c.several("projected_lstm" if projected else op, inputs, 1 + len(given), **settings)
        x = made[0]
        for last, name in zip(lasts, made[1:], strict=True):
            last.append(name)
    y = c.emit("transpose", [x], axes=(1, 0, 2)) if c["batch_first"] else x
    return y, *(last[0] if layers == 1 else c.emit("concat", last, axis=0) for last in lasts)


def _state(c: Call, node: fx.Node, layer: int, dirs: int, layers: int) -> str:
    """A layer's part of the initial state (layer * direction, batch, width); zeros are left out."""
    targets = (torch.ops.aten.full.default, torch.ops.aten.zeros.default)
    if node.target in targets and (len(node.args) < 2 or node.args[1] == 0):
        return ""
    state = c.operand(node)
    if layers == 1:
        return state
    return c.emit("slice", [state], starts=(layer * dirs,), ends=((layer + 1) * dirs,), axes=(0,))


@reads("aten.mkldnn_rnn_layer")
def fused_layer(c: Call) -> tuple[str, ...]:
    """One direction of one LSTM layer, as PyTorch exports it where the processor has a kernel for it."""
    if c["mode"] != 2 or c["bidirectional"] or c["batch_first"] or c["num_layers"] != 1:
        raise c.error("only one direction of an LSTM layer is read in this form", found=dict(c.args))
    biased = bool(c["has_biases"])
    layer = Layer(c, [[c[f"weight{k}"] for k in range(4)]], biased, ORDERS["lstm"])
    inputs = [c.tensor("input"), layer.weight(0), layer.weight(1), layer.both_biases() if biased else "", ""]
    for name in ("hx_", "cx_"):
        state = c.tensor(name)
        inputs.append(c.emit("expand_dims", [state], axes=(0,)) if c.rank(name) == 2 else state)
    made = c.several("lstm", inputs, 3, direction="reverse" if c["reverse"] else "forward")
    rank = c.rank("hx_")
    lasts = [c.emit("squeeze", [one], axes=(0,)) if rank == 2 else one for one in made[1:]]
    return made[0], *lasts, ""
