"""Directions, stacks, first states and batches of recurrent networks, written two ways."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .mistake import in_source, noise, retold, scattered
from .recurrent_sources import changed

KIND = "recurrent"


class Apart(nn.Module):
    """A layer of each direction, as Keras's Bidirectional has them."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead, self.back = nn.GRU(5, 6, batch_first=True), nn.GRU(5, 6, batch_first=True)
        self.head = nn.Linear(12, 3)

    def forward(self, x: Any) -> Any:
        ahead, back = self.ahead(x)[0], self.back(x.flip(1))[0].flip(1)
        return torch.tanh(self.head(torch.cat([ahead, back], -1)))


class NotTurnedBack(Apart):
    """What runs backwards stays so."""

    def forward(self, x: Any) -> Any:
        ahead, back = self.ahead(x)[0], self.back(x.flip(1))[0]
        return torch.tanh(self.head(torch.cat([ahead, back], -1)))


class BothAhead(Apart):
    """Both run forward."""

    def forward(self, x: Any) -> Any:
        ahead, back = self.ahead(x)[0], self.back(x)[0]
        return torch.tanh(self.head(torch.cat([ahead, back], -1)))


@in_source(
    "backward layer's result not turned back",
    KIND,
    at="reverse@flip_1 gru@back concat",
    right="backward-not-restored time-reversed",
    to=".onnx .pt2",
)
def _() -> Any:
    module = scattered(Apart())
    return module, retold(module, NotTurnedBack), noise(1, 8, 5)


@in_source(
    "backward layer run forward",
    KIND,
    at="reverse gru@back",
    right="direction-not-reversed",
    to=".onnx dynamo.onnx",
)
def _() -> Any:
    module = scattered(Apart())
    return module, retold(module, BothAhead), noise(1, 8, 5)


@in_source(
    "second layer of a stack left with the first one's weights",
    KIND,
    at="lstm@rnn.1 lstm@rnn lstm",
    right="weights-of-another-layer",
    to=".onnx",
)
def _() -> Any:
    module = scattered(
        nn.Sequential(_Whole(nn.LSTM(6, 6, batch_first=True)), _Whole(nn.LSTM(6, 6, batch_first=True)))
    )

    def load(m: Any) -> None:
        m[1].rnn.load_state_dict(m[0].rnn.state_dict())

    return _Named(module), changed(_Named(module), lambda m: load(m.body)), noise(1, 8, 6)


class _Whole(nn.Module):
    """All frames of a recurrent layer."""

    def __init__(self, rnn: nn.Module) -> None:
        super().__init__()
        self.rnn = rnn

    def forward(self, x: Any) -> Any:
        return self.rnn(x)[0]


class _Named(nn.Module):
    """A module whose input is called x."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Any) -> Any:
        return self.body(x)


class Started(nn.Module):
    """A GRU that begins with what it has learned."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 6, batch_first=True)
        self.start = nn.Parameter(torch.randn(1, 1, 6))

    def forward(self, x: Any) -> Any:
        return self.rnn(x, self.start)[0]


class FromZeros(Started):
    """It begins with zeros."""

    def forward(self, x: Any) -> Any:
        return self.rnn(x)[0]


@in_source(
    "learned initial state left behind", KIND, at="gru", right="initial-state-dropped", to=".onnx .mlpackage"
)
def _() -> Any:
    module = scattered(Started())
    return module, retold(module, FromZeros), noise(1, 8, 4)


class Hard(nn.Module):
    """An LSTM cell written out, whose gates are what Keras 1 had: 0.2 x + 0.5 within 0 and 1, or sigmoids."""

    def __init__(self) -> None:
        super().__init__()
        self.wx, self.wh = nn.Linear(4, 20), nn.Linear(5, 20, bias=False)
        self.head = nn.Linear(5, 2)

    def gate(self, x: Any) -> Any:
        return torch.sigmoid(x)

    def forward(self, x: Any) -> Any:
        h = c = x.new_zeros(1, 5)
        frames = []
        for frame in x.unbind(1):
            i, f, g, o = (self.wx(frame) + self.wh(h)).chunk(4, -1)
            c = self.gate(f) * c + self.gate(i) * torch.tanh(g)
            h = self.gate(o) * torch.tanh(c)
            frames.append(h)
        return self.head(torch.stack(frames, 1))


class Keras1(Hard):
    """With hard sigmoids."""

    def gate(self, x: Any) -> Any:
        return torch.clamp(0.2 * x + 0.5, 0, 1)


@in_source(
    "hard sigmoids in the gates of a cell that is written out",
    KIND,
    at="sigmoid",
    right="activation-approximated activation-swapped",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Hard())
    return module, retold(module, Keras1), noise(1, 5, 4)


class Sequence(nn.Module):
    """Time first, as PyTorch's recurrent layers are by default."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(5, 6, batch_first=True)
        self.head = nn.Linear(6, 2)

    def forward(self, x: Any) -> Any:
        return self.head(self.rnn(x)[0])


@in_source(
    "batch_first forgotten",
    KIND,
    at="gru transpose",
    right="batch-for-time",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Sequence())

    def forget(m: Any) -> None:
        m.rnn.batch_first = False

    return module, changed(module, forget), noise(2, 7, 5)
