"""Files that are right and that onnxruntime 1.31 computes otherwise, and files that are wrong themselves.

Who is right is worked out here, in numpy.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import modelparity as mp
from modelparity.runtimes.onnxruntime import OnnxRuntime
from modelparity.verdict.cause import Cause
from modelparity.verdict.reference import Reference
from modelparity.verdict.side import side_of

F = np.float32
RNG = np.random.default_rng(7)
X = RNG.standard_normal((1, 2, 5, 5)).astype(F) - 3


@pytest.fixture
def padded(saved):
    """Zeros around negative numbers, of which the largest is taken: zeros are larger."""
    nodes = [("Pad", "x p v", "a"), ("MaxPool", "a", "b", {"kernel_shape": [3, 3]}), ("Tanh", "b", "y")]
    return saved("c.onnx", nodes, X.shape, {"p": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "v": F(0)})


def test_a_pass_of_the_optimiser_is_named_with_the_node_that_it_made(padded):
    verdict = mp.check(padded, padded, inputs=X)
    around = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)))
    want = np.tanh(np.lib.stride_tricks.sliding_window_view(around, (3, 3), (2, 3)).max((4, 5)))
    np.testing.assert_allclose(mp.run(mp.load(padded), X)["y"], want, atol=1e-7)  # the file is right
    found = verdict.located
    assert (verdict.band, found.side, found.passes) == ("wrong", "runtime", ("Pad_Fusion",))
    assert found.step.startswith("MaxPool")
    assert 'disabled_optimizers=["Pad_Fusion"]' in found.asked
    ways = {way.name: way.agrees for way in found.ways}
    assert ways == {
        "the file, by this package's engine": True,
        "the optimiser off": True,
        "level basic": False,
        "level extended": False,
        "one thread": False,
    }
    own = OnnxRuntime(switched_off=("Pad_Fusion",))
    assert mp.check(padded, padded, inputs=X, runtime=own).ok
    text = str(verdict)
    assert "in the runtime" in text
    assert "the file is right" in text
    assert "the optimiser off agrees; level basic, level extended and one thread depart" in text
    assert "'b', MaxPool" in text
    assert "look for a weight" not in text
    data = json.loads(json.dumps(verdict.to_json(), allow_nan=False))["located"]
    assert (data["side"], data["passes"], data["case"]) == ("runtime", ["Pad_Fusion"], "given")


def test_a_fusion_that_takes_another_network_for_a_layer_norm(saved):
    """The fourth power is no variance, and the fusion does not look at the exponent."""
    nodes = [
        ("ReduceMean", "x", "m", {"axes": [-1]}),
        ("Sub", "x m", "d"),
        ("Pow", "d p", "s"),
        ("ReduceMean", "s", "v", {"axes": [-1]}),
        ("Add", "v e", "w"),
        ("Sqrt", "w", "q"),
        ("Div", "d q", "z"),
        ("Mul", "z g", "u"),
        ("Add", "u b", "y"),
    ]
    values = {"p": F(4), "e": F(1e-5), "g": np.ones(8, F), "b": np.zeros(8, F)}
    path = saved("c.onnx", nodes, [3, 8], values)
    found = mp.check(path, path).located
    assert (found.side, found.passes) == ("runtime", ("LayerNormFusionL1",))
    assert "LayerNormalization" in found.step


def test_a_known_limit_is_said_and_no_weight_blamed(saved):
    """onnxruntime's Fourier transform at a length that is no power of two; numpy's says who is right."""
    nodes = [("DFT", "x", "t", {"axis": 1, "onesided": 1}), ("Mul", "t t", "y")]
    x = RNG.standard_normal((1, 400, 1)).astype(F)
    path = saved("c.onnx", nodes, x.shape)
    taps, exact = mp.run(mp.load(path), x, taps=True)["t"], np.fft.rfft(x[0, :, 0].astype(np.float64))
    np.testing.assert_allclose(taps[0, :, 0] + 1j * taps[0, :, 1], exact, atol=1e-11)
    verdict = mp.check(path, path, inputs=x)
    assert (verdict.located.side, verdict.located.passes) == ("runtime", ())
    assert verdict.located.step.startswith("DFT")
    text = str(verdict)
    assert "400) is no power of two" in text
    assert "depart as well" in text
    assert "no weight is to blame" in text


def test_at_a_power_of_two_nothing_departs(saved):
    x = RNG.standard_normal((1, 512, 1)).astype(F)
    path = saved("c.onnx", [("DFT", "x", "y", {"axis": 1, "onesided": 1})], x.shape)
    assert mp.check(path, path, inputs=x).ok


def test_a_file_that_says_something_else(saved):
    weight = RNG.standard_normal((16, 4)).astype(F)
    good, bad = (
        saved(f"{name}.onnx", [("MatMul", "x w", "y")], [3, 16], {"w": weight * scale})
        for name, scale in (("good", F(1)), ("bad", F(1.01)))
    )
    verdict = mp.check(good, bad)
    assert (verdict.located.side, verdict.located.passes, verdict.located.asked) == ("artefact", (), "")
    assert "the file itself says something else" in str(verdict)
    assert "computes what it says" in str(verdict)
    for runtime in (None, "engine"):
        assert mp.check(good, bad, runtime=runtime).located.side == "artefact"


def test_both_are_wrong(saved):
    pad = {"p": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "v": F(0)}
    shape = list(X.shape)
    nodes = [("Pad", "x p v", "a"), ("MaxPool", "a", "b", {"kernel_shape": [3, 3]}), ("Add", "b k", "y")]
    good, bad = (saved(f"{k}.onnx", nodes, shape, {**pad, "k": F(k)}) for k in (1, 2))
    verdict = mp.check(good, bad, inputs=X)
    assert verdict.located.side == "artefact"
    assert verdict.located.passes == ("Pad_Fusion",)
    assert "besides, onnxruntime" in str(verdict)


def test_an_interface_that_explains_it_comes_first(saved):
    nodes = [("Mul", "x k", "y")]
    paths = [saved(f"{k}.onnx", nodes, [3, 4], {"k": F(k)}) for k in (1, 2)]
    verdict = mp.check(*paths)
    caused = replace(verdict, causes=(Cause("interface", text="two outputs are swapped"),))
    subject = Reference(mp.load(paths[0]), np.ones((3, 4), F))
    assert side_of(subject, paths[1], caused).side == "interface"


@pytest.mark.parametrize("explain", [False, 0])
def test_it_is_asked_only_where_it_is_wanted(padded, explain):
    assert mp.check(padded, padded, inputs=X, explain=explain).located is None


def test_of_several_cases_the_worst_is_asked_once(saved):
    weight = RNG.standard_normal((4, 4)).astype(F)
    good, bad = (
        saved(f"{name}.onnx", [("MatMul", "x w", "y")], ["time", 4], {"w": weight * scale})
        for name, scale in (("good", F(1)), ("bad", F(1.01)))
    )
    verdict = mp.check(good, bad)
    assert len(verdict.cases) > 1
    asked = [one for one in verdict.cases if one.located is not None]
    assert [one.floors for one in asked] == [verdict.floors]
    assert verdict.located == asked[0].located


@pytest.mark.parametrize(
    ("op", "settings", "values"),
    [("AveragePool", {"ceil_mode": 1}, {}), ("Pad", {}, {"p": np.array([0, 0, 0, 0, 0, 1])})],
)
def test_a_file_with_results_of_another_shape(saved, op, settings, values):
    window = {"kernel_shape": [2], "strides": [2]}
    good = saved("good.onnx", [("AveragePool", "x", "y", window)], [1, 4, 7])
    if op == "Pad":
        nodes = [("AveragePool", "x", "a", window), ("Pad", "a p", "y")]
    else:
        nodes = [(op, "x", "y", {**window, **settings})]
    verdict = mp.check(good, saved("bad.onnx", nodes, [1, 4, 7], values))
    assert (verdict.band, verdict.located.side) == ("wrong", "artefact")


def test_what_depends_on_the_number_of_threads(tmp_path):
    """States of a batch become bytes by their range, which onnxruntime takes anew for the rows of each thread."""
    onnx = pytest.importorskip("onnx")
    from onnxruntime.quantization import quantize_dynamic

    make, held = onnx.helper, onnx.numpy_helper.from_array
    node = make.make_node("LSTM", ["x", "w", "r"], ["", "y"], hidden_size=8)
    graph = make.make_graph(
        [node],
        "net",
        [make.make_tensor_value_info("x", 1, [7, 4, 6])],
        [make.make_tensor_value_info("y", 1, None)],
        [held(RNG.standard_normal((1, 32, n)).astype(F), name) for n, name in ((6, "w"), (8, "r"))],
    )
    onnx.save(
        make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9), tmp_path / "a.onnx"
    )
    path = tmp_path / "b.onnx"
    quantize_dynamic(tmp_path / "a.onnx", path)
    assert mp.check(path, path, runtime=OnnxRuntime(threads=1)).ok
    verdict = mp.check(path, path, runtime=OnnxRuntime(threads=4))
    if verdict.ok:
        pytest.skip("here threads take no rows of their own")
    assert verdict.located.side == "runtime"
    assert verdict.located.asked == "sess_options.intra_op_num_threads = 1"
    assert "one thread agrees" in str(verdict)
