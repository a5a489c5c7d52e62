"""LSTM, GRU and RNN: each layer is one node, whatever the number of frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import fx

from .....engine.operator import find
from .....graph import Array
from ....gates import ordered
from ..aten_call import Op, reads

#: PyTorch's orders of gates.
GATES = {"lstm": "ifgo", "gru": "rzn", "rnn": "h"}


class Layer:
    """The weights of one layer of a ``core`` operator, both directions of it: (gate * hidden, ...) in the file."""

    def __init__(self, op: Op, nodes: Sequence[Sequence[fx.Node]], biased: bool, core: str) -> None:
        self.op, self.nodes, self.biased, self.core = op, nodes, biased, core

    def weight(self, at: int) -> str:
        """One kind of weight or bias (direction, ..., gate * hidden): a view if nothing is to be joined or moved."""
        return self._kept([[one[at]] for one in self.nodes], lambda arrays: self._rows(arrays[0]))

    def plain(self, at: int) -> str:
        """The same, for one that has no gates."""
        return self._kept([[one[at]] for one in self.nodes], lambda arrays: arrays[0].T)

    def both_biases(self) -> str:
        """Their sum, which is all that counts; exact in float64."""
        return self._kept(
            [[one[2], one[3]] for one in self.nodes],
            lambda arrays: self._rows(arrays[0].astype(np.float64) + arrays[1]),
        )

    def _rows(self, array: Array) -> Array:
        return ordered(array, GATES[self.core], find(self.core).facts.gates, axis=0).T

    def _kept(self, nodes: list[list[fx.Node]], make: Callable[[list[Array]], Array]) -> str:
        arrays = [[self._values(node) for node in each] for each in nodes]

        def stacked() -> Array:
            made = [make(each) for each in arrays]
            return made[0][None] if len(made) == 1 else np.stack(made)

        return self.op.values.joined([node for each in nodes for node in each], "recurrent", stacked)

    def _values(self, node: fx.Node) -> Array:
        array = self.op.values.array(node)
        if array is None:
            raise self.op.error(
                "weights that are computed are not read", fix="remove the parametrization first"
            )
        return array


@reads(*(f"modelparity.{kind}" for kind in ("lstm", "gru", "rnn_tanh", "rnn_relu")))
def recurrent(op: Op) -> None:
    """A stack of layers; dropout between them is off in eval mode."""
    op.ignore("dropout", "train")
    kind = op.type.split(".")[1]
    core = kind.split("_")[0]
    both, biased = (op.attr(name, kind=bool) for name in ("bidirectional", "has_biases"))
    layers = op.attr("num_layers", kind=int)
    dirs, params = 1 + both, list(op.attr("params"))
    each = len(params) // (layers * dirs)
    projected = each > 2 + 2 * biased
    x = op.input("input")
    if op.attr("batch_first"):
        x = op.temp("transpose", [x], axes=(1, 0, 2))
    settings: dict[str, Any] = {"direction": "bidirectional" if both else "forward"}
    if core == "rnn":
        settings["activation"] = kind.split("_")[1]
    given = list(op.attr("hx")) if core == "lstm" else [op.attr("hx")]
    lasts: list[list[str]] = [[] for _ in given]
    for at in range(layers):
        start = at * dirs * each
        nodes = [params[start + d * each : start + (d + 1) * each] for d in range(dirs)]
        layer = Layer(op, nodes, biased, core)
        inputs = [x, layer.weight(0), layer.weight(1)]
        states = [_state(op, node, at, dirs, layers) for node in given]
        if core == "gru":
            inputs += [layer.weight(2) if biased else "", layer.weight(3) if biased else ""]
        elif projected:
            inputs += [layer.plain(2 + 2 * biased), layer.both_biases() if biased else ""]
        else:
            inputs += [layer.both_biases() if biased else ""]
            inputs += [""] if core == "lstm" else []  # no peepholes
        inputs += states
        made = op.temps("projected_lstm" if projected else core, inputs, 1 + len(given), **settings)
        x = made[0]
        for last, name in zip(lasts, made[1:], strict=True):
            last.append(name)
    y = op.temp("transpose", [x], axes=(1, 0, 2)) if op.attr("batch_first") else x
    op.results(y, *(last[0] if layers == 1 else op.temp("concat", last, axis=0) for last in lasts))


def _state(op: Op, node: fx.Node, layer: int, dirs: int, layers: int) -> str:
    """A layer's part of the initial state (layer * direction, batch, width); zeros are left out."""
    targets = (torch.ops.aten.full.default, torch.ops.aten.zeros.default)
    if node.target in targets and (len(node.args) < 2 or node.args[1] == 0):
        return ""
    state = op.tensor(node)
    if layers == 1:
        return state
    return op.temp("slice", [state], starts=(layer * dirs,), ends=((layer + 1) * dirs,), axes=(0,))


@reads("aten.mkldnn_rnn_layer")
def fused_layer(op: Op) -> None:
    """One direction of one LSTM layer, as PyTorch exports it where the processor has a kernel for it."""
    if (
        op.attr("mode") != 2
        or op.attr("bidirectional")
        or op.attr("batch_first")
        or op.attr("num_layers") != 1
    ):
        raise op.error("only one direction of an LSTM layer is read in this form", found=dict(op.args))
    op.ignore("hidden_size", "batch_sizes", "train")  # as the weights and the input say; nothing is dropped
    biased = op.attr("has_biases", kind=bool)
    layer = Layer(op, [[op.attr(f"weight{k}") for k in range(4)]], biased, "lstm")
    inputs = [op.input("input"), layer.weight(0), layer.weight(1), layer.both_biases() if biased else "", ""]
    for name in ("hx_", "cx_"):
        state = op.input(name)
        inputs.append(op.temp("expand_dims", [state], axes=(0,)) if op.rank(name) == 2 else state)
    made = op.temps("lstm", inputs, 3, direction="reverse" if op.attr("reverse") else "forward")
    rank = op.rank("hx_")
    lasts = [op.temp("squeeze", [one], axes=(0,)) if rank == 2 else one for one in made[1:]]
    op.results(made[0], *lasts, "")
