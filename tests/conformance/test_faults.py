"""Every known conversion mistake is called wrong: never rounding, and not half precision either.

The faulty graph runs in float32, as a candidate would, on noise. What no verdict can see is listed with its
reason, and a listed case that comes to be seen fails until it is taken off the list.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import modelparity as mp
from modelparity.engine.rounded_weights import rounded_weights
from modelparity.errors import GraphError
from modelparity.inputs import make
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference

from .changing import Fault, with_arrays
from .conftest import MODELS, reference
from .faults import FAULTS
from .slips import SLIPS

FIXTURES = [model for model in mp.families()["fixtures"].models() if model.candidates]
#: One weight of one layer off by a thousandth or less: its size is measured below, for whole layers.
SMALL = tuple(name for name in SLIPS if name[-4:-1] == "1e-")
#: (network, mistake) that float32 cannot tell from a sound run.
UNSEEN = {
    # its variances are 22 to 36, so an epsilon is one to fourteen units in the last place: half a floor at most
    ("onsets/2013/onsets_cnn", "epsilon_added_twice"),
    ("onsets/2013/onsets_cnn", "epsilon_of_1e_5_added_twice"),
    # the channel of that weight stands behind a rectifier and is never active
    ("chords/2016/chords_cnnfeat", "last_element_dropped"),
    ("chords/2016/chords_cnnfeat", "last_element_sign_flipped"),
}


def bands(ref: Reference, faults: Mapping[str, Fault]) -> dict[str, str]:
    """{fault: band} for those that the network can have; ``refused`` if the faulty graph cannot run at all."""
    found = {}
    for name, fault in faults.items():
        if (wrong := fault(ref.graph)) is None:
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
    slips = {name: slip for name, slip in SLIPS.items() if name not in SMALL}
    found = bands(reference(model.key, "noise"), {**FAULTS, **slips, "none": lambda graph: graph})
    assert found.pop("none") == "rounding"
    assert len(found) > 10
    unseen = {name for name, band in found.items() if band not in ("wrong", "refused")}
    assert unseen == {name for key, name in UNSEEN if key == model.key}, {n: found[n] for n in unseen}


@pytest.mark.models
def test_every_mistake_is_possible_in_some_network() -> None:
    for name, fault in {**FAULTS, **SLIPS}.items():
        assert any(fault(reference(model.key, "noise").graph) is not None for model in MODELS), name


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
    last = next(node for node in ref.graph.nodes[::-1] if node.op in ("dense", "conv"))
    weight = ref.graph.constants[last.inputs[1]]

    def scaled(by: float) -> Fault:
        return lambda graph: with_arrays(
            graph, (last.op,), "weight", lambda a: a * (1 + by) if a is weight else a
        )

    found = bands(ref, {str(by): scaled(by) for by in (1e-3, 1e-4, 1e-7)})
    assert found == {"0.001": "wrong", "0.0001": "wrong", "1e-07": "rounding"}


@pytest.mark.models
@pytest.mark.parametrize(
    "model", {model.group: model for model in MODELS}.values(), ids=lambda model: model.group
)
def test_mistakes_show_through_half_weights(model) -> None:
    """A file of half weights is expected to be reduced; a mistake in it must not pass as that."""
    ref = reference(model.key, "noise")
    for name, fault in FAULTS.items():
        if name in ("pad_on_all_axes", "epsilon_added_twice") or (wrong := fault(ref.graph)) is None:
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
