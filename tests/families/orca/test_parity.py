"""The network as PyTorch, ONNX and Core ML have it, against the engine: a small one of its architecture, and its own.

The detector's own network, of 25 million weights, takes a minute a form: `make orca` tries them.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import pytest

import modelparity as mp
from modelparity.graph import Graph
from modelparity_families.orca.graph import FRAMES, MEL, graph_of
from modelparity_families.orca.layers import Layers
from modelparity_families.orca.weights import seeded

torch = pytest.importorskip("torch")
FEW = 48
SEED = 7
FORMS = ("torch", "onnx", "onnx-dynamo", "mlpackage", "mlmodel")
#: Forms that take long to make.
SLOW = ("onnx-dynamo",)
whole = pytest.mark.skipif(not os.environ.get("MODELPARITY_WHOLE"), reason="MODELPARITY_WHOLE=1 tries it")


def candidate(form: str, graph: Graph, layers: Layers, frames: int, place: Path) -> Any:
    """The network in one form: a module, or the path of a file."""
    if form.startswith("ml"):
        pytest.importorskip("coremltools")
        return mp.convert(graph, place / f"network.{form}")
    from modelparity_families.orca.network import module_of

    module = module_of(layers, seeded(layers, SEED))
    if form == "torch":
        return module
    for package in ("onnxruntime", "onnxscript"):
        pytest.importorskip(package)
    path, names = place / "network.onnx", {"input_names": ["image"], "output_names": ["logits"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        example = torch.zeros(1, 1, MEL, frames)
        torch.onnx.export(module, (example,), path, dynamo=form.endswith("dynamo"), **names)
    return path


@pytest.fixture(scope="module")
def graph(small: Layers) -> Graph:
    return graph_of(small, seeded(small, SEED), frames=FEW)


@pytest.fixture(scope="module")
def deployed() -> Graph:
    return graph_of(Layers(), seeded(Layers(), SEED))


@pytest.mark.parametrize("form", [pytest.param(form, marks=whole if form in SLOW else ()) for form in FORMS])
def test_every_form(form: str, graph: Graph, small: Layers, tmp_path: Path) -> None:
    verdict = mp.check(graph, candidate(form, graph, small, FEW, tmp_path), recipes=["noise"])
    assert verdict.band in ("exact", "rounding"), verdict


@whole
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_deployed_network(form: str, deployed: Graph, tmp_path: Path) -> None:
    verdict = mp.check(deployed, candidate(form, deployed, Layers(), FRAMES, tmp_path), recipes=["noise"])
    assert verdict.band in ("exact", "rounding"), verdict


def test_one_weight_off_by_a_hundredth_is_wrong(graph: Graph, small: Layers) -> None:
    from modelparity_families.orca.network import module_of

    other = seeded(small, SEED)
    other["model.layer2.0.bn2.bias"] = other["model.layer2.0.bn2.bias"] * 1.01
    assert mp.check(graph, module_of(small, other), recipes=["noise"], explain=False).band == "wrong"
