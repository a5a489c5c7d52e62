"""Graphs written as .pt2 archives: PyTorch loads them, and computes what the graph does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ConversionError

torch = pytest.importorskip("torch")


def graph(*axes: mp.Axis) -> mp.Graph:
    """A layer, and a choice of names that Python does not allow."""
    weight = np.random.default_rng(3).normal(size=(4, 3)).astype(np.float32)
    nodes = (mp.Node("d", "dense", ("1.x", "w"), ("d",)), mp.Node("t", "tanh", ("d",), ("y",)))
    return mp.Graph("net", (mp.TensorSpec("1.x", axes),), ("y",), nodes, {"w": weight})


@pytest.mark.filterwarnings("ignore")
def test_free_axes_stay_free(tmp_path: Path) -> None:
    net = graph(mp.Axis("time"), mp.Axis("feature", 4))
    path = mp.convert(net, tmp_path / "net.pt2")
    program = torch.export.load(path).module()
    for length in (2, 9):
        x = np.random.default_rng(length).normal(size=(length, 4)).astype(np.float32)
        with torch.no_grad():
            got = program(torch.from_numpy(x))["y"].numpy()
        np.testing.assert_allclose(got, mp.run(net, x)["y"], rtol=0, atol=1e-6)
    assert mp.check(net, path, recipe="noise").ok


@pytest.mark.filterwarnings("ignore")
def test_a_loop_over_a_free_axis_is_refused(tmp_path: Path) -> None:
    weights = {"w": np.ones((1, 4, 15), np.float32), "r": np.ones((1, 5, 15), np.float32)}
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 4)))
    node = mp.Node("cell", "gru", ("x", "w", "r"), ("y",), {"reset": "before"})
    with pytest.raises(ConversionError, match="does not export this network"):
        mp.convert(mp.Graph("net", (spec,), ("y",), (node,), weights), tmp_path / "net.pt2")
    assert not (tmp_path / "net.pt2").exists()
