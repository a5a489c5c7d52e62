"""Every known conversion mistake is called wrong: never rounding, and not half precision either.

The faulty graph runs in float32, as a candidate would, on noise. What no verdict can see is listed with its
reason, and a listed case that comes to be seen fails until it is taken off the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

import modelparity as mp
from modelparity import Graph
from modelparity.engine.rounded_weights import rounded_weights
from modelparity.errors import GraphError
from modelparity.inputs import make
from modelparity.verdict.faults import faults
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference

from .conftest import MODELS, reference
from .mistakes import FAULTS, MISTAKES, Mistake, made

FIXTURES = [model for model in mp.families()["fixtures"].models() if model.candidates]
#: One network of each kind: on these every mistake of the catalogue is made, on the others those that are listed.
KINDS = list({model.group: model for model in MODELS}.values())
#: (network, mistake) that float32 cannot tell from a sound run.
UNSEEN = {
    # its variances are 22 to 36, so an epsilon is one to fourteen units in the last place: half a floor at most
    ("onsets/2013/onsets_cnn", "epsilon added twice"),
    ("onsets/2013/onsets_cnn", "epsilon of 1e-5 added twice"),
    # the channel of that weight stands behind a rectifier and is never active
    ("chords/2016/chords_cnnfeat", "last element dropped"),
    ("chords/2016/chords_cnnfeat", "last element negated"),
}
#: Mistakes that change nothing in these networks, each with the reason.
HARMLESS = {
    ("chroma/2016/chroma_dnn", "activation-approximated[ReLU6]@layer0_relu"): "no rectified value exceeds 6",
}


def bands(ref: Reference, mistakes: Mapping[str, Mistake]) -> dict[str, str]:
    """{fault: band} for those that the network can have; ``refused`` if the faulty graph cannot run at all."""
    found = {}
    for name, mistake in mistakes.items():
        if (wrong := mistake(ref.graph)) is None:
            continue
        try:
            outputs = mp.run(wrong, ref.feeds, arithmetic="float32")
        except GraphError:
            found[name] = "refused"
        else:
            found[name] = judge(ref, outputs, candidate=name, runtime="engine").band
    return found


@pytest.mark.models
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
def test_mistakes_are_wrong(model) -> None:
    found = bands(reference(model.key, "noise"), {**MISTAKES, "none": lambda graph: graph})
    assert found.pop("none") == "rounding"
    assert len(found) > 10
    unseen = {name for name, band in found.items() if band not in ("wrong", "refused")}
    assert unseen == {name for key, name in UNSEEN if key == model.key}, {n: found[n] for n in unseen}


@pytest.mark.models
def test_every_mistake_is_possible_in_some_network() -> None:
    graphs = [*(reference(model.key, "noise").graph for model in MODELS), *(one.load() for one in FIXTURES)]
    for name, mistake in MISTAKES.items():
        assert any(mistake(graph) is not None for graph in graphs), name


@pytest.mark.models
@pytest.mark.parametrize("model", KINDS[::3], ids=lambda model: model.group)
def test_the_whole_catalogue_is_wrong(model) -> None:
    """The first way of every fault that the network can have, at all nodes alike where it has several."""
    ref, mistakes = reference(model.key, "noise"), {}
    for one in faults():
        first = next(one.applications(ref.graph), None)
        if first is not None:
            mistakes[first.key] = partial(made, id=one.id, variant=first.variant)
    found = bands(ref, mistakes)
    assert len(found) > 30
    unseen = {name for name, band in found.items() if band not in ("wrong", "refused")}
    assert unseen == {name for key, name in HARMLESS if key == model.key}


@pytest.mark.parametrize("model", FIXTURES, ids=lambda model: model.key)
def test_mistakes_are_wrong_in_the_fixtures(model) -> None:
    graph = model.load()
    found = bands(Reference(graph, make(graph, "noise", seed=7)), FAULTS)
    assert found
    assert set(found.values()) <= {"wrong", "refused"}, found


@pytest.mark.models
@pytest.mark.parametrize("model", MODELS[::4], ids=lambda model: model.key)
def test_how_small_a_mistake_is_seen(model) -> None:
    """All weights of the last layer off by a thousandth and by a ten-thousandth are wrong, by a ten-millionth not."""
    ref = reference(model.key, "noise")
    last = next(node for node in ref.graph.nodes[::-1] if node.op in ("dense", "conv")).inputs[1]

    def scaled(by: float) -> Mistake:
        def change(graph: Graph) -> Graph:
            weight = graph.constants[last]
            return graph.changed(
                constants={**graph.constants, last: (weight * (1 + by)).astype(weight.dtype)}
            )

        return change

    found = bands(ref, {str(by): scaled(by) for by in (1e-3, 1e-4, 1e-7)})
    assert found == {"0.001": "wrong", "0.0001": "wrong", "1e-07": "rounding"}


@pytest.mark.models
@pytest.mark.parametrize("model", KINDS, ids=lambda model: model.group)
def test_mistakes_show_through_half_weights(model) -> None:
    """A file of half weights is expected to be reduced; a mistake in it must not pass as that."""
    ref = reference(model.key, "noise")
    for name, mistake in FAULTS.items():
        if name in ("pad on all axes", "epsilon added twice") or (wrong := mistake(ref.graph)) is None:
            continue  # the one cannot run, the other is smaller than what half weights do
        y = mp.run(rounded_weights(wrong, "float16"), ref.feeds, arithmetic="float32")
        assert judge(ref, y, candidate=name, runtime="engine", held="float16").band == "wrong", name


@pytest.mark.models
def test_mistakes_show_where_rounding_is_amplified() -> None:
    """downbeats_blstm_3 flips a gate on this input: the floor is a hundred times wider, and no excuse."""
    graph = reference("downbeats/2016/downbeats_blstm_3", "noise").graph
    ref = Reference(graph, make(graph, "noise", seed=14))
    found = bands(ref, {**FAULTS, "none": lambda graph: graph})
    assert ref.floor().conditioning == "ill"
    assert found.pop("none") == "rounding"
    assert set(found.values()) == {"wrong"}, found
