"""The node that departs, on pairs of graphs that compute the same in other ways, with one mistake in them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from modelparity.engine.run import run
from modelparity.formats import load
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.inputs import make
from modelparity.verdict.faults import fault
from modelparity.verdict.fit import Fit, Pair
from modelparity.verdict.locate.locating import locate
from modelparity.verdict.locate.tolerance import Tolerance

FIXTURES = Path(__file__).parents[3] / "fixtures"
RNG = np.random.default_rng(5)


def node(op, given, made, **attrs):
    given, made = given.split(), made.split()
    return Node(made[0], op, tuple(given), tuple(made), attrs, origin=f"at {made[0]}")


def graph(nodes, constants=None, shape=(6, 8), outputs=("y",)):
    axes = tuple(Axis(f"a{at}", size) for at, size in enumerate(shape))
    return Graph("g", (TensorSpec("x", axes),), outputs, tuple(nodes), constants or {})


def array(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def found(reference, candidate, x=None, **options):
    x = array(*(axis.size for axis in reference.inputs[0].axes)) if x is None else x
    truth, got = run(reference, x), run(candidate, x)
    wrong = [
        name
        for name in reference.outputs
        if truth[name].shape != got[name].shape
        or not np.allclose(truth[name], got[name], rtol=1e-6, atol=1e-9)
    ]
    fit = Fit((Pair("x", "x"),), tuple(Pair(name, name) for name in reference.outputs))
    return locate(reference, {"x": x}, candidate, {"x": x}, fit, wrong or list(reference.outputs), **options)


def changed(reference, name, change):
    return reference.changed(constants={**reference.constants, name: change(reference.constants[name])})


DENSE = graph(
    [
        node("dense", "x w1 b1", "h"),
        node("tanh", "h", "a"),
        node("dense", "a w2", "z"),
        node("sigmoid", "z", "y"),
    ],
    {"w1": array(8, 7), "b1": array(7), "w2": array(7, 5)},
)


@pytest.mark.parametrize("by", [1.5, 1 + 1e-3, 1 + 2e-6])
@pytest.mark.parametrize(("name", "where"), [("w1", "h"), ("b1", "h"), ("w2", "z")])
def test_a_weight_that_is_off_is_placed_however_little_it_is(name, where, by):
    place = found(DENSE, changed(DENSE, name, lambda a: a * np.float32(by)))
    assert (place.candidate, place.reference, place.origin) == (where, where, f"at {where}")
    assert place.departed == (where,)
    assert place.compared > 0


def test_what_is_the_same_has_no_place_in_its_file():
    place = found(DENSE, DENSE)
    assert not place.known
    assert place.compared == 1.0
    assert {one.status for one in place.nodes} == {"same"}


def test_what_stands_behind_the_place_is_compared_as_well():
    status = {one.node: one.status for one in found(DENSE, changed(DENSE, "w1", np.square)).nodes}
    assert status == {"h": "departed", "a": "same", "z": "same", "y": "same"}


def test_two_mistakes_one_behind_the_other_are_both_named():
    place = found(DENSE, changed(changed(DENSE, "w1", np.square), "w2", np.square))
    assert place.departed == ("h", "z")
    assert [one.status for one in place.nodes] == ["departed", "same", "departed", "same"]


def test_what_departs_besides_and_computes_otherwise_is_named():
    nodes = (DENSE.nodes[0], node("tanh", "h", "a"), node("matmul", "a w2", "z"), node("atan", "z", "y"))
    place = found(DENSE, changed(DENSE, "w1", np.square).changed(nodes=nodes))
    status = {one.node: one.status for one in place.nodes}
    assert status == {"h": "departed", "a": "same", "z": "same", "y": "departed"}


@pytest.mark.parametrize("behind", ["h", "a", "z"])
def test_a_node_too_many_is_placed_behind_the_node_that_it_follows(behind):
    nodes = []
    for one in DENSE.nodes:
        nodes.append(
            dataclasses.replace(one, inputs=tuple(f"{n} more" if n == behind else n for n in one.inputs))
        )
        if behind in one.outputs:
            nodes.append(Node("extra", "square", (behind,), (f"{behind} more",)))
    place = found(DENSE, DENSE.changed(nodes=tuple(nodes)))
    assert (place.candidate, place.reference, place.departed) == ("extra", behind, ("extra",))
    assert "without it" in place.note


def test_two_mistakes_are_both_there_if_they_are_on_paths_of_their_own():
    both = graph(
        [node("dense", "x w1", "p"), node("dense", "x w2", "q"), node("mul", "p q", "y")],
        {"w1": array(8, 7), "w2": array(8, 7)},
    )
    place = found(both, changed(changed(both, "w1", np.flipud), "w2", np.square))
    assert place.departed == ("p", "q")


def test_states_and_nodes_without_effect_are_left_out():
    weights = {"w": array(1, 8, 16), "r": array(1, 4, 16), "v": array(4, 3), "u": array(8, 3)}
    reference = graph(
        [node("lstm", "x w r", "h last"), node("dense", "h v", "y"), node("dense", "x u", "unused")], weights
    )
    candidate = reference.changed(
        nodes=(
            node("lstm", "x w r", "h last cell"),
            node("neg", "cell", "useless"),
            node("dense", "h v", "y"),
        )
    )
    place = found(reference, changed(candidate, "v", np.square))
    assert (place.candidate, place.reference, place.compared) == ("y", "y", 1.0)
    assert [one.status for one in place.nodes] == ["same", "skipped", "departed"]


def test_a_folded_batch_norm_is_no_place():
    weights = {
        "w": array(3, 3, 2, 4),
        "m": array(4),
        "s": array(4) ** 2 + 1,
        "g": array(4),
        "b": array(4),
        "v": array(4, 3),
    }
    pads = ((1, 1), (1, 1))
    reference = graph(
        [
            node("conv", "x w", "c", padding=pads),
            node("batch_norm", "c m s g b", "n"),
            node("relu", "n", "a"),
            node("dense", "a v", "y"),
        ],
        weights,
        (5, 6, 2),
    )
    scale = weights["g"] / np.sqrt(weights["s"] + np.float32(1e-5))
    folded = graph(
        [node("conv", "x w b", "n", padding=pads), node("relu", "n", "a"), node("dense", "a v", "y")],
        {"w": weights["w"] * scale, "b": weights["b"] - weights["m"] * scale, "v": weights["v"]},
        (5, 6, 2),
    )
    assert found(reference, changed(folded, "v", np.flipud)).candidate == "y"
    place = found(reference, changed(folded, "b", lambda b: b * 0))
    assert (place.candidate, place.reference, place.region) == ("n", "c", ("c", "n"))


def test_projections_that_were_packed_are_parts_of_one():
    weights = {name: array(8, 5) for name in "qkv"}
    last = [node("mul", "q1 k1", "m"), node("add", "m v1", "y")]
    reference = graph([node("dense", f"x {name}", f"{name}1") for name in "qkv"] + last, weights)
    packed = graph(
        [node("dense", "x p", "all"), node("split", "all", "q1 k1 v1", axis=1, count=3), *last],
        {"p": np.concatenate([weights[name] for name in "qkv"], axis=1)},
    )
    place = found(reference, changed(packed, "p", lambda p: np.where(np.arange(15) < 5, -p, p)))
    assert place.reference == "q1"
    place = found(reference, changed(packed, "p", lambda p: np.where(np.arange(15) < 5, p * 2, p)))
    assert (place.candidate, place.reference) == ("all", "q1")


def test_other_layouts_agree_and_a_wrong_one_is_the_place():
    weights = {"w": array(3, 3, 2, 4), "v": array(5 * 6 * 4, 3)}
    conv = node("conv", "x w", "c", padding=((1, 1), (1, 1)))
    reference = graph(
        [conv, node("reshape", "c", "f", shape=(1, -1)), node("dense", "f v", "y")], weights, (5, 6, 2)
    )
    turned = [conv, node("transpose", "c", "t", axes=(2, 0, 1)), node("reshape", "t", "f", shape=(1, -1))]
    order = weights["v"].reshape(5, 6, 4, 3).transpose(2, 0, 1, 3).reshape(-1, 3)
    other = reference.changed(nodes=(*turned, node("dense", "f v", "y")), constants={**weights, "v": order})
    assert not found(reference, other).known
    assert [one.status for one in found(reference, other).nodes] == ["same", "moved", "moved", "same"]
    place = found(reference, other.changed(constants=weights))
    assert place.candidate == "t"
    assert "its result agrees" in place.note


def test_a_lost_activation_is_the_reference_s_node():
    nodes = [one for one in DENSE.nodes if one.op != "tanh"]
    nodes[1] = node("dense", "h w2", "z")
    place = found(DENSE, DENSE.changed(nodes=tuple(nodes)))
    assert (place.candidate, place.reference) == ("z", "a")


def test_a_direction_that_is_not_turned_back_is_placed_where_both_meet():
    weights = {"w": array(2, 8, 16), "r": array(2, 4, 16)}
    reference = graph([node("lstm", "x w r", "y", direction="bidirectional")], weights)
    halves = {f"{name}{side}": a[side : side + 1] for name, a in weights.items() for side in (0, 1)}
    back = {"starts": (-1,), "ends": (None,), "axes": (0,), "steps": (-1,)}
    nodes = [
        node("lstm", "x w0 r0", "one"),
        node("slice", "x", "turned", **back),
        node("lstm", "turned w1 r1", "other"),
        node("slice", "other", "again", **back),
        node("concat", "one again", "y", axis=1),
    ]
    right = reference.changed(nodes=tuple(nodes), constants=halves)
    assert not found(reference, right).known
    wrong = right.changed(nodes=(*nodes[:3], node("concat", "one other", "y", axis=1)))
    assert found(reference, wrong).reference == "y"
    assert found(reference, changed(right, "r1", np.negative)).candidate in ("turned", "other")


def test_outputs_in_another_order_are_said():
    place = found(
        DENSE,
        DENSE.changed(
            nodes=(*DENSE.nodes[:3], node("sigmoid", "z", "s"), node("reverse", "s", "y", axes=(1,)))
        ),
    )
    assert place.candidate == "y"
    assert "reversed" in place.note


def test_what_is_not_finite_is_located_like_any_other_difference():
    reference = graph(
        [node("square", "x", "p"), node("add", "p e", "q"), node("log", "q", "y")], {"e": np.float32([1e-3])}
    )
    x = array(6, 8)
    x[2, 3] = 0
    place = found(reference, changed(reference, "e", np.zeros_like), x)
    assert (place.candidate, place.reference) == ("q", "q")
    nan = reference.changed(nodes=(*reference.nodes[:2], node("neg", "q", "m"), node("log", "m", "y")))
    assert not found(nan, nan, x).known


def test_a_single_frame_s_zeros_and_masks_say_nothing_by_value():
    """A candidate whose layer is silent computes zeros, as the reference does elsewhere."""
    weights = {"w": array(8, 7), "z": np.zeros((8, 7), np.float32), "v": array(7, 3)}
    nodes = [
        node("dense", "x z", "zeros"),
        node("dense", "x w", "h"),
        node("add", "h zeros", "s"),
        node("dense", "s v", "y"),
    ]
    reference = graph(nodes, weights)
    assert found(reference, changed(reference, "w", lambda a: a * 0)).candidate == "h"


def test_a_mask_of_large_numbers_does_not_hide_what_stands_beside_it():
    truth = np.where(np.arange(64) % 2, np.linspace(1, 2, 64), -1e9)
    within = Tolerance.seen(truth, np.abs(truth) * 1e-7, 4, "float32").of(truth)
    assert within[truth > 0].max() < 1e-5
    assert within[truth < 0].min() > 100


def test_no_time_is_said():
    place = found(DENSE, changed(DENSE, "w1", np.negative), seconds=-1.0)
    assert not place.known
    assert "too long" in place.note


def test_a_kernel_that_is_not_turned_is_placed_in_a_network_of_many_layers():
    reference = load(FIXTURES / "cnn.pkl")
    nodes = [
        one if one.name != "layer3_conv" else dataclasses.replace(one, attrs={**one.attrs, "flip": False})
        for one in reference.nodes
    ]
    place = found(reference, reference.changed(nodes=tuple(nodes)), make(reference, "noise")["x"])
    assert (place.candidate, place.reference) == ("layer3_conv", "layer3_conv")
    assert (place.departed, place.compared) == (("layer3_conv",), 1.0)


def test_halves_that_are_joined_turned_are_located_although_the_whole_turned_is_known_too():
    reference = load(FIXTURES / "bgru.pkl")
    made = next(fault("backward-not-restored").applications(reference))
    x = make(reference, "noise", length=12)["x"]
    place = found(reference, made.changed(), x)
    assert place.reference == made.nodes[0]
    assert not place.note.startswith("not located")


def deep(layers):
    """Layers of matrices that neither grow nor vanish, each a dense and a tanh."""
    weights = {f"w{n}": np.linalg.qr(array(8, 8))[0] * np.float32(1.1) for n in range(layers)}
    nodes = [node("dense", "x w0", "d0"), node("tanh", "d0", "t0")]
    for n in range(1, layers):
        nodes += [
            node("dense", f"t{n - 1} w{n}", f"d{n}"),
            node("tanh", f"d{n}", f"t{n}" if n < layers - 1 else "y"),
        ]
    return graph(nodes, weights)


@pytest.mark.parametrize("layer", [0, 13, 29])
def test_of_a_network_too_large_to_keep_the_place_is_found_by_bisection(layer):
    reference = deep(30)
    place = found(reference, changed(reference, f"w{layer}", np.flipud), most=300)
    assert (place.candidate, place.reference, place.way) == (f"d{layer}", f"d{layer}", "bisection")
    assert "by bisection" in "\n".join(place.describe())
