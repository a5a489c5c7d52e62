"""The network as PyTorch, ONNX and an ML Program have it, against the engine: a small one of its architecture."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

import modelparity as mp
from modelparity.graph import Graph
from modelparity_families.orca.graph import graph_of
from modelparity_families.orca.layers import Layers
from modelparity_families.orca.weights import seeded

torch = pytest.importorskip("torch")
FRAMES = 48
#: Forms that take long to make: `make orca` tries them.
whole = pytest.mark.skipif(not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1 tries it")


@pytest.fixture(scope="module")
def graph(small: Layers) -> Graph:
    return graph_of(small, seeded(small, 7), frames=FRAMES)


def test_pytorch(graph: Graph, small: Layers) -> None:
    from modelparity_families.orca.network import module_of

    verdict = mp.check(graph, module_of(small, seeded(small, 7)), recipes=["noise"])
    assert verdict.band in ("exact", "rounding"), verdict
    other = seeded(small, 7)
    other["model.layer2.0.bn2.bias"] = other["model.layer2.0.bn2.bias"] * 1.01
    assert mp.check(graph, module_of(small, other), recipes=["noise"]).band == "wrong"


@pytest.mark.parametrize("dynamo", [False, pytest.param(True, marks=whole)])
def test_onnx_by_both_exporters(dynamo: bool, graph: Graph, small: Layers, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from modelparity_families.orca.network import module_of

    path = tmp_path / "network.onnx"
    module, example = module_of(small, seeded(small, 7)), torch.zeros(1, 1, 256, FRAMES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module, (example,), path, dynamo=dynamo, input_names=["image"], output_names=["logits"]
        )
    verdict = mp.check(graph, path, recipes=["noise"])
    assert verdict.band in ("exact", "rounding"), verdict


@whole
def test_core_ml(graph: Graph, tmp_path: Path) -> None:
    pytest.importorskip("coremltools")
    mp.convert(graph, tmp_path / "network.mlpackage")
    verdict = mp.check(graph, tmp_path / "network.mlpackage", recipes=["noise"])
    assert verdict.band in ("exact", "rounding"), verdict
