"""onnxruntime: what it takes, what it checks, what it says of itself."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import onnx
import pytest

import modelparity as mp
from modelparity.errors import ArtefactError, InputError, Unavailable
from modelparity.formats.onnx import write
from modelparity.inputs import make
from modelparity.runtimes import _onnxruntime_child, onnxruntime as module
from modelparity.runtimes._onnxruntime_child import Sessions
from modelparity.runtimes.onnxruntime import OnnxRuntime


def graph(scale=1.0):
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 3)))
    weight = np.arange(6, dtype=np.float32).reshape(3, 2) * np.float32(scale)
    return mp.Graph("net", (spec,), ("y",), (mp.Node("out", "dense", ("x", "w"), ("y",)),), {"w": weight})


X = np.ones((4, 3), np.float32)


@pytest.fixture
def path(tmp_path):
    write(graph(), tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


@pytest.mark.parametrize("form", [lambda p: p, str, lambda p: p.read_bytes(), onnx.load])
def test_it_runs_paths_bytes_and_models(path, form):
    runtime = OnnxRuntime()
    artefact = form(path)
    assert runtime.accepts(artefact)
    np.testing.assert_array_equal(runtime.run(artefact, {"x": X})["y"], X @ graph().constants["w"])
    assert set(runtime.weights(artefact)) == {"w"}


@pytest.mark.parametrize("other", ["net.pkl", 3, None, np.zeros(2)])
def test_it_takes_nothing_else(other):
    assert not OnnxRuntime().accepts(other)


def test_a_file_that_changed_is_loaded_again(path):
    runtime = OnnxRuntime()
    first = runtime.run(path, {"x": X})["y"]
    write(graph(2.0), path)
    os.utime(path, ns=(1, 1))
    np.testing.assert_array_equal(runtime.run(path, {"x": X})["y"], 2 * first)


def test_sessions_are_kept_but_not_for_ever(path, monkeypatch):
    sessions = Sessions()
    monkeypatch.setattr(_onnxruntime_child, "KEPT", 2)
    opened = {}
    for scale in (1.0, 2.0, 3.0):
        file = path.with_name(f"{scale}.onnx")
        write(graph(scale), file)
        about = {"path": str(file), "stamp": "", "threads": 1, "optimise": "all", "exact_bytes": True}
        for do in ("signature", "run", "run"):
            asked = {"do": do, "outputs": ["y"], **about}
            told, _ = sessions.answer(asked, {"x": X} if do == "run" else {})
            assert told["outputs"]
            opened.setdefault(scale, set()).add(id(next(reversed(sessions.open.values()))))
    assert [len(found) for found in opened.values()] == [1, 1, 1]
    assert len(sessions.open) == 2


def test_settings_are_reported():
    described = OnnxRuntime(threads=1, optimise="basic").describe()
    assert described["threads"] == "1"
    assert described["optimisation"] == "basic"
    assert described["providers"] == "CPUExecutionProvider"
    assert described["version"].count(".") == 2
    assert OnnxRuntime().describe()["threads"] == "default"


@pytest.mark.parametrize("optimise", ["none", "basic", "extended", "all"])
def test_every_level_runs(path, optimise):
    assert OnnxRuntime(threads=1, optimise=optimise).run(path, {"x": X})["y"].shape == (4, 2)


def test_an_unknown_level_is_refused():
    with pytest.raises(InputError, match="optimisation 'most'"):
        OnnxRuntime(optimise="most")


@pytest.mark.parametrize("feeds", [{}, {"z": X}, {"x": X, "z": X}])
def test_names_must_match(path, feeds):
    with pytest.raises(InputError, match="input names") as error:
        OnnxRuntime().run(path, feeds)
    assert "expected: x" in str(error.value)


def test_a_cast_that_changes_values_is_refused(path):
    runtime = OnnxRuntime()
    np.testing.assert_array_equal(
        runtime.run(path, {"x": X.astype(np.float64)})["y"], runtime.run(path, {"x": X})["y"]
    )
    with pytest.raises(InputError, match=r"float64[\s\S]*astype\('float32'\)"):
        runtime.run(path, {"x": np.full((4, 3), 0.1)})
    with pytest.raises(InputError, match="int64"):
        runtime.run(path, {"x": X.astype(np.int64)})


def test_a_wrong_shape_is_refused_with_the_right_one(path):
    with pytest.raises(InputError) as error:
        OnnxRuntime().run(path, {"x": np.ones((4, 5), np.float32)})
    assert "['time', 3]" in str(error.value)


@pytest.mark.parametrize("content", [b"", b"\x08nonsense", b"\x00" * 64])
def test_damaged_files_are_refused(tmp_path, content):
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(content)
    with pytest.raises(ArtefactError, match="damaged"):
        OnnxRuntime().run(damaged, {"x": X})


def test_a_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ArtefactError):
        OnnxRuntime().run(path, {"x": X})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ArtefactError, match="absent"):
        OnnxRuntime().run(tmp_path / "absent.onnx", {"x": X})


def test_what_to_install(monkeypatch, path):
    assert OnnxRuntime().missing() is None
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert "pip install 'modelparity[onnx]'" in OnnxRuntime().missing()
    for call in (lambda: OnnxRuntime().run(path, {"x": X}), lambda: OnnxRuntime().weights(path)):
        with pytest.raises(Unavailable, match="pip install"):
            call()


def test_weights_are_found_in_constant_nodes_and_subgraphs():
    helper = onnx.helper
    value = onnx.numpy_helper.from_array(np.float32([1, 2]), "inner")
    branch = helper.make_graph([], "b", [], [helper.make_tensor_value_info("inner", 1, [2])], [value])
    nodes = [
        helper.make_node("Constant", [], ["k"], value=onnx.numpy_helper.from_array(np.float32([3]))),
        helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch),
    ]
    inputs = [helper.make_tensor_value_info("x", onnx.TensorProto.BOOL, [])]
    outputs = [helper.make_tensor_value_info("y", 1, [2])]
    proto = helper.make_model(helper.make_graph(nodes, "g", inputs, outputs))
    found = OnnxRuntime().weights(proto)
    assert {name: array.tolist() for name, array in found.items()} == {"k": [3.0], "inner": [1.0, 2.0]}


@pytest.mark.parametrize("form", [lambda p: p, onnx.load])
def test_what_every_node_gave(form, tmp_path):
    network = mp.load(Path(__file__).parents[2] / "fixtures" / "cnn.pkl")
    file = mp.convert(network, tmp_path / "net.onnx")
    read = mp.load(file)
    x = make(read, "noise")
    given, mine = OnnxRuntime().taps(form(file), x), mp.run(read, x, taps=True)
    both = set(given) & set(mine)
    assert set(read.outputs) < both
    assert set(given) <= {name for node in onnx.load(file).graph.node for name in node.output}
    for name in both:
        np.testing.assert_allclose(given[name], mine[name], rtol=1e-4, atol=1e-5)


def test_nodes_of_a_damaged_file(tmp_path):
    (tmp_path / "bad.onnx").write_bytes(b"\xff\xff\xff")
    with pytest.raises(ArtefactError, match=r"bad\.onnx: not readable"):
        OnnxRuntime().taps(tmp_path / "bad.onnx", {})


def test_other_ways_are_the_levels_below(path):
    names = [one.name for one in OnnxRuntime(threads=1).variants(path)]
    assert names == ["the optimiser off", "level basic", "level extended"]
    (off,) = OnnxRuntime(threads=1, optimise="basic").variants(path)
    assert off.runtime.describe()["optimisation"] == "none"
    assert off.asked.endswith("ORT_DISABLE_ALL")
    assert OnnxRuntime(optimise="none").optimiser is None
    (one,) = OnnxRuntime(optimise="none").variants(path)
    assert (one.name, one.runtime.threads) == ("one thread", 1)
    exact = OnnxRuntime(threads=1, optimise="none", exact_bytes=False).variants(path)
    assert [(one.name, one.runtime.exact_bytes) for one in exact] == [("exact products of bytes", True)]


def test_passes_that_change_a_file_and_what_they_make_of_it(tmp_path):
    network = mp.load(Path(__file__).parents[2] / "fixtures" / "cnn.pkl")
    file = mp.convert(network, tmp_path / "net.onnx")
    x = make(mp.load(file), "noise")
    runtime = OnnxRuntime(threads=1)
    passes = runtime.passes(file)
    assert "ConvActivationFusion" in passes or "NchwcTransformer" in passes
    assert "Level1_RuleBasedTransformer" not in passes
    rewritten, plain = runtime.rewritten(file), runtime.variants(file)[0].runtime
    assert set(runtime.makers(rewritten).values()) != set(runtime.makers(file).values())
    for name, array in runtime.run(file, x).items():
        np.testing.assert_array_equal(
            plain.taps(rewritten, x)[name], array
        )  # the same bits, nothing fused anew


def test_a_pass_is_switched_off(tmp_path):
    network = mp.load(Path(__file__).parents[2] / "fixtures" / "cnn.pkl")
    file = mp.convert(network, tmp_path / "net.onnx")
    runtime = OnnxRuntime(threads=1)
    one = runtime.passes(file)[-1]
    without = runtime.without([one])
    assert one in without.asked
    assert without.runtime.describe()["switched off"] == one
    assert one not in without.runtime.passes(file)


@pytest.mark.parametrize(
    ("op", "opset", "given", "attributes", "values", "length"),
    [
        ("DFT", 17, "x", {"axis": 1}, {}, 6),
        ("DFT", 20, "x", {}, {}, 6),
        ("DFT", 20, "x  a", {}, {"a": np.int64(1)}, 6),
        ("DFT", 17, "x n", {"axis": 1}, {"n": np.int64(12)}, 12),
        ("DFT", 17, "x n", {"axis": 1}, {"n": np.int64(8)}, None),
        ("STFT", 17, "x s w", {}, {"s": np.int64(2), "w": np.ones(5, np.float32)}, 5),
        ("STFT", 17, "x s  n", {}, {"s": np.int64(2), "n": np.int64(4)}, None),
    ],
)
def test_lengths_at_which_it_is_known_to_be_less_exact(op, opset, given, attributes, values, length):
    helper = onnx.helper
    node = helper.make_node(op, given.split(" "), ["y"], **attributes)
    held = [onnx.numpy_helper.from_array(np.asarray(one), key) for key, one in values.items()]
    inputs = [helper.make_tensor_value_info("x", 1, [1, 6, 1])]
    outputs = [helper.make_tensor_value_info("y", 1, None)]
    model = helper.make_model(
        helper.make_graph([node], "g", inputs, outputs, held), opset_imports=[helper.make_opsetid("", opset)]
    )
    known = OnnxRuntime().known(model, {"x": np.ones((1, 6, 1), np.float32)})
    assert (f"({length}) is no power of two" in known.get("y", "")) == (length is not None)
    assert bool(known) == (length is not None)
