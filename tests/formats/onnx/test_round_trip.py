"""What the ONNX writer writes is read back as what it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.inputs import make

FIXTURES = sorted((Path(__file__).parents[3] / "fixtures").glob("*.pkl"))


def test_every_operator_that_is_written(case, same, tmp_path):
    graph = case.graph()
    feeds = case.feeds(graph)
    back = mp.load(mp.convert(graph, tmp_path / "one.onnx"))
    assert [spec.shape for spec in back.inputs] == [spec.shape for spec in graph.inputs]
    got = mp.run(back, feeds)
    same(graph, feeds, {k: a.astype(np.float32) if a.dtype.kind == "f" else a for k, a in got.items()})


@pytest.mark.parametrize("path", [p for p in FIXTURES if p.stem != "crf"], ids=lambda p: p.stem)
def test_networks(path, tmp_path):
    graph = mp.load(path)
    back = mp.load(mp.convert(graph, tmp_path / "one.onnx"))
    feeds = make(graph, "noise", length=40)
    for name, want in mp.run(graph, feeds).items():
        np.testing.assert_allclose(mp.run(back, feeds)[name], want, atol=1e-12)
    assert [axis.least for axis in back.inputs[0].axes] == [axis.least for axis in graph.inputs[0].axes]
    again = mp.load(mp.convert(back, tmp_path / "again.onnx"))  # and written once more from what was read
    for name, want in mp.run(back, feeds).items():
        np.testing.assert_allclose(mp.run(again, feeds)[name], want, atol=1e-12)
    verdict = mp.check(graph, tmp_path / "one.onnx", length=40)
    assert verdict.ok
    again = mp.check(back, tmp_path / "one.onnx", length=40)  # the file against itself, run by onnxruntime
    assert again.band in ("exact", "rounding")
    assert back.source.format == "onnx"
    assert back.source.path.endswith("one.onnx")
    assert all(node.origin.startswith("node ") for node in back.nodes)
