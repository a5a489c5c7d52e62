"""Recurrent layers of every option, cells in a loop, and what stands before or behind them."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .architecture import FRAMES, OTHER, SEQUENCE, architecture, noise, scattered, whole


def taken_apart(module: nn.Module, example: dict[str, torch.Tensor]) -> Any:
    """``module`` as a program of core operators, recurrent layers step by step."""
    return torch.export.export(module, (), example).run_decompositions()


def _recurrent(
    kind: str, name: str, first: bool = True, onnx: str = "", instead: Any = None, **options: Any
) -> None:
    def make() -> Any:
        module = scattered(getattr(nn, kind)(5, 4, batch_first=first, **options))
        return module, lambda batch=2, time=7: {
            "input": noise(*((batch, time) if first else (time, batch)), 5)
        }

    free = {"input": (SEQUENCE if first else FRAMES)["x"]}
    architecture(f"{kind} {name}", free=free, sizes=OTHER, onnx=onnx, instead=instead)(make)


_recurrent("LSTM", "plain")
_recurrent("LSTM", "three layers, both directions, dropout", num_layers=3, bidirectional=True, dropout=0.3)
_recurrent("LSTM", "time first, no bias", first=False, bias=False)
_recurrent(
    "LSTM",
    "projected, two layers, both directions",
    num_layers=2,
    bidirectional=True,
    proj_size=3,
    onnx="the exporter takes the projection's weights for biases, and writes a graph that nobody can run",
    instead=taken_apart,
)
_recurrent("GRU", "plain")
_recurrent("GRU", "two layers, both directions", num_layers=2, bidirectional=True)
_recurrent("GRU", "time first, no bias", first=False, bias=False)
_recurrent("RNN", "tanh, two layers", num_layers=2)
_recurrent("RNN", "relu, both directions", nonlinearity="relu", bidirectional=True)


@architecture("recurrent, states in and out", free={"x": {1: "time"}}, sizes={"time": 9}, slow=True)
def states() -> Any:
    class States(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(5, 4, 2, batch_first=True)
            self.gru = nn.GRU(4, 3, batch_first=True)
            self.start = nn.Parameter(torch.randn(1, 1, 3))

        def forward(self, x: Any, h: Any, c: Any) -> Any:
            y, (h, c) = self.lstm(x, (h, c))
            z, last = self.gru(y, self.start.expand(-1, x.shape[0], -1).contiguous())
            return {"y": z, "h_n": h, "c_n": c, "last": last}

    return scattered(States()), lambda time=6: {
        "x": noise(2, time, 5),
        "h": noise(2, 2, 4, seed=2),
        "c": noise(2, 2, 4, seed=3),
    }


@architecture("cells in a loop")
def cells() -> Any:
    class Cells(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm, self.gru, self.rnn = nn.LSTMCell(4, 3), nn.GRUCell(3, 3), nn.RNNCell(3, 2)

        def forward(self, x: Any) -> Any:
            h, c = x.new_zeros(x.shape[1], 3), x.new_zeros(x.shape[1], 3)
            g, r = x.new_zeros(x.shape[1], 3), x.new_zeros(x.shape[1], 2)
            ys = []
            for frame in x:
                h, c = self.lstm(frame, (h, c))
                g = self.gru(h, g)
                r = self.rnn(g, r)
                ys.append(r)
            return torch.stack(ys)

    return scattered(Cells()), lambda: {"x": noise(4, 2, 4)}


@architecture("attention pooling", free=SEQUENCE, sizes=OTHER)
def pooling() -> Any:
    class Pooling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.score, self.query = nn.Linear(6, 1), nn.Parameter(torch.randn(1, 1, 6))
            self.attend = nn.MultiheadAttention(6, 2, batch_first=True)

        def forward(self, x: Any) -> Any:
            weights = torch.softmax(self.score(torch.tanh(x)), 1)
            pooled, shares = self.attend(self.query.expand(x.shape[0], -1, -1), x, x)
            spread = torch.cat([x.mean(1), x.std(1), x.var(1, unbiased=False)], -1)
            return {
                "mean": (weights * x).sum(1),
                "attended": pooled[:, 0],
                "shares": shares,
                "spread": spread,
            }

    return scattered(Pooling()), lambda batch=2, time=7: {"x": noise(batch, time, 6)}


@architecture("embedding and mean", free={"tokens": {0: "batch", 1: "time"}}, sizes=OTHER)
def embedded() -> Any:
    class Embedded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.out = nn.Embedding(20, 6, padding_idx=0), nn.Linear(6, 3)

        def forward(self, tokens: Any) -> Any:
            there = (tokens != 0).unsqueeze(-1).float()
            mean = (self.table(tokens) * there).sum(1) / there.sum(1).clamp(min=1)
            logits = self.out(mean)
            return {"logits": logits, "best": logits.argmax(-1), "top": logits.topk(2).indices}

    return scattered(Embedded()), lambda batch=2, time=7: {"tokens": whole(20, batch, time)}


@architecture(
    "log-mel front end and recurrent layer",
    free={"audio": {0: "batch", 1: "sample"}},
    sizes={"batch": 3, "sample": 410},
)
def listening() -> Any:
    class Listening(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("window", torch.hann_window(64))
            self.mel = nn.Parameter(torch.rand(33, 12))
            self.layer, self.out = nn.GRU(12, 5, batch_first=True), nn.Linear(5, 3)

        def forward(self, audio: Any) -> Any:
            bins = torch.stft(audio, 64, 32, window=self.window, return_complex=True).abs().square()
            level = torch.log1p(bins.transpose(1, 2) @ self.mel.abs())
            return self.out(self.layer(level)[0])

    return scattered(Listening()), lambda batch=2, sample=256: {"audio": noise(batch, sample)}
