"""Convolutional networks that people convert."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .architecture import architecture, named, noise, scattered


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
    return scattered(named(module)), lambda batch=2: {"x": noise(batch, 3, 32, 32)}


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
    return scattered(named(module)), lambda height=16, width=18: {"x": noise(2, 3, height, width)}


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
    return scattered(named(module)), lambda batch=2, time=18: {"x": noise(batch, 4, time)}


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
    return scattered(named(module)), lambda time=16: {"x": noise(2, 6, time)}


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
    return scattered(named(module)), lambda: {"x": noise(1, 4, 3, 5, 4)}


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
    return scattered(named(module)), lambda: {"x": noise(2, 3, 5, 6)}
