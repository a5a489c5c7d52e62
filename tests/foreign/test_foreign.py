"""A fair sample of faulty files that were made without the catalogue: each is caught, placed and named."""

from __future__ import annotations

import importlib

import pytest

from .judging import attempt
from .mistake import ALL

pytest.importorskip("onnx", reason="pip install 'modelparity[onnx]'")
pytest.importorskip("coremltools", reason="pip install 'modelparity[coreml]'")
pytest.importorskip("torch", reason="pip install 'modelparity[torch]'")

#: File -> the module that makes it.
SAMPLE = {
    "linear_before_reset missing in an exported GRU (edited.onnx)": "onnx_edits",
    "peepholes disconnected (edited.onnx)": "onnx_edits",
    "epsilon of an exporter's default (edited.onnx)": "onnx_image_edits",
    "coordinates of align_corners (edited.onnx)": "onnx_image_edits",
    "mask of zeros and ones added (edited.onnx)": "onnx_attention_edits",
    "residual disconnected (edited.onnx)": "onnx_attention_edits",
    "kernel of a convolution in PyTorch's direction (.json)": "rtneural_edits",
    "gates of a GRU in PyTorch's order (.json)": "rtneural_edits",
    "update and reset gate of a .mlmodel's GRU (edited.mlmodel)": "coreml_edits",
    "Hamming for Hann (.onnx)": "audio_sources",
    "scores divided by the root of the model's width (.onnx)": "attentive_sources",
    "ReLU for tanh in a recurrent layer (.onnx)": "recurrent_sources",
}


@pytest.mark.parametrize("file", SAMPLE)
def test_caught_placed_named(file: str) -> None:
    importlib.import_module(f"tests.foreign.{SAMPLE[file]}")
    one = ALL[file]
    result, text = attempt(one, repair=False)
    assert result.caught, text
    assert result.placed, text
    assert result.named, text


@pytest.mark.parametrize(
    "file",
    [
        "peepholes disconnected (edited.onnx)",
        "coordinates of align_corners (edited.onnx)",
        "update and reset gate of a .mlmodel's GRU (edited.mlmodel)",
    ],
)
def test_repaired_by_other_nodes(file: str) -> None:
    importlib.import_module(f"tests.foreign.{SAMPLE[file]}")
    result, text = attempt(ALL[file], seconds=0.0, repair=True)
    assert result.how == "nodes", text


def test_the_corpus_is_large_enough() -> None:
    importlib.import_module("tests.foreign.corpus")
    assert len(ALL) >= 100
    assert len({one.name for one in ALL.values()}) >= 40
    assert any(one.held for one in ALL.values())
