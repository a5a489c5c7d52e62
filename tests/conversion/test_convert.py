"""convert: the format is chosen, the file complete or not there, and every weight in it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity.conversion.accounting import account
from modelparity.errors import ConversionError, Unavailable
from modelparity.runtimes.registry import runtime, runtime_for


def graph(weight=None):
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 6)))
    if weight is None:
        weight = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    return mp.Graph("net", (spec,), ("y",), (mp.Node("out", "dense", ("x", "w"), ("y",)),), {"w": weight})


X = np.random.default_rng(1).normal(size=(9, 6)).astype(np.float32)


def test_the_suffix_chooses(tmp_path):
    path = mp.convert(graph(), tmp_path / "net.onnx")
    assert path == tmp_path / "net.onnx"
    assert [p.name for p in tmp_path.iterdir()] == ["net.onnx"]
    np.testing.assert_allclose(runtime_for(path).run(path, {"x": X})["y"], mp.run(graph(), X)["y"], atol=1e-6)


def test_a_path_may_be_a_string_and_the_format_named(tmp_path):
    path = mp.convert(graph(), str(tmp_path / "net.bin"), format="onnx")
    assert path.read_bytes()[:1] == b"\x08"


def test_a_module_without_a_path():
    built = mp.convert(graph(), format="torch")
    assert isinstance(built, torch.nn.Module)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"path": "net.xyz"}, ".xyz"),
        ({"path": "net.onnx", "format": "onxn"}, "onxn"),
        ({}, "neither"),
        ({"format": "onnx"}, "written to a file"),
        ({"path": "net.pkl"}, "not written"),
        ({"path": "net.onnx", "weights": "float8"}, "float8"),
    ],
)
def test_wrong_requests_are_refused(tmp_path, arguments, said):
    if "path" in arguments:
        arguments = {**arguments, "path": tmp_path / arguments["path"]}
    with pytest.raises(ConversionError, match=said):
        mp.convert(graph(), **arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_weights_can_be_rounded_and_are_stored_as_float32(tmp_path, precision):
    path = mp.convert(graph(), tmp_path / "net.onnx", weights=precision)
    written = runtime("onnxruntime").weights(path)["w"]
    assert written.dtype == np.float32
    want = torch.from_numpy(np.array(graph().constants["w"])).to(getattr(torch, precision)).float().numpy()
    np.testing.assert_array_equal(written, want)
    assert (written != graph().constants["w"]).any()
    (entry,) = account(graph(), {"w": written})
    assert (entry.status, entry.how) == ("found", f"rounded to {precision}")


def test_weights_too_large_for_the_precision_are_refused(tmp_path):
    weight = np.full((6, 4), 1e5, np.float32)
    with pytest.raises(ConversionError, match="too large for float16"):
        mp.convert(graph(weight), tmp_path / "net.onnx", weights="float16")
    mp.convert(graph(weight), tmp_path / "net.onnx", weights="bfloat16")


def spoil(monkeypatch, change):
    """Let the writer lose or change something."""
    import modelparity.formats.onnx.model as writer

    faithful = writer.model

    def model(source):
        made = faithful(source)
        change(made)
        return made

    monkeypatch.setattr(writer, "model", model)


def negate_one(made):
    raw = bytearray(made.graph.initializer[0].raw_data)
    raw[3] ^= 0x80
    made.graph.initializer[0].raw_data = bytes(raw)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda made: made.graph.ClearField("initializer"), "w: missing"),
        (negate_one, "w: altered in w: 1 of 24"),
    ],
)
def test_a_weight_that_went_missing_leaves_nothing_behind(tmp_path, monkeypatch, change, said):
    spoil(monkeypatch, change)
    with pytest.raises(ConversionError, match=said):
        mp.convert(graph(), tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_module_that_lost_a_weight_is_not_handed_out(monkeypatch):
    import modelparity.formats.torch.network as builder

    faithful = builder.Network

    def network(source):
        made = faithful(source)
        for parameter in made.parameters():
            parameter.zero_()
        return made

    monkeypatch.setattr(builder, "Network", network)
    with pytest.raises(ConversionError, match=r"weights went missing while writing torch\n(?s:.*)w: missing"):
        mp.convert(graph(), format="torch")


def test_a_file_that_was_there_stays_if_the_new_one_fails(tmp_path, monkeypatch):
    path = mp.convert(graph(), tmp_path / "net.onnx")
    before = path.read_bytes()
    spoil(monkeypatch, negate_one)
    with pytest.raises(ConversionError):
        mp.convert(graph(), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["net.onnx"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConversionError, match="absent"):
        mp.convert(graph(), tmp_path / "absent" / "net.onnx")


@pytest.mark.models
@pytest.mark.parametrize("kind", ["onnxruntime", "torch"])
def test_all_networks_compute_the_same(tmp_path, kind, record_property):
    """Each network as a file and as a module, against madmom's own outputs. The floor judges elsewhere: here
    the bound is 1e-5, a thousandth of what the smallest known conversion mistake does to these networks."""
    worst, count = 0.0, 0
    for model in mp.families()["madmom"].models():
        try:
            anchored = model.anchor()
            loaded = model.load()
        except Unavailable as error:
            pytest.skip(str(error))
        if anchored is None or kind not in model.candidates:
            continue
        feeds, want = anchored
        artefact = (
            mp.convert(loaded, tmp_path / "net.onnx")
            if kind == "onnxruntime"
            else mp.convert(loaded, format="torch")
        )
        got = runtime(kind).run(artefact, feeds)
        for name, array in want.items():
            assert got[name].shape == array.shape, (model.key, name)
            difference = float(np.abs(got[name] - array).max())
            assert difference < 1e-5, (model.key, name, difference)
            worst = max(worst, difference)
        count += 1
    assert count == 65
    record_property("worst_difference", worst)
