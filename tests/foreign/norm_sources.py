"""Batch normalisation in a network written two ways: epsilon, statistics, folding, order."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch.nn import functional as F

from .classifier import Net, edited, net
from .mistake import in_source, retold

KIND = "convolutional"


@in_source(
    "epsilon of Keras in a batch normalisation",
    KIND,
    at="batch_norm@norm1",
    right="epsilon-wrong",
    to=".onnx .pt2 .mlpackage",
)
def _() -> Any:
    return edited(lambda m: setattr(m.norm1, "eps", 1e-3))


class Training(Net):
    """Norms that look at the image."""

    def features(self, x: Any) -> Any:
        def norm(m: Any, y: Any) -> Any:
            return F.batch_norm(y, None, None, m.weight, m.bias, True, 0.0, m.eps)

        y = self.pool(self.act1(norm(self.norm1, self.conv1(x))))
        return self.last(self.act2(self.norm2(self.conv2(y))))


@in_source(
    "a batch normalisation left in training mode",
    KIND,
    at="batch_norm@norm1",
    right="training-statistics",
    to=".onnx",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, Training), x


@in_source(
    "running variance and mean of a batch normalisation not loaded",
    KIND,
    at="batch_norm@norm2 conv@conv2",
    right="norm-statistics-initial",
    to=".onnx",
)
def _() -> Any:
    return edited(lambda m: m.norm2.reset_running_stats())


@in_source(
    "scale of a batch normalisation left at ones",
    KIND,
    at="batch_norm@norm1",
    right="norm-scale-or-shift-lost",
    to=".onnx",
)
def _() -> Any:
    return edited(lambda m: m.norm1.weight.fill_(1))


@in_source(
    "running mean and variance of a batch normalisation set the other way round",
    KIND,
    at="batch_norm@norm2 conv@conv2",
    right="norm-parameters-swapped",
    to=".onnx",
)
def _() -> Any:
    module, x = net()
    with torch.no_grad():
        module.norm2.running_mean.abs_()
    made = copy.deepcopy(module)
    with torch.no_grad():
        made.norm2.running_mean.copy_(module.norm2.running_var)
        made.norm2.running_var.copy_(module.norm2.running_mean)
    return module, made, x


class FoldedPlain(Net):
    """The first norm folded into its convolution by whoever took the variance for a deviation."""

    def features(self, x: Any) -> Any:
        n, c = self.norm1, self.conv1
        scale = n.weight / n.running_var
        y = F.conv2d(
            x, c.weight * scale[:, None, None, None], (c.bias - n.running_mean) * scale + n.bias, padding=1
        )
        return self.last(self.act2(self.norm2(self.conv2(self.pool(self.act1(y))))))


@in_source(
    "a batch normalisation folded without the root of its variance",
    KIND,
    at="batch_norm@norm1 conv@conv1",
    right="variance-for-deviation",
    to=".onnx",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, FoldedPlain), x


class FoldedNoBias(Net):
    """Folded, and the convolution's own bias forgotten."""

    def features(self, x: Any) -> Any:
        n, c = self.norm1, self.conv1
        scale = n.weight / (n.running_var + n.eps).sqrt()
        y = F.conv2d(x, c.weight * scale[:, None, None, None], n.bias - n.running_mean * scale, padding=1)
        return self.last(self.act2(self.norm2(self.conv2(self.pool(self.act1(y))))))


@in_source(
    "a batch normalisation folded without the convolution's bias",
    KIND,
    at="batch_norm@norm1 conv@conv1",
    right="bias-dropped",
    to=".onnx dynamo.onnx",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, FoldedNoBias), x


class NormAfter(Net):
    """Activation first."""

    def features(self, x: Any) -> Any:
        y = self.pool(self.norm1(self.act1(self.conv1(x))))
        return self.last(self.act2(self.norm2(self.conv2(y))))


@in_source(
    "batch normalisation behind the activation",
    KIND,
    at="batch_norm@norm1 relu",
    right="norm-folded-over-activation",
    to=".onnx .mlpackage",
)
def _() -> Any:
    module, x = net()
    return module, retold(module, NormAfter), x
