"""The engine as a runtime: it interprets, and says so."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError
from modelparity.runtimes.engine import Engine


def graph():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 3)))
    node = mp.Node("out", "dense", ("x", "w"), ("y",))
    return mp.Graph("net", (spec,), ("y",), (node,), {"w": np.full((3, 2), 0.1, np.float32)})


def test_it_runs_graphs_in_their_own_arithmetic():
    x = np.ones((4, 3), np.float32)
    assert Engine().accepts(graph())
    assert Engine().run(graph(), {"x": x})["y"].dtype == np.float32
    assert Engine(arithmetic="float64").run(graph(), {"x": x})["y"].dtype == np.float64
    assert set(Engine().weights(graph())) == {"w"}


def test_it_says_that_it_interprets():
    assert Engine().describe()["kind"] == "file interpreted"
    assert Engine().describe()["version"] == mp.__version__
    assert Engine().missing() is None


def test_it_takes_no_file_that_cannot_be_read(tmp_path):
    (tmp_path / "net.tflite").write_bytes(b"TFL3")
    for other in (tmp_path / "net.tflite", tmp_path / "absent.pkl", 3):
        assert not Engine().accepts(other)
    with pytest.raises(InputError):
        Engine().run(3, {})
