"""The bundle that the Swift tests read is what its networks compute, and its Core ML files are those networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelparity import Golden, check, load
from modelparity.goldens import unbundle
from modelparity.goldens.portable import reading
from modelparity.goldens.ranges import ranges

from .conftest import ROOT

BUNDLE = ROOT / "swift" / "Tests" / "Fixtures" / "bundle"
MODELS = sorted(path.name for path in (BUNDLE / "goldens" / "paths").iterdir())


@pytest.fixture(scope="module")
def goldens() -> dict[str, list[Golden]]:
    return unbundle(BUNDLE)


def test_there_are_models(goldens: dict[str, list[Golden]]) -> None:
    assert sorted(goldens) == [f"paths/{name}" for name in MODELS]
    assert len(MODELS) == 4


@pytest.mark.parametrize("name", MODELS)
def test_goldens_are_what_the_networks_compute(goldens: dict[str, list[Golden]], name: str) -> None:
    graph = load(ROOT / "fixtures" / name)
    for golden in goldens[f"paths/{name}"]:
        golden.verify(graph)
        assert golden.terms is not None
        assert golden.terms.summary() == golden.with_terms(graph).terms.summary()  # type: ignore[union-attr]
    manifest = reading.checked((BUNDLE / "manifest.json").read_bytes())
    told = manifest["models"][f"paths/{name}"]["outputs"]
    assert {output: about["range"] for output, about in told.items() if about["range"]} == ranges(graph)


@pytest.mark.parametrize("name", MODELS)
def test_core_ml_files_are_those_networks(goldens: dict[str, list[Golden]], name: str) -> None:
    pytest.importorskip("coremltools", reason="coremltools reads Core ML files")
    for golden in goldens[f"paths/{name}"]:
        packed = BUNDLE / "models" / "paths" / f"{name}.mlpackage"
        verdict = check(ROOT / "fixtures" / name, load(packed), golden=golden)
        assert verdict.ok, verdict


def test_every_file_is_as_the_manifest_says() -> None:
    manifest = reading.checked((BUNDLE / "manifest.json").read_bytes())
    read = reading.folder(BUNDLE)
    for name in manifest["files"]:
        assert reading.file(manifest, name, read)
    there = {
        p.relative_to(BUNDLE).as_posix()
        for p in BUNDLE.rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }
    carried = {"README.md", "candidate.py", "compare.py", "reading.py", "test_bundle.py", "manifest.json"}
    assert there == set(manifest["files"]) | carried
    portable = Path(reading.__file__).parent
    assert all(
        (BUNDLE / name).read_bytes() == (portable / name).read_bytes() for name in carried - {"manifest.json"}
    )
