"""The recorded golden of madmom's onsets: what madmom itself recorded is judged by it, without networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import cli
from modelparity.goldens import folder
from modelparity.stages import PipelineGolden

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "golden" / "madmom" / "pipelines"
FILE = FOLDER / "onsets_brnn-two-bursts.pipeline.safetensors"


@pytest.fixture(scope="module")
def gold() -> PipelineGolden:
    return PipelineGolden.load(FILE)


def test_it_is_small_and_holds_two_onsets(gold: PipelineGolden) -> None:
    assert FILE.stat().st_size < 200_000
    assert gold.pipeline == "madmom/onsets_brnn"
    assert gold["events"].shape == (2,)
    assert gold["features"].shape == (35, 266)


def test_its_own_values_are_exact_and_a_fault_is_placed(gold: PipelineGolden) -> None:
    assert gold.check(features=gold["features"], activations=gold["activations"]).worst == "exact"
    louder = gold["features"] * np.float32(1.0001)
    assert not gold.check(features=louder)["features"].ok


def test_features_of_a_transform_in_float32_are_reduced(gold: PipelineGolden) -> None:
    # Sums of 24 bits: errors of the size that the record allows there, more than plain rounding explains.
    away = gold.ways["float32"]["features"] / 2
    theirs = (gold.truth["features"] + away * np.where(np.arange(266) % 2, 1, -1)).astype(np.float32)
    found = gold.check(features=theirs, expect="reduced")
    assert (found.ok, found.worst) == (True, "reduced")
    assert "Fourier" in found["features"].text


def test_goldens_of_pipelines_are_no_orphans_of_networks() -> None:
    class Madmom:
        name = "madmom"

        def models(self) -> tuple[()]:
            return ()

    entries = folder.status(ROOT / "golden", [Madmom()])
    assert entries
    assert not [entry for entry in entries if entry.path.parent == FOLDER]


@pytest.mark.models
def test_the_pipeline_still_computes_it(gold: PipelineGolden, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["golden", "verify", str(FOLDER)]) == 0
    assert "madmom/onsets_brnn, as recorded" in capsys.readouterr().out
    other = mp.pipeline(gold.pipeline, threshold=0.5)
    with pytest.raises(mp.errors.GoldenError, match="setting threshold"):
        gold.verify(other)
