"""All 65 networks as Core ML files: half programs are `reduced`, networks of layers `rounding`, or refused by name.

The parity suite compares the float32 programs on every recipe; `make conformance-written` does so here.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import modelparity as mp
from modelparity.errors import ConversionError, Unavailable
from modelparity.inputs import make, recipes
from modelparity.verdict.case import check_case
from modelparity.verdict.reference import Reference

from .conftest import MODELS

pytest.importorskip("coremltools", reason="coremltools is not installed: pip install 'modelparity[coreml]'")
pytestmark = [pytest.mark.models]
RECIPES = recipes() if os.environ.get("MODELPARITY_WHOLE") else ("features", "impulse")
NETWORKS = [model for model in MODELS if "coreml" in model.candidates]


@pytest.mark.parametrize("model", NETWORKS, ids=lambda model: model.key)
def test_written_files_compute_the_same(model, tmp_path: Path) -> None:
    try:
        graph = model.load()
    except Unavailable as error:
        pytest.skip(str(error))
    wanted = {mp.convert(graph, tmp_path / "half.mlpackage", precision="float16"): "reduced"}
    if any(node.op == "gru" for node in graph.nodes):
        # Core ML's layer applies the reset gate before the product, madmom's after it.
        with pytest.raises(ConversionError, match="gru"):
            mp.convert(graph, tmp_path / "layers.mlmodel")
    else:
        wanted[mp.convert(graph, tmp_path / "layers.mlmodel")] = "rounding"
    for recipe in RECIPES:
        reference = Reference(graph, make(graph, recipe, seed=2))
        for path, band in wanted.items():
            verdict = check_case(reference, path, expect=band)
            fine = (band,) if band == "reduced" else ("exact", band)
            if recipe == "silence":  # on which a network without biases does nothing that tells
                fine += ("unjudged",)
            assert verdict.band in fine, (recipe, str(verdict))
