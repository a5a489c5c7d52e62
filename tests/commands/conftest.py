"""The command line, called in this process, on the fixture models."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from modelparity import cli

FIXTURES = Path(__file__).parents[2] / "fixtures"


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def modelparity(capsys, monkeypatch, tmp_path):
    """``modelparity("check", ref, cand)`` in an empty folder; argparse's exit counts as its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def dnn() -> Path:
    """A small dense network in madmom's format."""
    return FIXTURES / "dnn.pkl"


@pytest.fixture
def lstm() -> Path:
    """A small recurrent network."""
    return FIXTURES / "lstm.pkl"


@pytest.fixture
def onnx_files(dnn, tmp_path):
    """The dense network as ONNX: as it is, and with weights rounded to float16."""
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    import modelparity as mp

    graph = mp.load(dnn)
    return mp.convert(graph, tmp_path / "dnn.onnx"), mp.convert(
        graph, tmp_path / "half.onnx", weights="float16"
    )


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The family of tests/toy, installed; returns a folder with sound for its pipelines, ``loud.wav`` in it."""
    import numpy as np

    from modelparity.exchange import sound

    info = tmp_path / "site" / "toy_family-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-family\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[modelparity.families]\ntoy = toy_family:FAMILY\n")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "toy"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    rng = np.random.default_rng(0)
    loud = np.repeat([0.01, 1.0, 0.02, 1.2, 0.01], 100)
    samples = np.clip(rng.standard_normal(500) * loud * 10000, -32768, 32767).astype(np.int16)
    sound.write(tmp_path / "loud.wav", samples, 1000)
    return tmp_path
