"""A format of another package: read, written, judged and listed like any other."""

from __future__ import annotations

import json

import numpy as np
import pytest

import modelparity as mp
from modelparity.cli import main
from modelparity.errors import ArtefactError, ConversionError
from modelparity.formats.registry import for_suffix, formats, named, sniff

pytestmark = pytest.mark.usefixtures("examples")
WEIGHT = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
BIAS = np.array([0.25, -1.5], np.float32)
X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


@pytest.fixture
def layer(tmp_path):
    np.savez(tmp_path / "net.npz", weight=WEIGHT, bias=BIAS)
    return tmp_path / "net.npz"


def test_it_is_known_by_name_content_and_suffix(layer):
    assert list(formats())[-1] == "npz"
    assert named("npz") is formats()["npz"] is sniff(layer) is for_suffix(layer)


def test_it_is_read(layer):
    np.testing.assert_allclose(mp.run(mp.load(layer), X)["y"], X.astype(float) @ WEIGHT + BIAS, rtol=1e-12)
    np.savez(layer.with_name("other.npz"), a=BIAS)
    with pytest.raises(ArtefactError, match=r"(?s)other\.npz: not a dense layer.*weight, bias"):
        mp.load(layer.with_name("other.npz"))


def test_it_is_written_and_every_weight_is_looked_for(layer, tmp_path):
    there = mp.convert(mp.load(layer), tmp_path / "net.onnx")
    back = mp.convert(mp.load(there), tmp_path / "back.npz")
    with np.load(back) as file:
        np.testing.assert_array_equal(file["weight"], WEIGHT)
    spec = mp.TensorSpec("x", (mp.Axis("time"),))
    other = mp.Graph("g", (spec,), ("y",), (mp.Node("t", "tanh", ("x",), ("y",)),), {})
    with pytest.raises(ConversionError, match="holds one dense layer"):
        mp.convert(other, tmp_path / "no.npz")


def test_it_is_judged(layer, tmp_path):
    other = mp.convert(mp.load(layer), tmp_path / "net.onnx")
    assert mp.check(layer, other).ok
    assert mp.check(other, layer).runtime.startswith("engine")
    np.savez(tmp_path / "bent.npz", weight=WEIGHT * np.float32(1.01), bias=BIAS)
    assert mp.check(layer, tmp_path / "bent.npz").band == "wrong"


def test_the_command_line_knows_it(layer, tmp_path, capsys):
    other = mp.convert(mp.load(layer), tmp_path / "net.onnx")
    assert main(["check", str(layer), str(other), "--recipe", "noise", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["cases"][0]["outcome"] == "passed"
    assert main(["check", str(other), str(layer), "--recipe", "noise"]) == 0
    assert main(["list"]) == 0
    assert "npz" in capsys.readouterr().out
