"""A candidate's interface is found and said; where names and shapes allow the identity, values never overrule it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import modelparity as mp
from modelparity import cli
from modelparity.errors import InputError
from modelparity.formats import registry
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.verdict.fit import Fit, Pair
from modelparity.verdict.fit.layout import Layout

from .nets import TIME, cell, dense, heads

FEATURE, ONE, BATCH = Axis("feature", 3), Axis("one", 1), Axis("batch")
REFERENCE = dense((TIME, FEATURE))
LAYOUTS = {
    "a batch before": dense((ONE, TIME, FEATURE)),
    "a free batch before": dense((BATCH, TIME, FEATURE)),
    "a batch between": dense((TIME, ONE, FEATURE)),
    "rank four": dense((ONE, ONE, TIME, FEATURE)),
    "channels first": dense((FEATURE, TIME), order=(1, 0), back=(1, 0)),
    "channels first in a batch": dense((ONE, FEATURE, TIME), order=(0, 2, 1), back=(0, 2, 1)),
    "features first, outputs as they were": dense((FEATURE, TIME), order=(1, 0)),
    "one fixed length": dense((Axis("time", 20), FEATURE)),
    "frame by frame": dense((FEATURE,)),
    "frame by frame in a batch": dense((ONE, FEATURE)),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_layout_is_found_and_said(kind):
    verdict = mp.check(REFERENCE, LAYOUTS[kind])
    assert verdict.ok
    assert not verdict.fit.identity
    assert verdict.fit.describe()[0] in str(verdict)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_fault_behind_another_layout_is_wrong(kind):
    graph = LAYOUTS[kind]
    spoilt = graph.changed(constants={"W": graph.constants["W"] * np.float32(1.001)})
    assert mp.check(REFERENCE, spoilt, explain=False).band == "wrong"


def test_the_other_way_round_is_found_too():
    for graph in LAYOUTS.values():
        if graph.inputs[0].axes[-1].size is None or len(graph.inputs[0].axes) > 2:
            assert mp.check(graph, REFERENCE).ok, graph.inputs[0]


def test_outputs_of_other_shapes_are_paired_by_shape():
    reference = heads(("a", "b", "c"), columns=(4, 5, 6))
    candidate = heads(("p", "q", "r"), (2, 0, 1), columns=(4, 5, 6))
    verdict = mp.check(reference, candidate)
    assert verdict.ok
    assert verdict.fit.describe() == ("a is q; b is r; c is p",)


def test_outputs_of_one_shape_and_other_names_are_paired_by_values_and_it_is_said():
    verdict = mp.check(heads(("a", "b", "c")), heads(("p", "q", "r"), (2, 0, 1)))
    assert verdict.ok
    assert verdict.fit.describe() == (
        "a is q; b is r; c is p",
        "known by values: of 6 ways that names and shapes leave open only this one agrees, on two inputs",
    )


def test_values_that_agree_with_no_way_are_wrong():
    verdict = mp.check(heads(("a", "b", "c")), heads(("p", "q", "r"), (2, 0, 1), scale=1.5))
    assert verdict.band == "wrong"
    assert "of 6 ways that names and shapes leave open none agrees" in str(verdict)


def test_values_never_overrule_names_and_the_cause_is_named():
    verdict = mp.check(heads(("a", "b", "c")), heads(("a", "b", "c"), (1, 0, 2)))
    assert (verdict.band, verdict.fit.identity) == ("wrong", True)
    (cause,) = verdict.causes
    assert cause.text.startswith("outputs have changed places: a is b; b is a; undone, ")
    assert (cause.fault, cause.before) == ("interface", verdict.floors)
    assert cause.after <= 1
    scaled = mp.check(heads(("a", "b", "c")), heads(("a", "b", "c"), scale=2)).causes
    assert not any(cause.fault == "interface" for cause in scaled)


@pytest.mark.parametrize("size", [None, 6])
def test_height_and_width_of_a_square_are_not_exchanged_for_the_sake_of_a_verdict(size):
    image = (Axis("h", size), Axis("w", size), FEATURE)
    upright, turned = dense(image), dense(image, order=(1, 0, 2))
    verdict = mp.check(upright, turned, sizes={} if size else {"h": 6, "w": 6})
    assert (verdict.band, verdict.fit.identity) == ("wrong", True)
    assert verdict.causes[0].text.startswith("axes 0 and 1 of input 'x' have changed places")


def whole(dtype, change=0):
    """Each number brought to a whole one of a type."""
    nodes = (
        Node("more", "add", ("x", "shift"), ("z",)),
        Node("cast", "cast", ("z",), ("y",), {"to": dtype}),
    )
    return Graph("whole", (TensorSpec("x", (TIME, FEATURE)),), ("y",), nodes, {"shift": np.float32(change)})


def test_a_type_that_the_format_lacks_is_no_fault_where_values_are_equal(tmp_path, monkeypatch):
    toy = registry.Format(
        "toy",
        (".toy",),
        lambda head, path: path.suffix == ".toy",
        lambda path: whole("int32"),
        lacks=registry.named("coreml").lacks,
    )
    monkeypatch.setitem(registry._own(), "toy", toy)
    path = tmp_path / "whole.toy"
    path.write_text("a file")
    verdict = mp.check(whole("int64"), path)
    assert verdict.ok
    assert "y, int64 in a type that its format has" in str(verdict)
    assert mp.check(whole("int64", 2), path, explain=False).band == "wrong"
    assert mp.check(whole("int64"), whole("int32"), explain=False).band == "wrong"


def test_more_outputs_are_listed_and_fewer_are_refused():
    verdict = mp.check(heads(("a", "b"), (0, 1)), heads(("a", "b", "c")))
    assert verdict.ok
    assert verdict.fit.extra == ("c",)
    with pytest.raises(InputError, match=r"no output for 'c'(?s:.*)--ignore c"):
        mp.check(heads(("a", "b", "c")), heads(("a", "b"), (0, 1)))
    assert mp.check(heads(("a", "b", "c")), heads(("a", "b"), (0, 1)), ignore=["c"]).ok


@pytest.mark.parametrize(("whole", "state"), [(True, True), (False, True)])
def test_states_start_from_zeros_and_are_carried(whole, state):
    verdict = mp.check(cell(whole=True, state=False), cell(whole=whole, state=state))
    assert verdict.ok
    assert "h started from zeros, as states do" in str(verdict)
    assert (
        mp.check(
            cell(whole=True, state=False), cell(whole=whole, state=state, scale=1.01), explain=False
        ).band
        == "wrong"
    )


@pytest.mark.parametrize("whole", [True, False])
def test_learned_initial_states_that_the_candidate_lost_are_the_cause(whole):
    h0 = np.random.default_rng(3).standard_normal((1, 5)).astype(np.float32)
    plain = cell(whole=True, state=False)
    (node,) = plain.nodes
    reference = plain.changed(
        nodes=(Node("gru", "gru", ("x", "W", "R", "", "", "h0"), node.outputs),),
        constants={**plain.constants, "h0": h0},
    )
    verdict = mp.check(reference, cell(whole=whole, state=True), length=20)
    assert verdict.band == "wrong"
    assert re.fullmatch(
        r"h started from zeros: .* explain; fed the reference's initial states: (exact|rounding), .* explain",
        verdict.causes[0].text,
    )


def test_a_candidate_without_time_that_forgets_is_wrong():
    assert (
        mp.check(cell(whole=True, state=False), cell(whole=False, state=False), explain=False).band == "wrong"
    )


def scaled(*, rate):
    """x times a number that is an input of its own, or eight."""
    inputs = (TensorSpec("x", (TIME, FEATURE)), *((TensorSpec("sr", (), "float32"),) if rate else ()))
    node = Node("times", "mul", ("x", "sr"), ("y",))
    return Graph("scaled", inputs, ("y",), (node,), {} if rate else {"sr": np.float32(8)})


def test_an_input_that_is_no_state_asks_for_its_value():
    with pytest.raises(InputError, match=r"the candidate takes 'sr'(?s:.*)found: .*sr(?s:.*)--fill sr="):
        mp.check(scaled(rate=False), scaled(rate=True))
    verdict = mp.check(scaled(rate=False), scaled(rate=True), fill={"sr": 8})
    assert verdict.ok
    assert "filled: sr=8" in str(verdict)
    assert mp.check(scaled(rate=True), scaled(rate=False), fill={"sr": 8}).ok
    assert mp.check(scaled(rate=False), scaled(rate=True), fill={"sr": 9}, explain=False).band == "wrong"


def test_a_fill_that_fits_nothing_is_refused():
    with pytest.raises(InputError, match="neither side has an input 'sq'"):
        mp.check(scaled(rate=False), scaled(rate=True), fill={"sq": 8})
    with pytest.raises(InputError, match="input 'sr' is filled with a number"):
        mp.check(scaled(rate=False), scaled(rate=True), fill={"sr": "eight"})


def test_a_fit_goes_to_json_and_back():
    for graph in (*LAYOUTS.values(), REFERENCE):
        fit = mp.check(REFERENCE, graph).fit
        assert Fit.from_json(json.loads(json.dumps(fit.to_json()))) == fit


def test_a_fit_moves_arrays_across():
    fit = Fit((Pair("x", "in", Layout(("time", "feature"), ("1", "feature", "time"))),), (Pair("y", "out"),))
    x = np.arange(6).reshape(3, 2)
    assert np.array_equal(fit.feeds({"x": x})["in"], x.T[None])
    assert np.array_equal(fit.results({"out": x}, {"y": (3, 2)})["y"], x)
    flat = Layout(("a", "b"), ("a*b",))
    assert np.array_equal(flat.to_candidate(x), x.ravel())
    assert np.array_equal(flat.to_reference(x.ravel(), (3, 2)), x)


def test_strict_demands_the_references_own_interface():
    assert mp.check(REFERENCE, REFERENCE, fit="strict").ok
    for graph in LAYOUTS.values():
        with pytest.raises(
            InputError, match=r"interface is not the reference's(?s:.*)found: (?s:.*)expected: "
        ):
            mp.check(REFERENCE, graph, fit="strict")


def test_a_fit_that_was_pinned_holds_until_it_changes(tmp_path):
    graph, other = LAYOUTS["channels first"], LAYOUTS["rank four"]
    fit = mp.check(REFERENCE, graph).fit
    (tmp_path / "fit.json").write_text(json.dumps(fit.to_json()))
    for pinned in (fit, fit.to_json(), tmp_path / "fit.json"):
        assert mp.check(REFERENCE, graph, fit=pinned).ok
        with pytest.raises(
            InputError, match=r"not the one that was pinned(?s:.*)if the change is meant, pin {"
        ):
            mp.check(REFERENCE, other, fit=pinned)
    for nothing in ("strickt", {"sizs": {}}, 3):
        with pytest.raises(InputError, match="fit"):
            mp.check(REFERENCE, graph, fit=nothing)


def test_the_command_line_says_the_fit_and_takes_its_options(tmp_path, capsys):
    one, other = (mp.convert(scaled(rate=rate), tmp_path / f"{rate}.onnx") for rate in (False, True))
    assert cli.main(["check", str(one), str(other)]) == 2
    assert "--fill sr=" in capsys.readouterr().out
    assert cli.main(["check", str(one), str(other), "--fill", "sr=8"]) == 0
    assert "filled: sr=8" in capsys.readouterr().out
    assert cli.main(["check", str(one), str(other), "--fill", "sr=8", "--fit", "strict"]) == 2
    assert cli.main(["check", str(one), str(one), "--fit", "strict"]) == 0
