"""Modules that keep their past in buffers: each is a state of the graph, in and out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import modelparity as mp


class Cached(torch.nn.Module):
    """A causal convolution that keeps the last four samples of the call before."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv = torch.nn.Conv1d(1, 1, 5)
        self.register_buffer("past", torch.zeros(1, 1, 4))

    def forward(self, x):
        z = torch.cat([self.past, x], -1)
        self.past.copy_(z[..., -4:])
        return self.conv(z)


class Assigned(Cached):
    """The same, the buffer given anew."""

    def forward(self, x):
        z = torch.cat([self.past, x], -1)
        self.past = z[..., -4:]
        return self.conv(z)


class Inside(torch.nn.Module):
    """Two of them, in a module of its own."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(Cached(), torch.nn.Tanh(), Assigned())

    def forward(self, x):
        return self.layers(x)


class Counting(torch.nn.Module):
    """A counter that starts from one, in whole numbers, and is called like its input."""

    def __init__(self):
        super().__init__()
        self.register_buffer("x", torch.ones((), dtype=torch.int64))

    def forward(self, x):
        self.x += 2
        return x * self.x


def in_turn(module, blocks):
    with torch.no_grad():
        return [module(block.clone()).numpy() for block in blocks]


@pytest.mark.parametrize("kind", [Cached, Assigned, Inside, Counting])
def test_a_buffer_that_changes_is_a_state(kind, tmp_path):
    module, blocks = kind().eval(), [torch.randn(1, 1, n) for n in (6, 2, 9)]
    graph = mp.load(module, example=blocks[0], dynamic_shapes={"x": {2: "time"}})
    graphs = [graph]
    if kind is not Inside:  # PyTorch's own exporter loses what an inner module assigns
        program = torch.export.export(
            module, (blocks[0],), dynamic_shapes={"x": {2: torch.export.Dim.DYNAMIC}}, strict=False
        )
        torch.export.save(program, tmp_path / "m.pt2")
        graphs.append(mp.load(tmp_path / "m.pt2"))
    assert graph.states
    assert all(after == f"{before}.next" for before, after in graph.states.items())
    for one in graphs:
        kept = {}
        for block, want in zip(blocks, in_turn(kind().eval(), blocks), strict=True):
            outputs = mp.run(one, {"x": block.numpy(), **kept})
            kept = {before: outputs[after] for before, after in one.states.items()}
            np.testing.assert_allclose(outputs["output"], want, atol=1e-6)


def test_a_module_that_ran_before_goes_on_from_there():
    """As a run of the module itself does; a module that starts anew is read as one that does."""
    module = Cached().eval()
    x = torch.randn(1, 1, 6)
    with torch.no_grad():
        module(x)
        graph = mp.load(module, example=x)
        assert graph.defaults["past"].shape == module.past.shape
        want = module(x).numpy()
    np.testing.assert_allclose(mp.run(graph, x.numpy())["output"], want, atol=1e-6)
    module.past.zero_()
    assert not mp.load(module, example=x).defaults
