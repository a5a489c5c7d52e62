"""Graphs written as ML Programs: every operator against the engine and Apple's definitions, and the file itself."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

import modelparity as mp
from modelparity.conversion.accounting import account, unaccounted
from modelparity.engine.operator import names
from modelparity.errors import ConversionError
from modelparity.formats.coreml.proto import module
from modelparity.formats.coreml.write import write
from modelparity.formats.coreml.write.lowering import lowers
from modelparity.graph import Source
from modelparity.runtimes.registry import runtime

from .conftest import refusal, weights

#: Operators of the shared cases that are not written at all.
UNWRITTEN = {
    "attention",
    "cumsum_along",
    "einsum",
    "fill",
    "gather_nd",
    "hardmax",
    "multi_head_attention",
    "range_1d",
    "resample",
    "reshape_like",
    "reshape_to",
    "slice_between",
    "topk",
    "transformer_encoder_layer",
}
#: Forms of the others that are refused, by what the refusal says.
REFUSALS = (
    "the size of its batch",
    "last partial window",
    "dilated pooling",
    "last two axes only",
    "steps backwards",
    "takes float32 or int32",
    "takes arrays only",
    "known only when it runs",
    "one batch axis",
    "MIL samples",
    "its groups need",
)


def test_every_operator(case, same, apple, tmp_path):
    graph, path = case.graph(), tmp_path / "one.mlpackage"
    refused = refusal(graph, path)
    if refused is not None:
        assert case.op in UNWRITTEN or any(words in refused.what for words in REFUSALS)
        return
    assert case.op not in UNWRITTEN
    feeds = case.feeds(graph)
    got = mp.run(mp.load(path), feeds, arithmetic="native")
    # There are no outputs of booleans or of int64.
    whole = {name: array.dtype for name, array in mp.run(graph, feeds).items() if array.dtype.kind in "bi"}
    got = {name: array.astype(whole.get(name, array.dtype)) for name, array in got.items()}
    same(graph, feeds, got)
    assert apple(path).functions["main"].outputs


def test_what_is_written_exists():
    assert set(lowers.all()) <= set(names())
    assert not UNWRITTEN & set(lowers.all())


@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 16, 50])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_any_number_of_frames(lstm, tmp_path, length, outputs, direction):
    """A turn takes several frames: none is lost or added at the end, and last states are those of the last frame."""
    graph = lstm(outputs=outputs, direction=direction)
    path = mp.convert(graph, tmp_path / "net.mlpackage")
    x = weights(length, 6, seed=length)
    got, want = mp.run(mp.load(path), x), mp.run(graph, x)
    for name in want:
        np.testing.assert_allclose(got[name], want[name], rtol=0, atol=1e-12)


def test_a_recurrence_is_one_loop_of_plain_operations(lstm, apple, tmp_path):
    path = tmp_path / "net.mlpackage"
    write(lstm(direction="bidirectional"), path)
    kinds = [op.op_type for op in apple(path).functions["main"].operations]
    assert kinds.count("while_loop") == 1
    assert not {"lstm", "gru", "rnn"} & set(kinds)


def test_weights_are_accounted_for_inside_loops_too(lstm, tmp_path):
    graph = lstm()
    held = runtime("engine").weights(mp.convert(graph, tmp_path / "net.mlpackage"))
    assert not unaccounted(account(graph, held))
    values = np.sort(graph.constants["r"].ravel())
    place = next(name for name, a in held.items() if np.array_equal(np.sort(a.ravel()), values))
    spoilt = {**held, place: held[place].copy()}
    spoilt[place].flat[3] += 1
    assert [entry.name for entry in unaccounted(account(graph, spoilt))] == ["r"]


def test_the_weights_file_is_read_by_apples_reader(lstm, tmp_path):
    storage = pytest.importorskip("coremltools.libmilstoragepython")
    path = tmp_path / "net.mlpackage"
    write(lstm(), path)
    model = module("Model").Model()
    model.ParseFromString((path / "Data/com.apple.CoreML/model.mlmodel").read_bytes())
    reader = storage._BlobStorageReader(str(path / "Data/com.apple.CoreML/weights/weight.bin"))
    found = []

    def visit(block):
        for op in block.operations:
            if op.type == "const" and op.attributes["val"].HasField("blobFileValue"):
                found.append(np.array(reader.read_float_data(op.attributes["val"].blobFileValue.offset)))
            for inner in op.blocks:
                visit(inner)

    visit(model.mlProgram.functions["main"].block_specializations["CoreML5"])
    wanted = lstm().constants["w"][0].T.ravel()
    assert any(np.array_equal(one, wanted) for one in found)


def test_half_precision_is_declared_and_outputs_stay_float32(lstm, tmp_path):
    graph = lstm(direction="bidirectional")
    path = mp.convert(graph, tmp_path / "net.mlpackage", precision="float16")
    read = mp.load(path)
    assert {node.dtype for node in read.nodes if node.op == "dense"} == {"float16"}
    assert read.inputs[0].dtype == "float32"
    x = weights(20, 6, seed=9)
    got, want = mp.run(read, x, arithmetic="native")["y"], mp.run(graph, x)["y"]
    assert 1e-6 < np.abs(got - want).max() < 0.02
    verdict = mp.check(graph, path, expect="reduced")
    assert verdict.ok
    assert verdict.band == "reduced"
    assert "file interpreted" in verdict.runtime


def test_weights_that_half_precision_cannot_hold_are_refused(chain, tmp_path):
    graph = chain(mp.Node("d", "dense", ("x", "w"), ("y",)), constants={"w": weights(6, 2) * 1e6})
    mp.convert(graph, tmp_path / "net.mlpackage")
    with pytest.raises(ConversionError, match="too large for float16"):
        mp.convert(graph, tmp_path / "half.mlpackage", precision="float16")
    assert not (tmp_path / "half.mlpackage").exists()


def test_a_precision_that_is_none(chain, tmp_path):
    graph = chain(mp.Node("r", "relu", ("x",), ("y",)))
    for name, precision in (
        ("net.mlpackage", "bfloat16"),
        ("net.onnx", "float16"),
        ("net.mlmodel", "float16"),
    ):
        with pytest.raises(ConversionError, match=r"float16|bfloat16"):
            mp.convert(graph, tmp_path / name, precision=precision)


def test_the_same_graph_gives_the_same_bytes(lstm, tmp_path):
    digests = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.mlpackage"
        write(lstm(), path)
        files = sorted(p for p in path.rglob("*") if p.is_file())
        digests.append(
            [(str(p.relative_to(path)), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files]
        )
    assert digests[0] == digests[1]
    assert len(digests[0]) == 3


def test_where_it_came_from(chain, tmp_path):
    graph = chain(
        mp.Node("r", "relu", ("x",), ("y",)), source=Source("madmom", "/some/where/net.pkl", "ab" * 32)
    )
    path = tmp_path / "net.mlpackage"
    write(graph, path)
    model = module("Model").Model()
    model.ParseFromString((path / "Data/com.apple.CoreML/model.mlmodel").read_bytes())
    said = dict(model.description.metadata.userDefined)
    assert said["modelparity.source.file"] == "net.pkl"
    assert said["modelparity.source.sha256"] == "ab" * 32
    assert said["modelparity.graph"] == graph.hash
    assert said["modelparity.version"] == mp.__version__
    manifest = json.loads((path / "Manifest.json").read_text())
    assert manifest["rootModelIdentifier"] in manifest["itemInfoEntries"]


def test_free_axes_say_their_least_length(chain, tmp_path):
    axes = (mp.Axis("time", least=3), mp.Axis("feature", 6))
    graph = chain(mp.Node("w", "windows", ("x",), ("y",), {"size": 3}), axes=axes)
    path = mp.convert(graph, tmp_path / "net.mlpackage")
    time, feature = mp.load(path).inputs[0].axes
    assert (time.size, time.least) == (None, 3)
    assert feature.size == 6


@pytest.mark.parametrize("name", ["y/out", "2y", "", "state", "list", "a b", "y.1"])
def test_output_names_that_core_ml_forbids(chain, tmp_path, name):
    graph = chain(mp.Node("r", "relu", ("x",), (name or "é",)), outputs=(name or "é",))
    with pytest.raises(ConversionError, match="Core ML allows no output named"):
        mp.convert(graph, tmp_path / "net.mlpackage")


def test_inner_names_may_be_anything(chain, tmp_path):
    nodes = (
        mp.Node("a/b.c", "dense", ("x", "layer.0/w"), ("state",)),
        mp.Node("a b c", "tanh", ("state",), ("1",)),
        mp.Node("last", "relu", ("1",), ("y",)),
    )
    graph = chain(*nodes, constants={"layer.0/w": weights(6, 4)})
    assert mp.check(graph, mp.convert(graph, tmp_path / "net.mlpackage")).ok


def test_an_output_that_others_read_and_two_outputs_of_one_tensor(chain, tmp_path):
    nodes = (mp.Node("a", "tanh", ("x",), ("y",)), mp.Node("b", "identity", ("y",), ("z",)))
    graph = chain(*nodes, outputs=("y", "z"))
    for precision in ("float32", "float16"):
        path = mp.convert(graph, tmp_path / f"{precision}.mlpackage", precision=precision)
        got = mp.run(mp.load(path), weights(4, 6))
        assert set(got) == {"y", "z"}
        np.testing.assert_array_equal(got["y"], got["z"])


def test_an_input_that_is_an_output_is_refused(chain, tmp_path):
    with pytest.raises(ConversionError, match="both an input and an output"):
        mp.convert(chain(outputs=("x",)), tmp_path / "net.mlpackage")


def test_an_existing_package_is_replaced_as_a_whole(chain, tmp_path):
    path = tmp_path / "net.mlpackage"
    one = chain(mp.Node("d", "dense", ("x", "w"), ("y",)), constants={"w": weights(6, 4)})
    mp.convert(one, path)
    (path / "stray").write_text("left over")
    two = chain(mp.Node("d", "dense", ("x", "w"), ("y",)), constants={"w": weights(6, 4, seed=8)})
    mp.convert(two, path)
    assert not (path / "stray").exists()
    assert mp.check(two, path).ok
    assert not mp.check(one, path).ok
    assert [p.name for p in tmp_path.iterdir()] == ["net.mlpackage"]


def test_an_operator_that_is_not_written_is_named(chain, tmp_path):
    graph = chain(mp.Node("n", "einsum", ("x",), ("y",), {"equation": "ab->a"}, origin="layers[2]"))
    with pytest.raises(ConversionError, match=r"layers\[2\]: Core ML has no form of einsum 'n'") as caught:
        mp.convert(graph, tmp_path / "net.mlpackage")
    assert "compare their file with this graph" in str(caught.value)
