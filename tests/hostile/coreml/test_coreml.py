"""A folder of hostile Core ML files: each ends in the error of the table beside it, soon and in little memory."""

from __future__ import annotations

import csv
import importlib
import os
import shutil
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.engine.limits import limited
from modelparity.errors import ArtefactError, GraphError, ModelparityError

pytest.importorskip("coremltools")
HERE = Path(__file__).parent
PATHS = sorted([*HERE.glob("*.mlmodel"), *HERE.glob("*.mlpackage")])
#: What a case may take: a tenth of it would do; a busy machine needs room.
SECONDS, MEMORY = 20, 400 << 20
LIMITS = {"elements": 1 << 24, "turns": 1000}


@pytest.fixture(scope="module")
def maker() -> Any:
    """The script that made the files."""
    names = ("make", "messages", "networks", "programs")
    kept = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(HERE))
    try:
        return importlib.import_module("make")
    finally:
        sys.path.remove(str(HERE))
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(kept)


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, str]]:
    """What each file must answer: the words that must stand in each part of the error."""
    with (HERE / "expected.tsv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file, dialect="excel-tab")}


@pytest.fixture(scope="module", autouse=True)
def _everything_is_imported() -> None:
    """So that no import counts as time or memory of a case."""
    good = HERE.parents[1] / "fuzz" / "coreml" / "good"
    for name in ("convolution.mlpackage", "nn_picture.mlmodel"):
        graph = mp.load(good / name)
        mp.run(graph, feeds(graph))


def feeds(graph: mp.Graph) -> dict[str, np.ndarray]:
    """Ones for every input."""
    return {
        spec.name: np.ones([axis.size or max(axis.least, 1) for axis in spec.axes]).astype(spec.dtype)
        for spec in graph.inputs
    }


def refused(path: Path, *, runs: bool = False) -> ModelparityError:
    """The error that reading (or running, and not reading) ends in, within time and memory."""
    started = time.perf_counter()
    tracemalloc.start()
    try:
        if runs:
            graph = mp.load(path)
            with limited(**LIMITS), pytest.raises(GraphError) as caught:
                mp.run(graph, feeds(graph))
        else:
            with pytest.raises(ArtefactError) as caught:
                mp.load(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.perf_counter() - started < SECONDS
    assert peak < MEMORY, f"{peak:,} bytes"
    return caught.value


def test_the_folder_is_what_the_script_makes(maker):
    files = {path.stem: path.read_bytes() for path in PATHS if path.is_file()}
    packages = {
        path.stem: {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}
        for path in PATHS
        if path.is_dir()
    }
    assert files == maker.FILES
    assert packages == maker.PACKAGES
    assert len(PATHS) > 200


def test_the_table_has_every_file_once(table):
    assert sorted(table) == sorted(path.name for path in PATHS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_says_what_the_table_says(path, table):
    row = table[path.name]
    error = refused(path, runs=path.stem.startswith("run"))
    assert type(error).__name__ == row["error"]
    assert path.name in str(error.where)
    assert len(str(error)) < 3000
    parts = {"what": error.what, "where": error.where, "found": error.found, "expected": error.expected}
    for part, said in {**parts, "next": error.fix}.items():
        assert said is not None, f"the error says nothing of {part}"
        assert row[part] in " ".join(str(said).split()), f"{part}: {said}"


SOUND = HERE.parents[1] / "fuzz" / "coreml" / "good" / "dense.mlpackage"
MODEL = "Data/com.apple.CoreML/model.mlmodel"
WEIGHTS = "Data/com.apple.CoreML/weights/weight.bin"


@pytest.fixture
def sound(tmp_path) -> Path:
    """A copy of a good package, to be spoilt."""
    return Path(shutil.copytree(SOUND, tmp_path / "sound.mlpackage"))


@pytest.mark.parametrize("part", ["Manifest.json", MODEL, WEIGHTS, "Data"])
def test_links_that_lead_outside_are_refused(sound, tmp_path, part):
    shutil.move(sound / part, tmp_path / "outside")
    (sound / part).symlink_to(tmp_path / "outside")
    error = refused(sound)
    assert error.what == "a path points outside the package"


def test_links_in_a_circle_are_refused(sound):
    (sound / MODEL).unlink()
    (sound / MODEL).symlink_to(sound / MODEL)
    assert "sound.mlpackage" in str(refused(sound))


@pytest.mark.parametrize("part", ["Manifest.json", MODEL, WEIGHTS])
@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
def test_what_is_no_file_is_not_read(sound, part, kind):
    (sound / part).unlink()
    if kind == "pipe":
        os.mkfifo(sound / part)
    elif kind == "folder":
        (sound / part).mkdir()
    else:
        (sound / part).symlink_to("/dev/zero")
    assert "sound.mlpackage" in str(refused(sound).where)


@pytest.mark.parametrize("given", [None, "coreml"])
def test_a_pipe_or_a_device_is_no_model(tmp_path, given):
    pipe = tmp_path / "pipe.mlmodel"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        started = time.perf_counter()
        with pytest.raises(ArtefactError, match="not a file") as caught:
            mp.load(path, format=given)
        assert path.name in str(caught.value)
        assert time.perf_counter() - started < SECONDS


@pytest.mark.parametrize(("part", "size"), [("Manifest.json", 2 << 20), (MODEL, 3 << 30)])
def test_what_is_too_large_is_not_read(sound, part, size):
    with (sound / part).open("r+b") as file:
        file.truncate(size)  # sparse
    assert refused(sound).what == "the file is too large"


def test_a_model_cut_anywhere_is_refused(tmp_path):
    data = (SOUND.with_name("nn_quantised.mlmodel")).read_bytes()
    path = tmp_path / "cut.mlmodel"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(ArtefactError, match=r"cut\.mlmodel"):
            mp.load(path)


def test_weights_cut_anywhere_are_refused(sound):
    data = (sound / WEIGHTS).read_bytes()
    for length in range(0, len(data), 7):
        (sound / WEIGHTS).write_bytes(data[:length])
        with pytest.raises(ArtefactError, match=r"sound\.mlpackage"):
            mp.load(sound)


def test_what_was_good_is_still_read(sound):
    graph = mp.load(sound)
    assert mp.run(graph, feeds(graph))["softmax_0"].shape == (2, 3)
