"""Recurrent networks written two ways: mistakes of whoever ports weights, reads states, or streams."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from .mistake import in_source, noise, retold, scattered

KIND = "recurrent"


class Tagger(nn.Module):
    """Activations of every frame: a convolution over time, a GRU in both directions, a sigmoid."""

    def __init__(self, layers: int = 1, both: bool = True, cell: type[nn.Module] = nn.GRU) -> None:
        super().__init__()
        self.front = nn.Conv1d(5, 8, 3, padding=1)
        self.rnn = cell(8, 6, layers, batch_first=True, bidirectional=both)  # type: ignore[call-arg]
        self.head = nn.Linear(12 if both else 6, 2)

    def forward(self, x: Any) -> Any:
        y = torch.relu(self.front(x.transpose(1, 2))).transpose(1, 2)
        return torch.sigmoid(self.head(self.rnn(y)[0]))


class Amplifier(nn.Module):
    """What guitar plug-ins run: an LSTM over samples, a dense layer, and the input added."""

    def __init__(self, cell: type[nn.Module] = nn.LSTM) -> None:
        super().__init__()
        self.rec = cell(1, 7, batch_first=True)  # type: ignore[call-arg]
        self.lin = nn.Linear(7, 1)

    def forward(self, x: Any) -> Any:
        return self.lin(self.rec(x)[0]) + x


class Classifier(nn.Module):
    """One answer for a sequence: both last states of an LSTM, a dense layer, a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(5, 6, batch_first=True, bidirectional=True)
        self.head = nn.Linear(12, 4)

    def forward(self, x: Any) -> Any:
        h = self.rnn(x)[1][0]
        return torch.softmax(self.head(torch.cat([h[0], h[1]], -1)), -1)


def tagger(**more: Any) -> Any:
    return scattered(Tagger(**more)), noise(1, 9, 5)


def amplifier(**more: Any) -> Any:
    return scattered(Amplifier(**more)), noise(1, 12, 1)


def gates(layer: Any, order: tuple[int, ...], *names: str) -> None:
    """Gates of a recurrent layer's weights in another order."""
    with torch.no_grad():
        for name, one in layer.named_parameters():
            if not names or any(part in name for part in names):
                parts = one.chunk(len(order), 0)
                one.copy_(torch.cat([parts[at] for at in order], 0))


def changed(module: Any, change: Any) -> Any:
    """A copy of a module after a change."""
    made = copy.deepcopy(module)
    with torch.no_grad():
        change(made)
    return made


@in_source(
    "weights of a GRU from Keras, update gate first",
    KIND,
    at="gru",
    right="gru-gates-swapped",
    to=".onnx .pt2 .mlpackage",
)
def _() -> Any:
    module, x = tagger(both=False)
    return module, changed(module, lambda m: gates(m.rnn, (1, 0, 2))), x


@in_source(
    "gates of a GRU in both directions in TensorFlow's order",
    KIND,
    at="gru",
    right="gru-gates-swapped",
    to="dynamo.onnx",
)
def _() -> Any:
    module, x = tagger()
    return module, changed(module, lambda m: gates(m.rnn, (1, 0, 2))), x


@in_source(
    "candidate gate of a GRU taken for the reset gate", KIND, at="gru", right="gru-gates-swapped", to=".onnx"
)
def _() -> Any:
    module, x = tagger(both=False)
    return module, changed(module, lambda m: gates(m.rnn, (2, 1, 0))), x


@in_source(
    "the two biases of a GRU added into one, as without reset_after",
    KIND,
    at="gru",
    right="gru-biases-summed",
    to=".onnx",
)
def _() -> Any:
    module, x = tagger(both=False)

    def merge(m: Any) -> None:
        m.rnn.bias_ih_l0 += m.rnn.bias_hh_l0
        m.rnn.bias_hh_l0.zero_()

    return module, changed(module, merge), x


@in_source(
    "recurrent bias of a GRU not loaded",
    KIND,
    at="gru",
    right="bias-dropped",
    to=".onnx",
)
def _() -> Any:
    module, x = tagger(both=False)
    return module, changed(module, lambda m: m.rnn.bias_hh_l0.zero_()), x


@in_source(
    "weights of an LSTM from ONNX's order",
    KIND,
    at="lstm",
    right="lstm-gates-permuted",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, x = amplifier()
    return module, changed(module, lambda m: gates(m.rec, (0, 2, 3, 1))), x


@in_source(
    "input and forget gate of an LSTM exchanged", KIND, at="lstm", right="lstm-gates-permuted", to=".onnx"
)
def _() -> Any:
    module, x = amplifier()
    return module, changed(module, lambda m: gates(m.rec, (1, 0, 2, 3))), x


@in_source(
    "recurrent weights of an LSTM alone reordered",
    KIND,
    at="lstm",
    right="lstm-gates-permuted gates-of-one-array-permuted",
    to=".onnx",
)
def _() -> Any:
    module, x = amplifier()
    return module, changed(module, lambda m: gates(m.rec, (0, 1, 3, 2), "weight_hh")), x


@in_source(
    "one added to the forget gate's bias, as TensorFlow's forget_bias",
    KIND,
    at="lstm",
    right="lstm-forget-bias",
    to=".onnx",
)
def _() -> Any:
    module, x = amplifier()

    def forget(m: Any) -> None:
        m.rec.bias_ih_l0[7:14] += 1

    return module, changed(module, forget), x


@in_source(
    "bias of an LSTM loaded into both of its places",
    KIND,
    at="lstm",
    right="bias-doubled",
    to=".onnx",
)
def _() -> Any:
    module, x = amplifier()
    with torch.no_grad():
        module.rec.bias_hh_l0.zero_()
    return module, changed(module, lambda m: m.rec.bias_hh_l0.copy_(m.rec.bias_ih_l0)), x


@in_source("recurrent matrix transposed", KIND, at="rnn", right="weights-transposed", to=".onnx")
def _() -> Any:
    module, x = amplifier(cell=nn.RNN)
    return module, changed(module, lambda m: m.rec.weight_hh_l0.copy_(m.rec.weight_hh_l0.T.clone())), x


@in_source(
    "recurrent matrices of an LSTM transposed gate by gate",
    KIND,
    at="lstm",
    right="weights-transposed",
    to=".onnx",
)
def _() -> Any:
    module, x = amplifier()

    def turn(m: Any) -> None:
        w = m.rec.weight_hh_l0
        w.copy_(torch.cat([part.T for part in w.chunk(4, 0)], 0))

    return module, changed(module, turn), x


@in_source("ReLU for tanh in a recurrent layer", KIND, at="rnn", right="recurrent-activation", to=".onnx")
def _() -> Any:
    module, x = amplifier(cell=nn.RNN)
    wrong = nn.RNN(1, 7, batch_first=True, nonlinearity="relu")
    wrong.load_state_dict(module.rec.state_dict())
    made = copy.deepcopy(module)
    made.rec = wrong
    return module, made.eval(), x


class Dry(Amplifier):
    """Without the input."""

    def forward(self, x: Any) -> Any:
        return self.lin(self.rec(x)[0])


@in_source(
    "the skip connection of an amplifier's model forgotten",
    KIND,
    at="add",
    right="residual-wrong",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, x = amplifier()
    return module, retold(module, Dry), x


class Late(Amplifier):
    """Its state of the frame before: the output is taken before the step."""

    def forward(self, x: Any) -> Any:
        y = self.rec(x)[0]
        y = torch.cat([torch.zeros_like(y[:, :1]), y[:, :-1]], 1)
        return self.lin(y) + x


@in_source(
    "output of a cell read before its step", KIND, at="lstm dense@lin", right="frames-shifted lag", to=".onnx"
)
def _() -> Any:
    module, x = amplifier()
    return module, retold(module, Late), x


class Blocks(Amplifier):
    """Four samples at a time, the state begun anew."""

    def forward(self, x: Any) -> Any:
        y = torch.cat([self.rec(part)[0] for part in x.split(4, 1)], 1)
        return self.lin(y) + x


@in_source(
    "state begun anew for every buffer of an audio callback",
    KIND,
    at="lstm",
    right="state-reset-each-block",
    to=".onnx",
)
def _() -> Any:
    module, x = amplifier()
    return module, retold(module, Blocks), x


class LastFrame(Classifier):
    """The last frame of both directions: what the backward one has seen there is one frame."""

    def forward(self, x: Any) -> Any:
        return torch.softmax(self.head(self.rnn(x)[0][:, -1]), -1)


@in_source(
    "last frame for the last state of the backward direction",
    KIND,
    at="lstm concat gather split squeeze slice",
    right="last-state-of-wrong-direction",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Classifier())
    return module, retold(module, LastFrame), noise(1, 8, 5)


class OtherOrder(Classifier):
    """Backward first."""

    def forward(self, x: Any) -> Any:
        h = self.rnn(x)[1][0]
        return torch.softmax(self.head(torch.cat([h[1], h[0]], -1)), -1)


@in_source(
    "states of both directions joined the other way round",
    KIND,
    at="concat",
    right="concat-order directions-swapped",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Classifier())
    return module, retold(module, OtherOrder), noise(1, 8, 5)
