"""A wrong candidate's cause is named with what is left when it is undone; what is in no catalogue is never named."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.verdict.cause import Cause
from modelparity.verdict.explain.alike import with_alike
from modelparity.verdict.explain.causes import explained as explained_within
from modelparity.verdict.explain.clock import Clock
from modelparity.verdict.explain.local import Beside
from modelparity.verdict.explain.order import Order, Possible
from modelparity.verdict.explain.proof import Observed
from modelparity.verdict.explain.proven_place import where_proven
from modelparity.verdict.explain.search import Tries
from modelparity.verdict.explain.weights import compared
from modelparity.verdict.faults import fault, together
from modelparity.verdict.fit import Fit, Pair
from modelparity.verdict.locate import Located
from modelparity.verdict.reference import Reference

FIXTURES = Path(__file__).parents[3] / "fixtures"
#: A busy machine takes longer for the same work.
explained = partial(explained_within, seconds=600.0)


def reference(graph: Graph, length: int = 24, seed: int = 1) -> Reference:
    size = graph.inputs[0].axes[-1].size
    x = np.random.default_rng(seed).standard_normal((length, size)).astype(np.float32)
    return Reference(graph, {graph.inputs[0].name: x})


def observed(graph: Graph, candidate: Graph, seed: int = 1) -> Observed:
    ready = reference(graph, seed=seed)
    return Observed(ready, mp.run(candidate, ready.feeds, arithmetic="float32"))


def beside(graph: Graph, candidate: Graph) -> Beside:
    (given,) = graph.inputs
    fit = Fit((Pair(given.name, given.name),), tuple(Pair(name, name) for name in graph.outputs))
    feeds = reference(graph).feeds
    return Beside(candidate, feeds, feeds, fit, graph.outputs)


@pytest.fixture(scope="module")
def bgru() -> Graph:
    return mp.load(FIXTURES / "bgru.pkl")


@pytest.mark.parametrize(
    ("id", "at"),
    [
        ("gru-gates-swapped", 0),
        ("gates-of-one-array-permuted", 3),
        ("gru-reset-before-or-after", 1),
        ("activation-approximated", 0),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_mistake_is_named_with_both_numbers(bgru: Graph, id: str, at: int, known: bool) -> None:
    made = [*fault(id).applications(bgru)][at]
    candidate = made.changed()
    found = explained(
        observed(bgru, candidate),
        place=made.nodes if known else (),
        beside=beside(bgru, candidate) if known else None,
        format="onnx",
    )
    (cause,) = found.causes
    assert (cause.fault, cause.nodes, cause.variant) == (id, made.nodes, made.variant)
    assert cause.before > 1000
    assert cause.after <= 1
    assert cause.text.startswith(made.text)
    assert "undone" in cause.text
    assert cause.repair == fault(id).repair_for("onnx")
    assert found.search.tried < found.search.known or found.search.tried > 0


def test_random_weights_are_in_no_catalogue_and_are_said_to_be_others(bgru: Graph) -> None:
    rng = np.random.default_rng(5)
    name = "layer1_gru.recurrent"
    other = rng.standard_normal(bgru.constants[name].shape).astype(np.float32)
    candidate = bgru.changed(constants={**bgru.constants, name: other})
    found = explained(observed(bgru, candidate), place=("layer1_gru",), beside=beside(bgru, candidate))
    assert not found.causes
    assert "with the source's weights at 'layer1_gru'" in found.search.partly
    assert "the weights there are not the source's" in found.search.partly
    assert found.search.weights == (f"in the candidate {name!r} has other values",)


def test_a_second_mistake_leaves_a_share_that_is_said(bgru: Graph) -> None:
    rng = np.random.default_rng(5)
    small = {
        name: bgru.constants[name]
        * (1 + scale * rng.standard_normal(bgru.constants[name].shape)).astype(np.float32)
        for name, scale in (("layer1_gru.recurrent", 1.0), ("layer0_gru.weight", 1e-3))
    }
    candidate = bgru.changed(constants={**bgru.constants, **small})
    found = explained(observed(bgru, candidate), beside=beside(bgru, candidate))
    assert not found.causes
    assert "with the source's weights at 'layer1_gru'" in found.search.partly
    assert "something else is wrong" in found.search.partly


def test_two_mistakes_at_one_place_are_both_named(bgru: Graph) -> None:
    one = next(fault("gru-gates-swapped").applications(bgru))
    other = next(fault("gru-reset-before-or-after").applications(bgru))
    second = next(a for a in fault(other.fault).applications(one.changed()) if a.nodes == one.nodes)
    candidate = second.changed()
    found = explained(observed(bgru, candidate), place=one.nodes, beside=beside(bgru, candidate))
    assert {cause.fault for cause in found.causes} == {"gru-gates-swapped", "gru-reset-before-or-after"}
    assert all(cause.nodes == one.nodes and cause.after <= 1 for cause in found.causes)
    assert {cause.repair for cause in found.causes} == {fault(one.fault).repair, fault(other.fault).repair}


def test_without_time_nothing_is_named_and_it_is_said(bgru: Graph) -> None:
    candidate = [*fault("gru-gates-swapped").applications(bgru)][3].changed()
    found = explained(observed(bgru, candidate), seconds=0.0)
    assert not found.causes
    assert found.search.tried == 0
    assert any("0 of " in line and "possible mistakes tried" in line for line in found.search.describe())


def test_mistakes_that_are_the_same_on_a_network_are_named_together() -> None:
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 4)))
    r, b = np.eye(4, dtype=np.float32), np.float32([1, -2, 3, 0.5])
    graph = Graph(
        "one",
        (spec,),
        ("y",),
        (Node("m", "matmul", ("x", "w"), ("z",)), Node("s", "sigmoid", ("z",), ("y",))),
        {"w": r * b},
    )
    candidate = graph.changed(nodes=(graph.nodes[0], Node("s", "tanh", ("z",), ("y",))))
    (cause,) = explained(observed(graph, candidate)).causes
    assert cause.fault == "activation-swapped"
    assert cause.nodes == ("s",)


def test_a_small_difference_is_a_cause_on_a_second_input_only(bgru: Graph) -> None:
    made = next(fault("gru-gates-swapped").applications(bgru))
    right = observed(bgru, made.changed())
    near = {
        name: a + (o - a) * 2e-5
        for (name, a), o in zip(right.reference.truth.items(), right.outputs.values(), strict=True)
    }
    found = explained(Observed(right.reference, near), again=lambda: None)
    assert not found.causes


def test_mistakes_at_two_nodes_are_both_named(bgru: Graph) -> None:
    """The candidate is looked at again with the first of them undone."""
    one = next(a for a in fault("bias-dropped").applications(bgru) if a.nodes == ("layer0_gru",))
    other = next(a for a in fault("gru-gates-swapped").applications(bgru) if a.nodes == ("layer1_gru",))
    candidate = together([one, other]).changed()
    found = explained(observed(bgru, candidate), place=one.nodes, beside=beside(bgru, candidate))
    assert {(cause.fault, cause.nodes) for cause in found.causes} == {
        (a.fault, a.nodes) for a in (one, other)
    }
    assert all(cause.after <= 1 and "undone together with" in cause.text for cause in found.causes)


@pytest.mark.parametrize("last", ["gru-gates-swapped", "bias-dropped"])
def test_of_several_mistakes_each_is_named_with_what_is_the_same_there(bgru: Graph, last: str) -> None:
    """A doubled bias is one times 2, whichever of both is undone first."""
    one = next(a for a in fault("bias-doubled").applications(bgru) if a.nodes == ("layer0_gru",))
    other = next(a for a in fault(last).applications(bgru) if a.nodes == ("layer1_gru",))
    candidate = together([one, other]).changed()
    found = explained(observed(bgru, candidate), place=one.nodes, beside=beside(bgru, candidate))
    (cause,) = [cause for cause in found.causes if cause.nodes == one.nodes]
    assert {"bias-doubled", "array-scaled"} <= {
        key.partition("[")[0].partition("@")[0] for key in (cause.fault, *cause.alike)
    }
    assert "the same here" in cause.text


def small(nodes: tuple[Node, ...], constants: dict[str, np.ndarray]) -> Graph:
    return Graph("small", (TensorSpec("x", (Axis("time"), Axis("feature", 4))),), ("y",), nodes, constants)


def drawn(*shape: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_a_mistake_of_the_node_beside_is_named_where_it_is_the_same() -> None:
    """What a layer gives is times 0.7, and so is what its transposition gives: the layer's mistake has a name."""
    graph = small(
        (
            Node("m", "dense", ("x", "w", "b"), ("z",)),
            Node("t", "transpose", ("z",), ("turned",), {"axes": (1, 0)}),
            Node("s", "tanh", ("turned",), ("u",)),
            Node("back", "transpose", ("u",), ("y",), {"axes": (1, 0)}),
        ),
        {"w": drawn(4, 4), "b": drawn(4)},
    )
    made = next(
        a for a in fault("dropout-scale").applications(graph) if a.nodes == ("m",) and a.variant == "0.7"
    )
    candidate = made.changed()
    found = explained(
        observed(graph, candidate),
        place=("t",),
        beside=beside(graph, candidate),
        again=lambda: observed(graph, candidate, seed=9),
    )
    (cause,) = found.causes
    assert {"dropout-scale", "constant-factor"} <= {
        key.partition("[")[0] for key in (cause.fault, *cause.alike)
    }


def test_two_mistakes_that_leave_equal_arrays_are_both_named(bgru: Graph) -> None:
    """However little time there is to run what is the same."""
    made = next(a for a in fault("bias-doubled").applications(bgru) if a.nodes == ("layer0_gru",))
    seen = observed(bgru, made.changed())
    tries = Tries(seen, Clock(600.0), lambda: None)
    (proof,) = tries.first([Possible(fault(made.fault), made)])
    tries.clock.work(0.0)
    same = [one.possible.made.fault for one in with_alike(tries, [proof])]
    assert same[0] == "bias-doubled"
    assert "array-scaled" in same[1:]


def test_what_changes_nothing_is_no_cause_beside_what_explains_it_alone() -> None:
    """The place is the transposition behind the layer; ReLU6 behind it is the same as ReLU on this input."""
    graph = small(
        (
            Node("a", "matmul", ("x", "v"), ("a",)),
            Node("m", "matmul", ("a", "w"), ("z",)),
            Node("t", "transpose", ("z",), ("turned",), {"axes": (1, 0)}),
            Node("r", "relu", ("turned",), ("r",)),
            Node("back", "transpose", ("r",), ("y",), {"axes": (1, 0)}),
        ),
        {"v": 0.1 * drawn(4, 4), "w": 0.1 * drawn(4, 4, seed=4)},
    )
    made = next(a for a in fault("weights-of-another-layer").applications(graph) if a.nodes == ("m",))
    candidate = made.changed()
    found = explained(observed(graph, candidate), place=("t",), beside=beside(graph, candidate))
    assert [(cause.fault, cause.nodes) for cause in found.causes] == [(made.fault, ("m",))]
    located = mp.check(graph, candidate, recipe="noise").located
    assert located.reference == "m"


def dead(gain: float, shift: float) -> Graph:
    """A unit that is always off, so that nothing but a bias comes out."""
    rng = np.random.default_rng(2)
    weights = {
        "w": rng.standard_normal((5, 4)).astype(np.float32),
        "b": rng.standard_normal(4).astype(np.float32),
        "gain": np.full(4, gain, np.float32),
        "shift": np.full(4, shift, np.float32),
        "v": rng.standard_normal((4, 3)).astype(np.float32),
        "c": rng.standard_normal(3).astype(np.float32),
    }
    nodes = (
        Node("one", "dense", ("x", "w", "b"), ("a",)),
        Node("gained", "mul", ("a", "gain"), ("g",)),
        Node("shifted", "add", ("g", "shift"), ("s",)),
        Node("off", "relu", ("s",), ("r",)),
        Node("two", "dense", ("r", "v", "c"), ("y",)),
    )
    return Graph("dead", (TensorSpec("x", (Axis("time"), Axis("f", 5))),), ("y",), nodes, weights)


def test_what_makes_a_unit_dead_as_well_is_no_cause_unless_it_shows_inside() -> None:
    """Many mistakes turn a unit off and explain a constant output; noise on a weight is none of them."""
    graph = dead(1.0, 0.5)
    noise = np.random.default_rng(9).standard_normal(4).astype(np.float32)
    wrong = graph.changed(constants={**graph.constants, "shift": noise - 40, "gain": 1 + noise / 3})
    seen = observed(graph, wrong)
    without = explained(seen, place=("gained",))
    assert without.causes
    assert not explained(seen, place=("gained",), beside=beside(graph, wrong)).causes
    lost = graph.changed(constants={**graph.constants, "b": graph.constants["b"] - 100})
    assert beside(graph, lost).deaf
    assert not beside(graph, graph).deaf


def test_weights_that_are_all_zeros_are_named_although_nothing_comes_out() -> None:
    graph = dead(1.0, 0.5)
    zeros = np.zeros_like(graph.constants["v"])
    constants = {**graph.constants, "v": zeros, "c": np.zeros_like(graph.constants["c"])}
    whole = graph.changed(constants={**graph.constants, "c": constants["c"]})
    lost = whole.changed(constants=constants)
    assert beside(whole, lost).deaf
    found = explained(observed(whole, lost), place=("two",), beside=beside(whole, lost))
    assert found.causes[0].fault == "weights-lost"


def test_a_mistake_before_the_place_does_not_move_it() -> None:
    """A kernel in another order of channels is the same as the input in that order, which has no node of its own."""
    found = Located(reference="conv", candidate="conv", region=("conv",))
    cause = Cause("input-channels-reversed", ("turned",), 9e4, 0.1)
    assert where_proven(found, (cause,), dead(1.0, 0.5)) == found
    wider = replace(found, region=("conv", "turned"))
    moved = where_proven(wider, (cause,), dead(1.0, 0.5))
    assert moved.reference == "turned"
    same = replace(cause, alike=("channels-permuted@conv",))
    assert where_proven(wider, (same,), dead(1.0, 0.5)) == wider


def test_a_mistake_in_a_normalisation_that_was_folded_is_placed_at_the_normalisation() -> None:
    """One convolution stands for both; the cause that is proven says which of the two it is."""
    rng = np.random.default_rng(4)
    weights = {
        "w": rng.standard_normal((3, 2, 4)).astype(np.float32),
        "b": rng.standard_normal(4).astype(np.float32),
        "mean": rng.standard_normal(4).astype(np.float32),
        "var": rng.uniform(0.5, 2, 4).astype(np.float32),
        "gamma": rng.uniform(0.5, 2, 4).astype(np.float32),
        "beta": rng.standard_normal(4).astype(np.float32),
    }
    conv = Node("conv", "conv", ("x", "w", "b"), ("c",))
    norm = Node("norm", "batch_norm", ("c", "mean", "var", "gamma", "beta"), ("n",), {"epsilon": 1e-5})
    act = Node("act", "tanh", ("n",), ("y",))
    spec = TensorSpec("x", (Axis("batch", 2), Axis("time"), Axis("f", 2)))
    graph = Graph("norms", (spec,), ("y",), (conv, norm, act), weights)
    factor = weights["gamma"] / np.sqrt(
        weights["var"] + np.float32(1e-2)
    )  # Keras' epsilon is 1e-3, another's 1e-2
    folded = {"w": weights["w"] * factor, "b": (weights["b"] - weights["mean"]) * factor + weights["beta"]}
    wrong = Graph("folded", (spec,), ("y",), (replace(conv, outputs=("n",)), act), folded)
    verdict = mp.check(graph, wrong, recipe="noise")
    assert verdict.causes[0].fault == "epsilon-wrong"
    assert verdict.located.candidate == "conv"
    assert verdict.located.reference == "norm"
    assert "conv" in verdict.located.region


def test_a_written_file_is_explained_by_check(bgru: Graph, tmp_path: Path) -> None:
    made = [*fault("gru-gates-swapped").applications(bgru)][2]
    mp.convert(made.changed(), tmp_path / "swapped.onnx")
    verdict = mp.check(bgru, tmp_path / "swapped.onnx", recipe="noise")
    (cause,) = verdict.causes
    assert (cause.fault, cause.nodes) == (made.fault, made.nodes)
    assert f"cause      {made.text}; undone" in str(verdict)
    assert "repair     In the GRU's inputs W, R and B" in str(verdict)
    assert verdict.to_json()["causes"][0]["fault"] == made.fault
    plain = mp.check(bgru, tmp_path / "swapped.onnx", recipe="noise", explain=False)
    assert not plain.causes
    assert plain.search is None


def test_numbers_that_stand_in_no_list_are_fitted_and_hold_on_a_second_input(bgru: Graph) -> None:
    """A factor of 1.37 in front of the last activation: named with a second input, and not without."""
    before = next(node for node in bgru.nodes if node.op == "dense")
    scaled = Node("scaled", "mul", ("raw", "factor"), before.outputs)
    nodes = [replace(node, outputs=("raw",)) if node is before else node for node in bgru.nodes]
    nodes.insert(nodes.index(next(node for node in nodes if node.outputs == ("raw",))) + 1, scaled)
    candidate = bgru.changed(nodes=tuple(nodes), constants={**bgru.constants, "factor": np.float32(1.37)})
    here = observed(bgru, candidate)
    found = explained(
        here,
        place=(before.name,),
        beside=beside(bgru, candidate),
        again=lambda: observed(bgru, candidate, seed=9),
    )
    assert found.causes, found.search
    assert "1.37" in found.causes[0].text
    assert found.causes[0].nodes == (before.name,)
    assert not explained(here, place=(before.name,), beside=beside(bgru, candidate)).causes


def test_values_that_the_candidate_has_say_what_to_try_first(bgru: Graph) -> None:
    made = next(a for a in fault("bias-doubled").applications(bgru) if a.nodes == ("layer1_gru",))
    candidate = made.changed()
    order = Order(bgru, made.nodes, compared(bgru, candidate))
    assert order.near[0].made.fault == "bias-doubled"
    assert not order.weights.holds(bgru.constants["layer1_gru.bias"])
