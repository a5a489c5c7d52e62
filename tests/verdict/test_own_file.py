"""A file compared with itself: its weights are its own, and no mistake of it is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Array, Axis, Graph, Node, TensorSpec

pytest.importorskip("onnxruntime")

from modelparity.runtimes.onnxruntime import OnnxRuntime
from modelparity.verdict.side.model import Side


class Watched(OnnxRuntime):
    """onnxruntime, with results that are off by so much, and without weights to look at."""

    off = 0.0

    def run(self, artefact: object, feeds: Mapping[str, Array]) -> dict[str, Array]:
        return {name: y + np.float32(self.off) for name, y in super().run(artefact, feeds).items()}

    def weights(self, artefact: object) -> dict[str, Array]:
        raise AssertionError("the weights of a file are its own")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    weight = np.random.default_rng(2).normal(size=(4, 3)).astype(np.float32)
    inputs = (TensorSpec("x", (Axis("time"), Axis("in", 4))),)
    net = Graph("own", inputs, ("y",), (Node("n", "dense", ("x", "w"), ("y",)),), {"w": weight})
    mp.convert(net, tmp_path / "own.onnx")
    return tmp_path / "own.onnx"


def test_weights_are_not_compared_with_themselves(path: Path) -> None:
    assert mp.check(path, path, runtime=Watched(), recipe="noise").band == "rounding"


def test_no_mistake_is_looked_for_in_a_file_beside_itself(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*given: object, **named: object) -> None:
        raise AssertionError("there is nothing to be found")

    monkeypatch.setattr("modelparity.verdict.side.side_of", lambda *given, **named: Side("artefact"))
    monkeypatch.setattr("modelparity.verdict.locate.asking.located_in", never)
    monkeypatch.setattr("modelparity.verdict.explain.asking.with_causes", never)
    engine = Watched()
    engine.off = 0.01
    verdict = mp.check(path, path, runtime=engine, recipe="noise")
    assert (verdict.band, verdict.causes, verdict.search) == ("wrong", (), None)
    assert verdict.located is not None
