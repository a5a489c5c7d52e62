"""A convolutional network that classifies images, right, and how copies of it are made wrong."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from .mistake import noise, scattered


class Net(nn.Module):
    """Two convolutions with norms, pooling, a dense layer over what is left, a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(6)
        self.act1: nn.Module = nn.ReLU()
        self.pool: nn.Module = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1, groups=2)
        self.norm2 = nn.BatchNorm2d(6)
        self.act2: nn.Module = nn.ReLU()
        self.last: nn.Module = nn.AvgPool2d(2)
        self.fc = nn.Linear(24, 5)

    def features(self, x: Any) -> Any:
        y = self.pool(self.act1(self.norm1(self.conv1(x))))
        return self.last(self.act2(self.norm2(self.conv2(y))))

    def forward(self, x: Any) -> Any:
        return torch.softmax(self.fc(self.features(x).flatten(1)), -1)


def net(**parts: Any) -> Any:
    module = Net()
    for name, part in parts.items():
        setattr(module, name, part)
    return scattered(module), noise(1, 3, 8, 8)


def edited(change: Any, **parts: Any) -> Any:
    """The network, a copy of it after ``change``, an image."""
    module, x = net(**parts)
    made = copy.deepcopy(module)
    with torch.no_grad():
        change(made)
    return module, made.eval(), x


def loud(module: Any) -> Any:
    """With large numbers before its first activation."""
    with torch.no_grad():
        module.norm1.weight.mul_(8)
    return module


def put(name: str, part: nn.Module) -> Any:
    """A change: another module in the place of one, with its weights if they fit."""

    def change(m: Any) -> None:
        if list(part.state_dict()):
            part.load_state_dict(getattr(m, name).state_dict())
        setattr(m, name, part)

    return change
