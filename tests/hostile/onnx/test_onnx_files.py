"""Hostile ONNX files: each is refused, clearly and quickly, by an error that names the file and the place."""

from __future__ import annotations

import contextlib
import os
import time
import tracemalloc
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings, strategies as st
from onnx import helper

import modelparity as mp
from modelparity.errors import ArtefactError, ModelparityError

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.onnx"))
#: What an error says, for the files in which it matters most.
SAYS = {
    "truncated": "damaged or truncated",
    "cycle": "nothing before it",
    "unknown_operator": r"unknown operator 'Reluu'(?s:.*)Relu",
    "unknown_domain": r"unknown domain 'com\.example'",
    "operator_of_a_later_opset": "came with opset 20",
    "opset_of_the_future": r"opset 999(?s:.*)pip install",
    "old_broadcasting": "before opset 7",
    "shape_conflict": r"MatMul(?s:.*)\(2, 3\), float32 \(4, 5\)",
    "dynamic_rank": "number of axes of an input is not known",
    "absurd_sizes": "a shape out of range",
    "external_missing": r"missing\.bin' is missing",
    "external_above": "outside the model's folder",
    "external_above_in_the_middle": "outside the model's folder",
    "external_absolute": "outside the model's folder",
    "external_backslashes": "outside the model's folder",
    "external_drive": "outside the model's folder",
    "external_too_short": "too short",
    "function_that_calls_itself": "without end",
    "functions_that_double": "too many nodes",
    "unknown_attribute": "attribute 'slope'",
    "type_conflict": "int64",
    "absurd_input": "a size out of range",
    "text": r"Add(?s:.*)string",
    "too_few_bytes": "number of bytes",
    "input_of_80_axes": "too many axes(?s:.*)80",
    "output_from_nowhere": "'z' is defined by nothing",
    "defined_twice": "defined twice",
}


def read_and_run(path):
    """Read a file, and run it on zeros."""
    graph = mp.load(path, format="onnx")
    feeds = {}
    for spec in graph.inputs:
        feeds[spec.name] = np.zeros([n if isinstance(n, int) else 2 for n in spec.shape], spec.dtype)
    return mp.run(graph, feeds)


def test_the_folder_is_what_the_script_makes():
    import importlib.util

    spec = importlib.util.spec_from_file_location("hostile_onnx_make", HERE / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    assert {path.stem for path in FILES} == set(make.MADE)
    assert set(SAYS) <= set(make.MADE)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_hostile_file_is_refused(path):
    memory = path.stem.startswith(("absurd", "too_few", "length", "external"))
    if memory:
        tracemalloc.start()  # makes everything several times slower
    started = time.perf_counter()
    with pytest.raises(ModelparityError, match=SAYS.get(path.stem, "")) as error:
        read_and_run(path)
    elapsed = time.perf_counter() - started
    if memory:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 64 << 20
    assert path.name in str(error.value)
    assert elapsed < 20  # where many tests share few cores


def weights(folder, location, data=b"\0" * 12):
    """A model beside its weights."""
    given = helper.make_tensor_value_info("x", 1, [3])
    node = helper.make_node("Add", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "g", [given], [helper.make_tensor_value_info("y", 1, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    tensor = model.graph.initializer.add(name="w", data_type=1, dims=[3], data_location=1)
    tensor.external_data.add(key="location", value=location)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return folder / "model.onnx"


def test_links_that_leave_the_folder_are_refused(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.bin").write_bytes(b"\0" * 12)
    path = weights(tmp_path / "inside", "w.bin")
    os.symlink(tmp_path / "secret.bin", tmp_path / "inside" / "w.bin")
    with pytest.raises(ArtefactError, match="outside the model's folder"):
        mp.load(path)
    (tmp_path / "inside" / "w.bin").unlink()
    os.symlink("nowhere", tmp_path / "inside" / "w.bin")
    with pytest.raises(ArtefactError, match=r"outside|no file"):
        mp.load(path)


def test_folders_that_are_links_are_refused(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "w.bin").write_bytes(b"\0" * 12)
    os.symlink(tmp_path / "other", tmp_path / "inside" / "sub")
    with pytest.raises(ArtefactError, match="outside the model's folder"):
        mp.load(weights(tmp_path / "inside", "sub/w.bin"))


def test_external_data_inside_the_folder_is_mapped(tmp_path):
    (tmp_path / "sub").mkdir()
    values = np.arange(3, dtype=np.float32)
    (tmp_path / "sub" / "w.bin").write_bytes(values.tobytes())
    graph = mp.load(weights(tmp_path, "sub/w.bin"))
    np.testing.assert_array_equal(mp.run(graph, np.ones(3))["y"], values + 1)
    assert not graph.constants["w"].flags.owndata


def sample():
    """A model with a loop, a function, a branch, weights and names."""
    body = helper.make_graph(
        [helper.make_node("Add", ["v", "w"], ["o"]), helper.make_node("Identity", ["c"], ["d"])],
        "body",
        [
            helper.make_tensor_value_info("i", 7, []),
            helper.make_tensor_value_info("c", 9, []),
            helper.make_tensor_value_info("v", 1, [2, 3]),
        ],
        [helper.make_tensor_value_info("d", 9, []), helper.make_tensor_value_info("o", 1, [2, 3])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    function = helper.make_function(
        "own", "F", ["a"], ["b"], [helper.make_node("Tanh", ["a"], ["b"])], opsets
    )
    nodes = [
        helper.make_node("MatMul", ["x", "m"], ["p"]),
        helper.make_node("F", ["p"], ["q"], domain="own"),
        helper.make_node("Loop", ["n", "", "q"], ["r"], body=body),
        helper.make_node("Shape", ["r"], ["s"]),
        helper.make_node("Reshape", ["r", "s"], ["y"]),
    ]
    initial = [
        onnx.numpy_helper.from_array(a, name)
        for a, name in ((np.eye(3, dtype=np.float32), "m"), (np.float32([1, 2, 3]), "w"), (np.array(3), "n"))
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", 1, ["batch", 3])],
        [helper.make_tensor_value_info("y", 1, None)],
        initial,
    )
    return helper.make_model(
        graph, opset_imports=opsets, ir_version=8, functions=[function]
    ).SerializeToString()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_bytes_never_get_further_than_an_error(tmp_path_factory, data):
    raw = bytearray(sample())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.sampled_from(("set", "cut", "insert"))):
            case "set":
                raw[place] = data.draw(st.integers(0, 255))
            case "cut":
                del raw[place : place + data.draw(st.integers(1, 20))]
            case _:
                raw[place:place] = data.draw(st.binary(min_size=1, max_size=8))
        if not raw:
            break
    path = tmp_path_factory.getbasetemp() / "changed.onnx"
    path.write_bytes(bytes(raw))
    with contextlib.suppress(ModelparityError):  # anything else is a mistake of the reader
        read_and_run(path)


def test_the_sample_is_sound(tmp_path):
    path = tmp_path / "sound.onnx"
    path.write_bytes(sample())
    x = np.ones((2, 3), np.float32)
    np.testing.assert_allclose(mp.run(mp.load(path), x)["y"], np.tanh(x) + 3 * np.array([1, 2, 3]))
