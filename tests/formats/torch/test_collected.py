"""Modules that collect what they are called with (``*args``, ``**kwargs``): read and run with inputs by name."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import modelparity as mp

X, SIDE = (np.random.default_rng(seed).standard_normal((5, 3)).astype(np.float32) for seed in (0, 1))


class Two(nn.Module):
    """Two layers, of which each reads one input."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.left, self.right = nn.Linear(3, 4), nn.Linear(3, 4)

    def forward(self, x, side):
        return self.left(x) + torch.tanh(self.right(side))


class All(Two):
    def forward(self, *args):
        return super().forward(*args)


class Behind(Two):
    def forward(self, x, *args):
        return super().forward(x, *args)


class Named(Two):
    def forward(self, x, *args, gain):
        return super().forward(x, *args) * gain


class Keywords(Two):
    def forward(self, x, **more):
        return super().forward(x, more["side"])


class Wrapped(Two):
    def forward(self, *args, **kwargs):
        return super().forward(*args, **kwargs)


KINDS = [All, Behind, Keywords, Wrapped]


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_go_by_name_where_they_have_one(kind):
    inputs, module, plain = {"x": X, "side": SIDE}, kind().eval(), Two().eval()
    assert mp.check(module, plain, inputs=inputs).ok
    assert mp.check(plain, module, inputs=inputs).ok
    with torch.no_grad():
        plain.left.weight.mul_(1.01)
    assert mp.check(module, plain, inputs=inputs).band == "wrong"


def test_free_axes_are_named_as_the_inputs_are():
    free = {"x": {0: "time"}, "side": {0: "time"}}
    graph = mp.load(Behind().eval(), example={"x": X, "side": SIDE}, dynamic_shapes=free)
    assert [(spec.name, spec.shape) for spec in graph.inputs] == [("x", ("time", 3)), ("side", ("time", 3))]
    assert mp.check(graph, Behind().eval(), length=7).ok


def test_what_stands_behind_what_is_collected_keeps_its_name():
    gain = np.float32(0.5).reshape(1)
    graph = mp.load(Named().eval(), example={"x": X, "side": SIDE, "gain": gain})
    assert [spec.name for spec in graph.inputs] == ["x", "side", "gain"]
    assert mp.check(graph, Named().eval()).ok
