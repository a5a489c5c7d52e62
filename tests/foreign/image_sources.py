"""Resizing, transposed convolutions, shuffles and residual blocks, written two ways."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from .mistake import in_source, noise, retold, scattered

KIND = "convolutional"


class UNet(nn.Module):
    """Down, up, and the way around."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(2, 4, 3, padding=1)
        self.low = nn.Conv2d(4, 4, 3, padding=1)
        self.out = nn.Conv2d(8, 2, 3, padding=1)

    def up(self, y: Any) -> Any:
        return F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)

    def joined(self, skip: Any, y: Any) -> Any:
        return torch.cat([skip, y], 1)

    def forward(self, x: Any) -> Any:
        skip = torch.relu(self.down(x))
        y = torch.relu(self.low(F.max_pool2d(skip, 2)))
        return torch.sigmoid(self.out(self.joined(skip, self.up(y))))


class Corners(UNet):
    def up(self, y: Any) -> Any:
        return F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=True)


class Nearest(UNet):
    def up(self, y: Any) -> Any:
        return F.interpolate(y, scale_factor=2, mode="nearest")


class Crossed(UNet):
    def joined(self, skip: Any, y: Any) -> Any:
        return torch.cat([y, skip], 1)


@in_source("corners aligned in an upsampling", KIND, at="resize", right="resize-grid", to=".onnx .mlpackage")
def _() -> Any:
    module = scattered(UNet())
    return module, retold(module, Corners), noise(1, 2, 8, 8)


@in_source("nearest for bilinear upsampling", KIND, at="resize", right="resize-mode", to=".onnx")
def _() -> Any:
    module = scattered(UNet())
    return module, retold(module, Nearest), noise(1, 2, 8, 8)


@in_source(
    "skip connection of a U-Net joined behind instead of before",
    KIND,
    at="concat @out",
    right="concat-order",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module = scattered(UNet())
    return module, retold(module, Crossed), noise(1, 2, 8, 8)


class Generator(nn.Module):
    """Transposed convolutions and an instance normalisation, as vocoders and image generators have them."""

    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose1d(4, 6, 4, 2, padding=1)
        self.norm = nn.InstanceNorm1d(6, affine=True)
        self.out = nn.Conv1d(6, 1, 5, padding=2, padding_mode="reflect")

    def forward(self, x: Any) -> Any:
        return torch.tanh(self.out(F.leaky_relu(self.norm(self.up(x)), 0.1)))


def generator(change: Any) -> Any:
    module = scattered(Generator())
    made = copy.deepcopy(module)
    with torch.no_grad():
        change(made)
    return module, made, noise(1, 4, 9)


@in_source(
    "kernel of a transposed convolution reversed",
    KIND,
    at="conv_transpose@up",
    right="kernel-flipped",
    to=".onnx",
)
def _() -> Any:
    return generator(lambda m: m.up.weight.copy_(m.up.weight.flip(2)))


@in_source(
    "scale and shift of an instance normalisation lost",
    KIND,
    at="instance_norm@norm layer_norm@norm mul add",
    right="norm-scale-or-shift-lost",
    to=".onnx",
)
def _() -> Any:
    return generator(lambda m: m.norm.weight.fill_(1))


@in_source(
    "reflected padding of a convolution exported as zeros",
    KIND,
    at="pad",
    right="padding-mode",
    to=".onnx",
)
def _() -> Any:
    return generator(lambda m: setattr(m.out, "padding_mode", "zeros"))


class Shuffled(nn.Module):
    """A sub-pixel upsampling."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 8, 3, padding=1)

    def forward(self, x: Any) -> Any:
        return torch.clamp(F.pixel_shuffle(self.conv(x), 2), -2, 2)


class DepthToSpace(Shuffled):
    """TensorFlow's depth_to_space: blocks first."""

    def forward(self, x: Any) -> Any:
        y = self.conv(x)
        b, _, h, w = y.shape
        y = y.reshape(b, 2, 2, 2, h, w).permute(0, 3, 4, 1, 5, 2).reshape(b, 2, 2 * h, 2 * w)
        return torch.clamp(y, -2, 2)


@in_source(
    "depth_to_space of TensorFlow for a pixel shuffle",
    KIND,
    at="depth_to_space pixel_shuffle reshape transpose",
    right="pixel-shuffle-order",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Shuffled())
    return module, retold(module, DepthToSpace), noise(1, 2, 4, 4)


class Residual(nn.Module):
    """A block whose sum is rectified."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.norm = nn.GroupNorm(2, 4)
        self.fc = nn.Linear(4, 3)

    def forward(self, x: Any) -> Any:
        y = torch.relu(x + self.norm(self.b(torch.relu(self.a(x)))))
        return self.fc(y.mean((2, 3)))


class Before(Residual):
    """Rectified, then summed."""

    def forward(self, x: Any) -> Any:
        y = x + torch.relu(self.norm(self.b(torch.relu(self.a(x)))))
        return self.fc(y.mean((2, 3)))


class MaxOver(Residual):
    def forward(self, x: Any) -> Any:
        y = torch.relu(x + self.norm(self.b(torch.relu(self.a(x)))))
        return self.fc(y.amax((2, 3)))


class OverAll(Residual):
    """One group."""

    def forward(self, x: Any) -> Any:
        y = F.group_norm(self.b(torch.relu(self.a(x))), 1, self.norm.weight, self.norm.bias)
        return self.fc(torch.relu(x + y).mean((2, 3)))


@in_source(
    "rectified before the sum instead of behind",
    KIND,
    at="add relu",
    right="residual-wrong residual-past-norm norm-folded-over-activation",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Residual())
    return module, retold(module, Before), noise(1, 4, 6, 6)


@in_source(
    "global maximum for global mean",
    KIND,
    at="reduce_mean mean",
    right="reduction-swapped pooling-maximum-or-mean",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Residual())
    return module, retold(module, MaxOver), noise(1, 4, 6, 6)


@in_source(
    "one group in a group normalisation",
    KIND,
    at="group_norm@norm",
    right="norm-swapped head-count norm-axis",
    to=".onnx",
)
def _() -> Any:
    module = scattered(Residual())
    return module, retold(module, OverAll), noise(1, 4, 6, 6)
