"""Terms: what a judge without the network must know, recorded, kept in the file, and used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from modelparity import Golden, Graph, golden, run
from modelparity.engine.rounded_weights import rounded_weights
from modelparity.errors import GoldenError
from modelparity.goldens.safetensors_file import as_json, decode, encode
from modelparity.graph import Axis, Node, TensorSpec
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference


@pytest.fixture(scope="module")
def whole(lstm: Graph) -> Golden:
    return golden(lstm, length=5).with_terms(lstm)


def test_they_are_what_half_precision_does(whole: Golden, lstm: Graph) -> None:
    assert whole.terms is not None
    assert list(whole.terms.types.items()) == [("y", "float32"), ("c", "float32")]
    fresh = Reference(lstm, whole.inputs)
    for precision in ("float16", "bfloat16"):
        half = whole.terms.halves[precision]
        rounded = run(rounded_weights(lstm, precision), dict(whole.inputs))
        for name, array in rounded.items():
            np.testing.assert_array_equal(half.weights[name], array)
            np.testing.assert_array_equal(half.floor[name], fresh.floor(precision).outputs[name])


def test_they_survive_the_file(whole: Golden) -> None:
    data = encode(whole)
    back = decode(data)
    assert back.terms is not None
    assert back.terms.summary() == whole.terms.summary()
    assert list(back.terms.types) == ["y", "c"]
    assert encode(back) == data
    assert encode(replace(whole, terms=None)) != data


def test_a_golden_without_them_is_as_it_was(lstm: Graph, whole: Golden) -> None:
    assert encode(replace(whole, terms=None)) == encode(golden(lstm, length=5))


def test_whole_numbers_have_no_type_of_their_own(path: Graph) -> None:
    one = golden(path, length=4).with_terms(path)
    assert encode(decode(encode(one))) == encode(one)


def test_a_verdict_from_them_is_the_verdict_from_the_network(whole: Golden, lstm: Graph) -> None:
    outputs = run(rounded_weights(lstm, "float16"), dict(whole.inputs), arithmetic="float32")
    names = {"candidate": "c", "runtime": "r"}
    carried = judge(whole.reference(lstm), outputs, **names)
    fresh = judge(replace(whole, terms=None).reference(lstm), outputs, **names)
    assert carried == fresh
    assert (carried.band, carried.explained_by) == ("reduced", "float16 weights")


def test_another_network_is_refused(whole: Golden, dense: Graph) -> None:
    with pytest.raises(GoldenError, match="stale"):
        whole.with_terms(dense)


def changed(one: Golden, change: Callable[[Any, dict[str, Any]], None]) -> bytes:
    data = encode(one)
    tensors: dict[str, Any] = safetensors.numpy.load(data)
    length = int.from_bytes(data[:8], "little")
    entry = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["modelparity"])
    change(entry["terms"], tensors)
    entry["tensors"] = {
        name: {
            "dtype": a.dtype.name,
            "shape": list(a.shape),
            "sha256": hashlib.sha256(a.tobytes()).hexdigest(),
        }
        for name, a in tensors.items()
    }
    entry.pop("seal")
    entry["seal"] = hashlib.sha256(as_json(entry).encode()).hexdigest()
    return bytes(safetensors.numpy.save(tensors, metadata={"modelparity": as_json(entry)}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m, t: m.update(more=1), "terms: unexpected"),
        (lambda m, t: m.update(outputs=3), "terms: outputs are not names"),
        (lambda m, t: m.update(outputs=[["y", "float32"]]), "terms: outputs are not those"),
        (lambda m, t: m.update(outputs=[["y", "float99"], ["c", None]]), "terms: outputs are not names"),
        (lambda m, t: m.update(outputs=[["y", None], ["y", None]]), "terms: outputs are not those"),
        (lambda m, t: m.update(states={"h": "nothing"}), "terms: states"),
        (lambda m, t: m.update(states=[]), "terms: states"),
        (lambda m, t: m.update(halves=["float8"]), "terms: halves"),
        (lambda m, t: m.update(halves=["float16", "bfloat16"]), "terms: halves"),
        (lambda m, t: m.update(halves=["float16"]), "that nothing speaks of"),
        (lambda m, t: t.pop("half/float16/floor/y"), "what float16 does to 'y'"),
        (lambda m, t: t.update({"half/float16/floor/y": np.zeros((5, 4), "f4")}), "what float16 does to 'y'"),
        (lambda m, t: t.update({"half/bfloat16/weights/y": np.zeros((1, 4))}), "what bfloat16 does to 'y'"),
        (lambda m, t: t.update({"half/float16/more/y": np.zeros(1)}), "that nothing speaks of"),
    ],
)
def test_wrong_terms_are_refused(whole: Golden, change: Callable[[Any, Any], None], message: str) -> None:
    assert encode(decode(changed(whole, lambda m, t: None))) == encode(whole)
    with pytest.raises(GoldenError, match=message):
        decode(changed(whole, change))


def test_half_precision_without_terms_is_an_unknown_tensor(whole: Golden) -> None:
    plain = replace(whole, terms=None)
    data = encode(plain)
    tensors: dict[str, Any] = safetensors.numpy.load(data) | {"half/float16/floor/y": np.zeros(1)}
    entry = json.loads(
        json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]["modelparity"]
    )
    entry["tensors"]["half/float16/floor/y"] = {
        "dtype": "float64",
        "shape": [1],
        "sha256": hashlib.sha256(bytes(8)).hexdigest(),
    }
    entry.pop("seal")
    entry["seal"] = hashlib.sha256(as_json(entry).encode()).hexdigest()
    with pytest.raises(GoldenError, match="unknown tensor 'half/float16/floor/y'"):
        decode(safetensors.numpy.save(tensors, metadata={"modelparity": as_json(entry)}))


def test_a_network_that_does_not_run_at_half_precision_has_terms_without_it() -> None:
    """Its indices are computed from weights, and beyond the end where these are rounded."""
    graph = Graph(
        name="picks",
        inputs=(TensorSpec("x", (Axis("time", 1000),), "float32"),),
        outputs=("y",),
        nodes=(
            Node("scaled", "mul", ("place", "step"), ("scaled",)),
            Node("index", "cast", ("scaled",), ("index",), {"to": "int64"}),
            Node("y", "gather", ("x", "index"), ("y",), {"axis": 0}),
        ),
        constants={"place": np.array([1.0, 1999.0]), "step": np.array(0.5)},
    )
    one = golden(graph).with_terms(graph)
    assert one.terms is not None
    assert not one.terms.halves
    assert encode(decode(encode(one))) == encode(one)
    wrong = {"y": np.asarray(one.outputs["y"] + 1, np.float32)}
    assert judge(Reference(graph, one.inputs), wrong, candidate="c", runtime="r").band == "wrong"
