"""The network as a PyTorch module, with the names that upstream's state dict has."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from modelparity.graph import Array

from .layers import Block, Layers


class Bottleneck(nn.Module):
    """1 by 1, 3 by 3 with the stride, 1 by 1, each with a BatchNorm; then the shortcut is added."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        width, out = block.width, block.out
        self.conv1 = nn.Conv2d(block.source, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, block.stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU()
        self.downsample: nn.Module | None = None
        if block.projected:
            shortcut = nn.Conv2d(block.source, out, 1, block.stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(out))

    def forward(self, x: Tensor) -> Tensor:
        """x (batch, channel, mel, time) -> y, of the stride smaller."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y = y + (x if self.downsample is None else self.downsample(x))
        return self.relu(y)  # type: ignore[no-any-return]


class MaximumAndMean(nn.Module):
    """Every channel's maximum, then every channel's mean: (batch, channel, mel, time) -> (batch, 2 channel, 1, 1)."""

    def forward(self, x: Tensor) -> Tensor:
        """Over all bands and frames."""
        return torch.cat((x.amax((2, 3), keepdim=True), x.mean((2, 3), keepdim=True)), 1)


class ResNet(nn.Module):
    """The layers themselves: image (batch, channel 1, mel, time) -> logits (batch, class)."""

    def __init__(self, layers: Layers) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, layers.width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(layers.width)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            nn.Sequential(*map(Bottleneck, blocks)) for blocks in layers.bottlenecks
        )
        self.avgpool = MaximumAndMean()
        self.fc = nn.Sequential(
            nn.Flatten(),
            nn.BatchNorm1d(layers.features),
            nn.Dropout(0.25),
            nn.Linear(layers.features, layers.hidden),
            nn.ReLU(),
            nn.BatchNorm1d(layers.hidden),
            nn.Dropout(0.5),
            nn.Linear(layers.hidden, layers.classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The logits."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x))  # type: ignore[no-any-return]


class Detector(nn.Module):
    """Upstream's model: all names of its state dict begin with ``model``."""

    output_names = ("logits",)

    def __init__(self, layers: Layers | None = None) -> None:
        super().__init__()
        self.model = ResNet(layers or Layers())

    def forward(self, image: Tensor) -> Tensor:
        """image (batch, channel 1, mel 256, time 312) in dB -> logits (batch, class)."""
        return self.model(image)  # type: ignore[no-any-return]


def module_of(layers: Layers, weights: Mapping[str, Array]) -> Detector:
    """The module with these weights, in eval mode."""
    with torch.device("meta"):
        network = Detector(layers)
    state = {name: torch.from_numpy(array.copy()) for name, array in weights.items()}
    network.load_state_dict(state, strict=True, assign=True)
    return network.eval()
