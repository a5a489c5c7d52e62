"""Architectures that people convert, small and with random weights: what is read from them must compute the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

#: Name -> what makes the architecture. Filled by `architecture`, here and in the modules beside.
ALL: dict[str, Architecture] = {}


@dataclass(frozen=True)
class Architecture:
    """A way to make a module and its inputs; ``free`` says which axes may have any size, and ``sizes`` tries others.

    ``example`` gets the sizes of free axes by name. ``slow`` is read with free axes only where everything is asked
    for. ``onnx`` says what is wrong with PyTorch's export to ONNX, if anything; ``instead`` then makes what the
    exporter is given in the module's place, with the same weights.
    """

    name: str
    make: Callable[[], nn.Module]
    example: Callable[..., dict[str, torch.Tensor]]
    free: dict[str, dict[int, str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    needs: str = "torch"
    onnx: str = ""
    instead: Callable[[nn.Module, dict[str, torch.Tensor]], Any] | None = None
    slow: bool = False


def architecture(name: str, **more: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register what returns (module, example); free axes are keywords of the example."""

    def register(make: Callable[[], Any]) -> Callable[[], Any]:
        assert name not in ALL, name

        def seeded() -> Any:
            with torch.random.fork_rng():
                torch.manual_seed(4)
                return make()

        ALL[name] = Architecture(name, lambda: seeded()[0], lambda **sizes: seeded()[1](**sizes), **more)
        return make

    return register


def scattered(module: nn.Module, seed: int = 0) -> nn.Module:
    """In eval mode, with no weight or statistic at a value that hides a mistake."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, one in [*module.named_parameters(), *module.named_buffers()]:
            if not one.is_floating_point():
                continue
            noise = torch.randn(one.shape, generator=generator)
            if name.endswith("running_var"):
                one.copy_(1 + 0.3 * noise.abs())
            elif one.dim() < 2:
                one.add_(0.1 * noise)
            else:
                one.copy_(noise * (one.std() + 0.02 if one.numel() > 1 else 0.3))
    return module.eval()


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    """Normal deviates, the same on every call."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def whole(below: int, *shape: int, seed: int = 1) -> torch.Tensor:
    """Whole numbers."""
    return torch.randint(0, below, shape, generator=torch.Generator().manual_seed(seed))


SEQUENCE = {"x": {0: "batch", 1: "time"}}
FRAMES = {"x": {0: "time", 1: "batch"}}
OTHER = {"batch": 3, "time": 11}


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


class Residual(nn.Module):
    """A bottleneck block of ResNet."""

    def __init__(self, ins: int, mid: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(ins, mid, 1, bias=False),
            nn.BatchNorm2d(mid),
            nn.ReLU(inplace=True),
            nn.Conv2d(mid, mid, 3, stride, 1, bias=False),
            nn.BatchNorm2d(mid),
            nn.ReLU(inplace=True),
            nn.Conv2d(mid, 4 * mid, 1, bias=False),
            nn.BatchNorm2d(4 * mid),
        )
        self.short = nn.Sequential(nn.Conv2d(ins, 4 * mid, 1, stride, bias=False), nn.BatchNorm2d(4 * mid))

    def forward(self, x: Any) -> Any:
        y = self.main(x)
        y += self.short(x)
        return F.relu_(y)


@architecture("ResNet", free={"x": {0: "batch"}}, sizes={"batch": 1})
def resnet() -> Any:
    module = nn.Sequential(
        nn.Conv2d(3, 8, 7, 2, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        Residual(8, 4, 1),
        Residual(16, 8, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )
    return scattered(_named(module)), lambda batch=2: {"x": noise(batch, 3, 32, 32)}


def _named(module: nn.Module) -> nn.Module:
    """A module whose only parameter is called x."""

    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = module

        def forward(self, x: Any) -> Any:
            return self.body(x)

    return Named()


class Inverted(nn.Module):
    """MobileNet's block: wider, depthwise, squeezed and excited, narrower."""

    def __init__(self, width: int) -> None:
        super().__init__()
        wide = 4 * width
        self.expand = nn.Sequential(
            nn.Conv2d(width, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.Hardswish()
        )
        self.depth = nn.Sequential(
            nn.Conv2d(wide, wide, 3, 1, 1, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.ReLU6()
        )
        self.excite = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(wide, width, 1),
            nn.ReLU(),
            nn.Conv2d(width, wide, 1),
            nn.Hardsigmoid(),
        )
        self.narrow = nn.Sequential(nn.Conv2d(wide, width, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Any) -> Any:
        y = self.depth(self.expand(x))
        return x + self.narrow(y * self.excite(y))


@architecture(
    "MobileNet", free={"x": {2: "height", 3: "width"}}, sizes={"height": 20, "width": 24}, slow=True
)
def mobilenet() -> Any:
    module = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1, bias=False),
        nn.BatchNorm2d(8),
        nn.Hardswish(),
        Inverted(8),
        Inverted(8),
        nn.AdaptiveAvgPool2d((2, 3)),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(48, 5),
    )
    return scattered(_named(module)), lambda height=16, width=18: {"x": noise(2, 3, height, width)}


@architecture("U-Net")
def unet() -> Any:
    class UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down1, self.down2 = self._block(1, 4), self._block(4, 8)
            self.up = nn.ConvTranspose2d(8, 4, 2, 2)
            self.join, self.last = self._block(12, 4), nn.Conv2d(4, 2, 1)

        def _block(self, ins: int, outs: int) -> nn.Module:
            return nn.Sequential(
                nn.Conv2d(ins, outs, 3, padding="same"), nn.GroupNorm(2, outs), nn.LeakyReLU(0.1)
            )

        def forward(self, x: Any) -> Any:
            a = self.down1(x)
            b = self.down2(F.max_pool2d(a, 2))
            up = self.up(b)
            side = F.interpolate(b, scale_factor=2, mode="bilinear", align_corners=False)
            y = self.join(torch.cat([a, up, side[:, :4]], 1))
            return torch.sigmoid(self.last(F.interpolate(y, size=(20, 24), mode="nearest")))

    return scattered(UNet()), lambda: {"x": noise(2, 1, 16, 16)}


@architecture("WaveNet", free={"x": {2: "time"}}, sizes={"time": 50})
def wavenet() -> Any:
    class WaveNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv1d(1, 6, 1)
            self.layers = nn.ModuleList(nn.Conv1d(6, 12, 2, dilation=2**k) for k in range(4))
            self.skips = nn.ModuleList(nn.Conv1d(6, 6, 1) for _ in range(4))
            self.last = nn.Conv1d(6, 5, 1)

        def forward(self, x: Any) -> Any:
            x, total = self.first(x), 0
            for conv, skip in zip(self.layers, self.skips, strict=True):
                a, b = conv(F.pad(x, (conv.dilation[0], 0))).chunk(2, 1)
                y = skip(torch.tanh(a) * torch.sigmoid(b))
                x, total = x + y, total + y
            return F.log_softmax(self.last(F.relu(total)), 1)

    return scattered(WaveNet()), lambda time=40: {"x": noise(2, 1, time)}


@architecture(
    "gated convolutions", free={"x": {0: "batch", 2: "time"}}, sizes={"batch": 1, "time": 21}, slow=True
)
def gated() -> Any:
    module = nn.Sequential(
        nn.Conv1d(4, 12, 5, padding=2),
        nn.GLU(1),
        nn.InstanceNorm1d(6, affine=True),
        nn.Conv1d(6, 12, 3, 2, 1),
        nn.GLU(1),
        nn.PReLU(6),
        nn.ConvTranspose1d(6, 4, 4, 2, 1),
        nn.ELU(),
    )
    return scattered(_named(module)), lambda batch=2, time=18: {"x": noise(batch, 4, time)}


@architecture("depthwise-separable convolutions", free={"x": {2: "time"}}, sizes={"time": 19}, slow=True)
def separable() -> Any:
    module = nn.Sequential(
        nn.Conv1d(6, 12, 5, padding=4, dilation=2, groups=6),
        nn.Conv1d(12, 8, 1),
        nn.BatchNorm1d(8),
        nn.SiLU(),
        nn.Conv1d(8, 8, 3, padding=1, groups=4, padding_mode="reflect"),
        nn.AvgPool1d(3, 2, 1),
        nn.SELU(),
    )
    return scattered(_named(module)), lambda time=16: {"x": noise(2, 6, time)}


@architecture("grouped and transposed convolutions in three dimensions")
def grouped() -> Any:
    module = nn.Sequential(
        nn.Conv3d(4, 6, (1, 3, 3), padding=(0, 1, 1), groups=2),
        nn.BatchNorm3d(6),
        nn.Mish(),
        nn.ConvTranspose3d(6, 4, 3, 2, 1, output_padding=1, groups=2),
        nn.MaxPool3d(2, ceil_mode=True),
        nn.Softplus(),
    )
    return scattered(_named(module)), lambda: {"x": noise(1, 4, 3, 5, 4)}


@architecture("transposed convolutions with every padding")
def transposed() -> Any:
    module = nn.Sequential(
        nn.ConvTranspose2d(3, 4, 3, 2, 0, output_padding=1),
        nn.CELU(),
        nn.ConvTranspose2d(4, 4, (2, 3), dilation=2),
        nn.Hardtanh(-0.5, 2),
        nn.ConvTranspose2d(4, 6, 3, 3, 1, groups=2, bias=False),
        nn.ReflectionPad2d(2),
        nn.ZeroPad2d((1, -2, 0, 1)),
        nn.ReplicationPad2d(1),
        nn.PixelShuffle(1),
        nn.Upsample(scale_factor=2),
    )
    return scattered(_named(module)), lambda: {"x": noise(2, 3, 5, 6)}


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
