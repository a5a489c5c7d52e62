"""Converted networks in the place of madmom's: every pipeline with ONNX, PyTorch, Core ML, through to the events."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import Unavailable
from modelparity.stages import Networks

from .sounds import RATE, bursts, cadence, measures, melody

sampled = pytest.mark.sampled
#: Pipeline -> the sound that it is tried on.
SOUNDS: dict[str, Callable[[], Any]] = {
    "beats_blstm": lambda: measures(4, bars=2)[0],
    "beats_lstm_online": lambda: measures(4, bars=2)[0],
    "downbeats_blstm": lambda: measures(3, bars=2)[0],
    "onsets_brnn": lambda: bursts(2.5)[0],
    "onsets_rnn_online": lambda: bursts(2.5)[0],
    "onsets_cnn": lambda: bursts(2.5)[0],
    "onsets_brnn_pp": lambda: bursts(2.5)[0],
    "notes_brnn": lambda: melody((60, 64, 67))[0],
    "chroma_dnn": lambda: cadence(2),
    "chords_cnnfeat": lambda: cadence(2),
    "key_cnn": lambda: cadence(2),
    "bars": lambda: measures(3, bars=3)[0],
}
FORMATS = ("onnx", "torch", "coreml")
IN_MAKE_TEST = (("key_cnn", "onnx"), ("chroma_dnn", "torch"), ("chroma_dnn", "coreml"))


@cache
def sound(name: str) -> Any:
    return SOUNDS[name]()


def converted(graph: mp.Graph, format: str, place: Path, key: str) -> Any:
    """A network as a file of that format called as it is, or as a PyTorch module."""
    if format == "torch":
        pytest.importorskip("torch")
        return mp.convert(graph, format="torch")
    pytest.importorskip({"coreml": "coremltools"}.get(format, format))
    gated = any(node.op == "gru" for node in graph.nodes)  # a NeuralNetwork has no form of madmom's
    suffix = {"onnx": ".onnx", "coreml": ".mlpackage" if gated else ".mlmodel"}[format]
    return mp.convert(graph, place / f"{key.rpartition('/')[2]}{suffix}")


@pytest.mark.parametrize(
    ("name", "format"),
    [
        pytest.param(name, format, marks=[sampled] if (name, format) in IN_MAKE_TEST else [])
        for name in SOUNDS
        for format in FORMATS
    ],
)
def test_converted_networks_lead_to_the_same_events(name: str, format: str, tmp_path: Path) -> None:
    p = mp.pipeline(f"madmom/{name}")
    given = {"audio": sound(name), "rate": RATE}
    if name == "bars":
        given["beats"] = measures(3, bars=3)[1][:, 0]
    candidates: dict[str, Any] = {}
    try:
        for stage in [part for part in p.parts if isinstance(part, Networks)]:
            place = tmp_path / stage.name
            place.mkdir()
            made = [
                converted(graph, format, place, member.key)
                for graph, member in zip(p.members(stage.name), stage.members, strict=True)
            ]
            candidates[stage.name] = made if format == "torch" else place
    except Unavailable as error:
        pytest.skip(str(error))
    found = p.check(networks=candidates, explain=False, **given)
    assert found.ok, found
    assert found["events"].band == "exact", found
    assert found["events"].compared.count, "silence tells nothing"
    for stage in candidates:
        assert len(found[stage].verdict) == len(p.members(stage))
        assert all(verdict.ok for verdict in found[stage].verdict), found
    assert np.isfinite(p.run(**given)["activations"]).all()
