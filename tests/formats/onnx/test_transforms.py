"""Transforms of Fourier against numpy's, an implementation of its own, and what onnxruntime makes of them.

onnxruntime's DFT and STFT sum in float32 with angles that drift where the length is no power of two: a hundred times
further off than a plain float32 sum. So a file that has one is `wrong` when it is run there, and that is true.
"""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

import modelparity as mp

F, WHOLE = TensorProto.FLOAT, TensorProto.INT64


def transform(length: int, path) -> None:
    """STFT of a signal of four windows, as exported front ends of speech have it."""
    window = np.hanning(length).astype("float32")
    graph = helper.make_graph(
        [helper.make_node("STFT", ["x", "step", "window", "length"], ["y"], onesided=1)],
        "stft",
        [helper.make_tensor_value_info("x", F, [1, 4 * length])],
        [helper.make_tensor_value_info("y", F, None)],
        [
            helper.make_tensor("step", WHOLE, [], [length // 2]),
            helper.make_tensor("window", F, [length], window),
            helper.make_tensor("length", WHOLE, [], [length]),
        ],
    )
    opsets = [helper.make_opsetid("", 17)]
    path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())


@pytest.mark.parametrize(("length", "sound"), [(256, True), (320, False), (400, False), (512, True)])
def test_a_transform_of_any_length_is_numpys_and_the_verdict_on_onnxruntime_is_true(length, sound, tmp_path):
    path = tmp_path / "stft.onnx"
    transform(length, path)
    x = np.random.default_rng(0).standard_normal((1, 4 * length)).astype("float32")
    window = np.hanning(length).astype("float32").astype(float)
    frames = np.stack([x[0, k * length // 2 :][:length] * window for k in range(7)])
    truth = np.fft.rfft(frames.astype(float))
    ours = mp.run(mp.load(path), x)["y"][0]
    scale = np.abs(truth).max()
    assert np.abs(ours[..., 0] + 1j * ours[..., 1] - truth).max() < 1e-12 * scale
    turns = np.exp(-2j * np.pi * np.outer(np.arange(length), np.arange(length // 2 + 1)) / length)
    plain = np.abs(frames.astype("float32") @ turns.astype("complex64") - truth).max()
    verdict = mp.check(path, path, inputs=x)
    off = max(output.difference for output in verdict.outputs)
    assert (verdict.band == "rounding", off < 20 * plain) == (sound, sound)
