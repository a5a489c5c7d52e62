"""Half weights are never taken for rounding: all 65 networks, every recipe, both runtimes and the engine.

`make test` takes a third of the pairs of network and recipe, ``make test-whole`` all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import modelparity as mp
from modelparity.engine.rounded_weights import rounded_weights
from modelparity.errors import Unavailable
from modelparity.inputs import make, recipes
from modelparity.verdict.case import check_case
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference

from ..sampling import third
from .conftest import MODELS

pytestmark = [pytest.mark.models]
PAIRS = third((model.key, recipe) for model in MODELS for recipe in recipes())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
def test_float16_weights_are_reduced(model, tmp_path: Path) -> None:
    try:
        graph = model.load()
    except Unavailable as error:
        pytest.skip(str(error))
    half = rounded_weights(graph, "float16")
    candidates = [half]
    if model.candidates:
        pytest.importorskip(
            "onnxruntime", reason="onnxruntime is not installed: pip install 'modelparity[onnx]'"
        )
        candidates.append(mp.convert(graph, tmp_path / "half.onnx", weights="float16"))
    seen = {}
    for recipe in (recipe for recipe in recipes() if (model.key, recipe) in PAIRS):
        reference = Reference(graph, make(graph, recipe, seed=11))
        for candidate in candidates:
            verdict = check_case(reference, candidate)
            seen[recipe, verdict.runtime] = verdict.band
    assert set(seen.values()) == {"reduced"}, seen


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
@pytest.mark.parametrize("model", MODELS[::7], ids=lambda model: model.key)
def test_reduced_arithmetic_is_reduced(model, precision: str) -> None:
    """A run in half precision throughout is explained as such, not called wrong."""
    try:
        graph = model.load()
    except Unavailable as error:
        pytest.skip(str(error))
    reference = Reference(graph, make(graph, "noise", seed=11))
    outputs = mp.run(graph, reference.feeds, arithmetic=precision)
    verdict = judge(reference, outputs, candidate=precision, runtime="engine")
    assert verdict.band == "reduced"
    assert verdict.explained_by
