"""A wrong verdict names the place in the candidate's own file, whatever its format, or why there is none."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.runtimes import Runtime
from modelparity.runtimes.engine import Engine
from modelparity.verdict.fit import signature

FIXTURES = Path(__file__).parents[3] / "fixtures"


def off(graph, name, change=lambda a: a * np.float32(1.05)):
    return graph.changed(constants={**graph.constants, name: change(graph.constants[name])}, source=None)


@pytest.mark.parametrize(("fixture", "suffix"), [("bgru.pkl", "onnx"), ("rtneural/gru.json", "json")])
def test_the_node_of_a_converted_file_is_named_with_its_own(tmp_path, fixture, suffix):
    graph = mp.load(FIXTURES / fixture)
    layer = next(node for node in reversed(graph.nodes) if node.op == "gru")
    file = tmp_path / f"bad.{suffix}"
    mp.convert(off(graph, layer.inputs[2]), file)
    verdict = mp.check(graph, file, runtime="engine", recipe="noise")
    place = verdict.located
    assert (place.side, place.case) == ("artefact", "noise")
    assert (place.reference, place.reference_origin, place.region) == (
        layer.name,
        layer.origin,
        (layer.name,),
    )
    assert place.candidate.startswith(layer.name)
    assert place.origin
    assert f"node {place.candidate!r}" in str(verdict)


def test_a_wrong_file_is_read_once_for_side_place_and_cause(tmp_path, monkeypatch):
    """Reading takes longer than anything else of a small PyTorch archive."""
    graph = mp.load(FIXTURES / "rtneural" / "mlp.json")
    file = mp.convert(off(graph, graph.nodes[0].inputs[1]), tmp_path / "bad.onnx")
    taken, real = [], signature.load
    monkeypatch.setattr(signature, "load", lambda path: taken.append(path) or real(path))
    verdict = mp.check(graph, file, recipe="noise")
    assert verdict.causes
    assert len(taken) == 1


def test_the_place_is_asked_once_and_not_where_nobody_wants_it():
    graph = mp.load(FIXTURES / "blstm.pkl")
    wrong = off(graph, graph.nodes[0].inputs[1])
    verdict = mp.check(graph, wrong)
    assert [one.located is not None for one in verdict.cases].count(True) == 1
    assert verdict.located.reference == "layer0_lstm"
    assert mp.check(graph, wrong, explain=False).located is None
    assert mp.check(graph, graph).located is None


def test_other_axes_and_sizes_are_taken_from_the_fit():
    weights = {"w": np.random.default_rng(3).normal(size=(6, 4)).astype(np.float32)}
    nodes = (Node("d", "dense", ("x", "w"), ("z",)), Node("t", "tanh", ("z",), ("y",)))
    axes = (Axis("time"), Axis("feature", 6))
    reference = Graph("r", (TensorSpec("x", axes),), ("y",), nodes, weights)
    batched = Graph(
        "c",
        (TensorSpec("x", (Axis("batch", 1), Axis("t", 9), Axis("f", 6))),),
        ("y",),
        (nodes[0], Node("t", "atan", ("z",), ("y",))),
        weights,
    )
    verdict = mp.check(reference, batched)
    assert not verdict.fit.identity
    assert (verdict.located.candidate, verdict.located.reference) == ("t", "t")


def test_a_network_that_is_run_frame_by_frame_is_compared_on_its_first_frame():
    weights = {"w": np.random.default_rng(3).normal(size=(6, 4)).astype(np.float32)}
    nodes = (Node("d", "dense", ("x", "w"), ("z",)), Node("t", "tanh", ("z",), ("y",)))
    reference = Graph("r", (TensorSpec("x", (Axis("time"), Axis("feature", 6))),), ("y",), nodes, weights)
    frame = Graph(
        "c",
        (TensorSpec("x", (Axis("one", 1), Axis("feature", 6))),),
        ("y",),
        (nodes[0], dataclasses.replace(nodes[1], op="atan")),
        weights,
    )
    verdict = mp.check(reference, frame)
    assert verdict.band == "wrong"
    assert verdict.located.candidate in ("t", None)
    assert (verdict.fit.along, verdict.located.candidate, verdict.located.compared) == ("time", "t", 1.0)


def rounded(graph, names):
    """The network with these weights in float16."""
    halves = {name: graph.constants[name].astype(np.float16).astype(np.float32) for name in names}
    return graph.changed(constants={**graph.constants, **halves}, source=None)


def test_what_is_reduced_is_placed_where_half_precision_comes_in_first():
    graph = mp.load(FIXTURES / "cnn.pkl")
    every = [name for name, array in graph.constants.items() if array.dtype.kind == "f" and array.size > 1]
    later = [name for name in every if name not in graph.nodes[0].inputs]
    for names, first in ((every, graph.nodes[0].name), (later, "layer1_conv")):
        verdict = mp.check(graph, rounded(graph, names), recipe="noise")
        assert (verdict.band, verdict.ok) == ("reduced", False)
        assert (verdict.located.side, verdict.located.reference) == ("artefact", first)
        assert verdict.explained_by in verdict.located.note
        assert not verdict.causes
    assert mp.check(graph, rounded(graph, every), recipe="noise", expect="reduced").located is None


class Halves(Engine):
    """This package's engine, in half precision whatever the file says."""

    name = "halves"

    def run(self, artefact, feeds):
        return {
            name: array.astype(np.float16).astype(np.float32)
            for name, array in mp.run(artefact, feeds, arithmetic="float16").items()
        }


def test_half_precision_that_the_file_does_not_ask_for_is_the_runtime_s():
    graph = mp.load(FIXTURES / "cnn.pkl")
    verdict = mp.check(graph, graph, runtime=Halves(), recipe="noise")
    assert verdict.band == "reduced"
    assert (verdict.located.side, verdict.located.reference) == ("runtime", None)


class Unread(Runtime):
    """Runs a function that no format reads."""

    name = "unread"
    format = None

    def missing(self):
        return None

    def accepts(self, artefact):
        return callable(artefact)

    def run(self, artefact, feeds):
        return artefact(feeds)


def test_what_nobody_reads_has_its_output_and_why():
    graph = mp.load(FIXTURES / "blstm.pkl")
    verdict = mp.check(
        graph, lambda feeds: {"y": mp.run(graph, feeds)["y"].astype(np.float32) ** 2}, runtime=Unread()
    )
    assert verdict.band == "wrong"
    assert verdict.located.output == "y"
    assert not verdict.located.known
    assert verdict.located.note
