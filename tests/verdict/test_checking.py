"""One call from two artefacts to a verdict: inputs from where they are asked for, and a runtime that fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.engine.rounded_weights import rounded_weights
from modelparity.errors import GoldenError, InputError, Unavailable
from modelparity.runtimes.registry import runtime

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def graph() -> mp.Graph:
    return mp.load(FIXTURES / "rnn.pkl")


def test_a_path_and_a_graph_are_the_same_reference(graph):
    for reference in (graph, FIXTURES / "rnn.pkl", str(FIXTURES / "rnn.pkl")):
        verdict = mp.check(reference, graph)
        assert (verdict.ok, verdict.reference, verdict.candidate) == (True, "rnn", "rnn")
    assert mp.check(graph, FIXTURES / "rnn.pkl").candidate == "rnn.pkl"


def test_a_vendors_runtime_and_this_package_never_look_alike(graph, tmp_path):
    file = mp.convert(graph, tmp_path / "net.onnx")
    assert mp.check(graph, file).runtime.startswith("onnxruntime ")
    assert mp.check(graph, graph).runtime.endswith(" file interpreted")
    assert mp.check(graph, mp.convert(graph, format="torch")).candidate == "Network"


def test_inputs_are_told_where_they_came_from(graph):
    x = np.ones((4, graph.inputs[0].axes[1].size), np.float32)
    assert mp.check(graph, graph, inputs=x).inputs == {"given": True}
    assert mp.check(graph, graph, inputs=x).outputs[0].shape[0] == 4
    made = mp.check(graph, graph, recipe="impulse", seed=3, length=9)
    assert made.inputs == {"recipe": "impulse", "seed": 3, "length": 9}
    assert made.outputs[0].shape[0] == 9


def test_a_golden_brings_inputs_truth_and_floor(graph, monkeypatch):
    gold = mp.golden(graph, recipe="impulse", length=9)
    monkeypatch.setattr("modelparity.verdict.reference.measuring", None)
    verdict = mp.check(graph, graph, golden=gold)
    assert (verdict.ok, verdict.outputs[0].shape[0], verdict.floor_runs) == (True, 9, gold.floor.runs)
    assert (verdict.inputs["recipe"], verdict.inputs["golden"]) == ("impulse", True)


def test_a_golden_of_another_model_is_refused(graph):
    gold = mp.golden(graph, length=9)
    name = next(iter(graph.constants))
    other = graph.changed(constants={**graph.constants, name: graph.constants[name] * 2})
    with pytest.raises(GoldenError, match="stale"):
        mp.check(other, other, golden=gold)


def test_the_path_of_a_golden_is_told_to_be_loaded(graph):
    with pytest.raises(
        InputError, match=r"golden= takes a Golden\n  found:    g.safetensors\n.*mp.Golden.load"
    ):
        mp.check(graph, graph, golden="g.safetensors")


def test_a_runtime_that_does_not_fit_is_refused(graph):
    with pytest.raises(InputError, match=r"rnn: onnxruntime does not run this\n.*leave runtime= out"):
        mp.check(graph, graph, runtime="onnxruntime")
    with pytest.raises(InputError, match="unknown runtime 'onnxruntim'"):
        mp.check(graph, graph, runtime="onnxruntim")


def test_a_runtime_that_is_not_here_is_unavailable(graph, monkeypatch):
    monkeypatch.setattr(runtime("engine"), "missing", lambda: "it is out for lunch")
    with pytest.raises(Unavailable, match="engine: it is out for lunch"):
        mp.check(graph, graph)


def test_weights_that_hold_less_are_seen_where_the_outputs_do_not_show_them():
    """Of silence a layer without bias makes silence, whatever its weights."""
    weight = np.random.default_rng(1).standard_normal((6, 8)).astype(np.float32)
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 6)))
    full = mp.Graph("g", (spec,), ("y",), (mp.Node("d", "dense", ("x", "w"), ("y",)),), {"w": weight})
    half = rounded_weights(full, "float16")
    silent = mp.check(full, half, recipe="silence")
    assert (silent.band, silent.ok) == ("reduced", False)
    assert silent.explained_by == (
        "float16 weights, read from the candidate; on this input the outputs alone do not show them"
    )
    assert silent.outputs[0].band == "exact"
    # What agrees on silence is no proof.
    assert mp.check(full, half, recipe="silence", expect="reduced").band == "unjudged"
    assert mp.check(full, full, recipe="silence").band == "unjudged"


def test_an_assertion_is_the_verdict_or_its_text(graph):
    verdict = mp.assert_parity(graph, graph, recipe="noise", length=5)
    assert verdict.ok
    name = next(iter(graph.constants))
    other = graph.changed(constants={**graph.constants, name: graph.constants[name] * 2})
    with pytest.raises(AssertionError) as caught:
        mp.assert_parity(graph, other, recipe="noise", length=5)
    found = mp.check(graph, other, recipe="noise", length=5)
    assert str(caught.value) == repr(found) == str(found)
    with pytest.raises(InputError, match="unknown recipe"):
        mp.assert_parity(graph, other, recipe="nois")


@pytest.mark.parametrize(
    ("options", "both"),
    [
        ({"fit": "strict", "fill": {"sr": 1}}, "fit='strict' and fill"),
        ({"fit": "strict", "names": {"x": "audio"}}, "fit='strict' and names"),
        ({"names": {"y": "z"}, "ignore": ["y"]}, "names and ignore"),
        ({"names": {"x": "sr"}, "fill": {"sr": 1}}, "names and fill"),
        ({"inputs": np.ones((3, 4), "f4"), "recipe": "noise"}, "inputs and recipe"),
        ({"inputs": np.ones((3, 4), "f4"), "length": 3}, "inputs and length"),
        ({"inputs": np.ones((3, 4), "f4"), "seed": 3}, "inputs and seed"),
        ({"golden": "g", "inputs": np.ones((3, 4), "f4")}, "golden and inputs"),
        ({"golden": "g", "sizes": {"time": 3}}, "golden and sizes"),
    ],
)
def test_options_that_contradict_each_other_are_refused_with_both_named(options, both):
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 4)))
    graph = Graph("net", (spec,), ("y",), (Node("y", "tanh", ("x",), ("y",)),), {})
    with pytest.raises(InputError, match=f"^{both} contradict each other"):
        mp.check(graph, graph.changed(name="other"), **options)
