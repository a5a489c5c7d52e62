"""Dense networks written two ways, with quantised weights among them."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from .mistake import in_source, noise, retold, scattered


class Dense(nn.Module):
    """Dense layers with what such networks have between them."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(6))
        self.a, self.b, self.c = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.norm = nn.BatchNorm1d(8)
        self.out = nn.Linear(8, 3)
        self.act: nn.Module = nn.Tanh()

    def inner(self, y: Any) -> Any:
        return self.act(self.norm(self.c(torch.relu(self.b(y)))))

    def forward(self, x: Any) -> Any:
        return torch.log_softmax(self.out(self.inner(torch.relu(self.a(x + self.mean)))), -1)


def dense(change: Any, act: nn.Module | None = None) -> Any:
    module = Dense()
    if act is not None:
        module.act = act
    module = scattered(module)
    made = copy.deepcopy(module)
    with torch.no_grad():
        change(made)
    return module, made.eval(), noise(5, 6)


@in_source(
    "weights of two layers loaded the other way round",
    "dense",
    at="dense@b dense@c",
    right="layers-swapped",
    to=".onnx .pt2",
)
def _() -> Any:
    def change(m: Any) -> None:
        m.b, m.c = m.c, m.b

    return dense(change)


@in_source(
    "square weight of a dense layer transposed",
    "dense",
    at="dense@b",
    right="weights-transposed",
    to=".onnx .mlpackage",
)
def _() -> Any:
    return dense(lambda m: m.b.weight.copy_(m.b.weight.T.clone()))


@in_source(
    "bias of the layer before", "dense", at="dense@c", right="bias-of-another-layer another-bias", to=".onnx"
)
def _() -> Any:
    return dense(lambda m: m.c.bias.copy_(m.b.bias))


@in_source(
    "softmax for its logarithm",
    "dense",
    at="log_softmax",
    right="activation-swapped function-dropped operator-taken-for-another output-complement",
    to=".onnx",
)
def _() -> Any:
    class Plain(Dense):
        def forward(self, x: Any) -> Any:
            return torch.softmax(self.out(self.inner(torch.relu(self.a(x + self.mean)))), -1)

    module, _, x = dense(lambda m: None)
    return module, retold(module, Plain), x


@in_source("softmax over the batch", "dense", at="log_softmax", right="axis-wrong", to=".onnx")
def _() -> Any:
    class Batch(Dense):
        def forward(self, x: Any) -> Any:
            return torch.log_softmax(self.out(self.inner(torch.relu(self.a(x + self.mean)))), 0)

    module, _, x = dense(lambda m: None)
    return module, retold(module, Batch), x


@in_source(
    "mean of the features added instead of subtracted",
    "dense",
    at="add",
    right="array-scaled input-normalization bias-subtracted",
    to=".onnx",
)
def _() -> Any:
    class Minus(Dense):
        def forward(self, x: Any) -> Any:
            return torch.log_softmax(self.out(self.inner(torch.relu(self.a(x - self.mean)))), -1)

    module, _, x = dense(lambda m: None)
    return module, retold(module, Minus), x


@in_source(
    "LeCun's tanh for tanh",
    "dense",
    at="tanh",
    right="activation-approximated activation-setting activation-swapped",
    to=".onnx",
)
def _() -> Any:
    class LeCun(nn.Module):
        def forward(self, x: Any) -> Any:
            return 1.7159 * torch.tanh(x * 2 / 3)

    def change(m: Any) -> None:
        m.act = LeCun()

    return dense(change)


@in_source("softplus for ELU", "dense", at="elu", right="activation-swapped", to=".onnx")
def _() -> Any:
    def change(m: Any) -> None:
        m.act = nn.Softplus()

    return dense(change, nn.ELU())


@in_source(
    "steepness of a softplus lost",
    "dense",
    at="softplus",
    right="activation-setting activation-swapped",
    to=".onnx",
)
def _() -> Any:
    def change(m: Any) -> None:
        m.act = nn.Softplus()

    return dense(change, nn.Softplus(beta=3))


@in_source("one layer left out", "dense", at="dense@c relu", right="layer-dropped", to=".onnx")
def _() -> Any:
    class Short(Dense):
        def inner(self, y: Any) -> Any:
            return self.act(self.norm(torch.relu(self.b(y))))

    module, _, x = dense(lambda m: None)
    return module, retold(module, Short), x


@in_source(
    "bias of the output layer lost to bias=False",
    "dense",
    at="dense@out",
    right="bias-dropped vector-lost",
    to=".onnx dynamo.onnx",
)
def _() -> Any:
    class NoBias(Dense):
        def forward(self, x: Any) -> Any:
            y = self.inner(torch.relu(self.a(x + self.mean)))
            return torch.log_softmax(y @ self.out.weight.T, -1)

    module, _, x = dense(lambda m: None)
    return module, retold(module, NoBias), x


def quantised(weight: Any, whole: bool) -> Any:
    """Eight bits, a scale for every row or one for all."""
    scale = weight.abs().amax(None if whole else 1, keepdim=True) / 127
    return (weight / scale).round(), scale


class Eight(nn.Module):
    """A dense layer with weights of eight bits and scales of their own for all outputs."""

    def __init__(self) -> None:
        super().__init__()
        rows = torch.randn(8, 6) * torch.linspace(0.2, 2, 8)[:, None]
        whole, scale = quantised(rows, False)
        self.register_buffer("whole", whole.to(torch.int8))
        self.register_buffer("scale", scale)
        self.register_buffer("zero", torch.tensor(3, dtype=torch.int8))
        self.out = nn.Linear(8, 3)

    def weight(self) -> Any:
        return (self.whole.float() - self.zero.float()) * self.scale

    def forward(self, x: Any) -> Any:
        return self.out(torch.relu(x @ self.weight().T))


class OneScale(Eight):
    def weight(self) -> Any:
        return (self.whole.float() - self.zero.float()) * self.scale[0]


class NoZero(Eight):
    def weight(self) -> Any:
        return self.whole.float() * self.scale


for _name, _other, _right in (
    ("the first channel's scale for all", OneScale, "scale-of-one-channel"),
    ("zero point of quantised weights ignored", NoZero, "zero-point-lost"),
):

    def _eight(other: type = _other) -> Any:
        module = scattered(Eight())
        return module, retold(module, other), noise(4, 6)

    in_source(_name, "dense", at="mul sub dense matmul cast", right=_right, to=".onnx")(_eight)
