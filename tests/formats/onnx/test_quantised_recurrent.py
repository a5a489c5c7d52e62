"""LSTMs that onnxruntime's quantize_dynamic has made, against onnxruntime; no writer loses what they do."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from onnx import helper, numpy_helper

import modelparity as mp
from modelparity.errors import ArtefactError, ConversionError
from modelparity.runtimes.onnxruntime import OnnxRuntime

IN, H, T = 12, 16, 9


@pytest.fixture
def quantised(tmp_path):
    """(path, feeds) of a quantised LSTM."""

    def make(batch, directions=1, *, lengths=False, whole="QInt8", spoilt=False, **settings):
        from onnxruntime.quantization import QuantType, quantize_dynamic

        rng = np.random.default_rng(3)
        some = {
            name: (rng.normal(size=shape) * 0.3).astype(np.float32)
            for name, shape in {
                "W": (directions, 4 * H, IN),
                "R": (directions, 4 * H, H),
                "B": (directions, 8 * H),
                "x": (T, batch, IN),
                "h0": (directions, batch, H),
                "c0": (directions, batch, H),
            }.items()
        }
        if spoilt:
            some["R"][:, :H] *= 1.2
        fed = ["x", "h0", "c0"]
        if lengths:
            some["lens"] = np.full(batch, T - 2, np.int32)
            fed.append("lens")
        node = helper.make_node(
            "LSTM",
            ["x", "W", "R", "B", "lens" if lengths else "", "h0", "c0"],
            ["y", "hn", "cn"],
            hidden_size=H,
            direction="bidirectional" if directions == 2 else "forward",
        )
        graph = helper.make_graph(
            [node],
            "one",
            [
                helper.make_tensor_value_info(
                    name, helper.np_dtype_to_tensor_dtype(some[name].dtype), some[name].shape
                )
                for name in fed
            ],
            [helper.make_tensor_value_info(name, 1, None) for name in ("y", "hn", "cn")],
            [numpy_helper.from_array(some[name], name) for name in "WRB"],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        path = tmp_path / f"quantised{spoilt}.onnx"
        level = logging.root.manager.disable
        logging.disable(logging.WARNING)
        quantize_dynamic(model, path, weight_type=QuantType[whole], **settings)
        logging.disable(level)
        return path, {name: some[name] for name in fed}

    return make


@pytest.mark.parametrize(
    ("batch", "directions", "settings"),
    [
        (1, 1, {}),
        (1, 2, {"whole": "QUInt8"}),
        (3, 2, {}),
        (2, 1, {"per_channel": True}),
        (1, 2, {"lengths": True}),
    ],
)
def test_it_agrees_with_onnxruntime(quantised, batch, directions, settings):
    path, feeds = quantised(batch, directions, **settings)
    # One thread: with more, each quantises the rows that it has by their own range.
    theirs = OnnxRuntime(threads=1).run(path, feeds)
    ours = mp.run(mp.load(path), feeds, arithmetic="float32")
    for name, want in theirs.items():
        np.testing.assert_allclose(ours[name], want, atol=1e-6, err_msg=name)


def test_a_quantised_file_is_judged_and_a_spoilt_one_found(quantised):
    path, _ = quantised(1)
    other, _ = quantised(1, spoilt=True)
    assert mp.check(path, path).ok
    assert mp.check(path, other).band == "wrong"


def test_sequences_that_end_apart_are_refused_where_their_states_share_a_range(quantised):
    path, _ = quantised(2, lengths=True)
    with pytest.raises(ArtefactError, match="this form of the operator is not understood"):
        mp.load(path)


def test_products_of_bytes_are_exact_unless_asked_otherwise(quantised):
    path, feeds = quantised(1)
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    exact = onnxruntime.InferenceSession(str(path), options).run(["y"], feeds)[0]
    np.testing.assert_array_equal(OnnxRuntime().run(path, feeds)["y"], exact)
    plain = onnxruntime.InferenceSession(str(path)).run(["y"], feeds)[0]
    np.testing.assert_array_equal(OnnxRuntime(exact_bytes=False).run(path, feeds)["y"], plain)
    assert OnnxRuntime(exact_bytes=False).describe()["products of bytes"] == "default"


def _plain_lstm(folder, **setting):
    """An LSTM as it is read from ONNX, with another setting."""
    rng = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array((rng.normal(size=shape) * 0.3).astype(np.float32), name)
        for name, shape in {"W": (1, 4 * H, IN), "R": (1, 4 * H, H)}.items()
    ]
    graph = helper.make_graph(
        [helper.make_node("LSTM", ["x", "W", "R"], ["y"], hidden_size=H)],
        "one",
        [helper.make_tensor_value_info("x", 1, ["time", 1, IN])],
        [helper.make_tensor_value_info("y", 1, None)],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = folder / "plain.onnx"
    path.write_bytes(model.SerializeToString())
    read = mp.load(path)
    nodes = [
        node if node.op != "lstm" else replace(node, attrs={**node.attrs, **setting}) for node in read.nodes
    ]
    return read.changed(nodes=nodes)


@pytest.mark.parametrize(
    "setting", [{"quantized": True}, {"coupled": True}, {"clip": 0.5}, {"cell_clip": 0.5}]
)
@pytest.mark.parametrize("suffix", [".mlpackage", ".mlmodel"])
def test_no_core_ml_file_leaves_out_what_a_recurrence_does(setting, suffix, tmp_path):
    graph = _plain_lstm(tmp_path, **setting)
    if suffix == ".mlmodel" and "cell_clip" in setting:  # which its LSTM has
        x = np.random.default_rng(1).normal(size=(9, 1, IN)).astype(np.float32)
        plain = mp.run(_plain_lstm(tmp_path), x)["y"]
        wanted = mp.run(graph, x)["y"]
        assert np.abs(wanted - plain).max() > 1e-3
        assert mp.check(graph, mp.convert(graph, tmp_path / "other.mlmodel"), inputs={"x": x}).ok
        return
    with pytest.raises(ConversionError, match=next(iter(setting)) if suffix == ".mlpackage" else "lstm"):
        mp.convert(graph, tmp_path / f"other{suffix}")
