"""States are compared: each side carries its own over several steps, whatever its names and wherever it is kept."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity import cli
from modelparity.engine.run import run
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.inputs import make
from modelparity.verdict import chain, steps
from modelparity.verdict.case import check_case
from modelparity.verdict.reference import Reference

WIDTH, HIDDEN = 3, 4


class Recurrent(torch.nn.Module):
    """A frame a call; its states in and out, changed on the way out as ``change`` says."""

    def __init__(self, kind, change=None):
        super().__init__()
        torch.manual_seed(0)
        self.cell = getattr(torch.nn, kind)(WIDTH, HIDDEN)
        self.change = change or (lambda new, old: new)


class Gru(Recurrent):
    output_names = ("y", "hn")

    def __init__(self, change=None):
        super().__init__("GRUCell", change)

    def forward(self, x, h):
        new = self.cell(x, h)
        return torch.tanh(2 * new), self.change(new, h)


class Lstm(Recurrent):
    output_names = ("y", "hn", "cn")

    def __init__(self, change=None):
        super().__init__("LSTMCell", change)

    def forward(self, x, h, c):
        new = self.cell(x, (h, c))
        return (torch.tanh(2 * new[0]), *self.change(new, (h, c)))


class Kept(torch.nn.Module):
    """The GRU's state in a buffer, or an attribute, that no output shows."""

    def __init__(self, change=None, buffer=True):
        super().__init__()
        self.gru = Gru(change)
        if buffer:
            self.register_buffer("memory", torch.zeros(1, HIDDEN))
        else:
            self.memory = torch.zeros(1, HIDDEN)

    def forward(self, x):
        y, h = self.gru(x, self.memory)
        self.memory = h
        return y


SPOILT = {
    "not updated": lambda new, old: torch.zeros_like(new),
    "the old one": lambda new, old: old + 0,
    "decayed": lambda new, old: 0.999 * new,
}
SPOILT_PAIR = {
    "not updated": lambda new, old: (torch.zeros_like(new[0]), new[1]),
    "the old ones": lambda new, old: (old[0] + 0, old[1] + 0),
    "decayed": lambda new, old: (new[0], 0.999 * new[1]),
    "swapped": lambda new, old: (new[1], new[0]),
}


def exported(module, path):
    """Whatever the kind, as PyTorch's own exporter writes it, its states under names of their own."""
    names = ["x", "h", "c"][: len(module.output_names)]
    args = (torch.randn(1, WIDTH), *(torch.zeros(1, HIDDEN) for _ in names[1:]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module, args, path, dynamo=False, input_names=names, output_names=list(module.output_names)
        )
    return path


@pytest.mark.parametrize(("kind", "faults"), [(Gru, SPOILT), (Lstm, SPOILT_PAIR)])
def test_a_cell_with_caches_in_and_out_against_its_export(kind, faults, tmp_path):
    """Also from zeros, where a state that comes back as it came, or swapped, leaves the first step's result right."""
    module = kind().eval()
    count = len(module.output_names) - 1
    example = (torch.randn(1, WIDTH), *(torch.zeros(1, HIDDEN) for _ in range(count)))
    graph = mp.load(module, example=example)
    right = exported(kind(), tmp_path / "right.onnx")
    zeros = {"x": example[0], **{name: torch.zeros(1, HIDDEN) for name in ("h", "c")[:count]}}
    for inputs in (None, zeros):
        verdict = mp.check(graph, right, inputs=inputs)
        assert verdict.ok
        assert "carried over 3 steps" in str(verdict)
        for name, change in faults.items():
            path = exported(kind(change), tmp_path / "wrong.onnx")
            assert mp.check(graph, path, inputs=inputs, explain=False).band == "wrong", name


@pytest.mark.parametrize("buffer", [True, False])
def test_a_module_that_keeps_its_state_to_itself(buffer):
    graph = mp.load(Gru().eval(), example=(torch.randn(1, WIDTH), torch.zeros(1, HIDDEN)))
    right = Kept(buffer=buffer).eval()
    for _ in range(2):
        verdict = mp.check(graph, right)
        assert verdict.ok
        assert [one.name for one in verdict.outputs] == ["y"]
        assert "carried over 3 steps" in str(verdict)
        assert not right.memory.any()
    for name, change in SPOILT.items():
        found = mp.check(graph, Kept(change, buffer).eval())
        assert found.band == "wrong", name
        assert found.where.startswith("y at step ")
        assert any(cause.fault == "state" for cause in found.causes)


def test_what_departs_in_a_later_step_is_placed_where_the_state_is_made():
    """One step alone agrees; over three the candidate's node that spoils the state is named, and the reference's."""
    graph = mp.load(Gru().eval(), example=(torch.randn(1, WIDTH), torch.zeros(1, HIDDEN)))
    maker = next(node.name for node in graph.nodes if "hn" in node.outputs)
    found = mp.check(graph, Kept(SPOILT["decayed"]).eval(), recipe="noise").located
    assert (found.candidate, found.reference) == ("memory.next", maker)
    assert found.compared == 1.0
    assert "over 3 steps, with what is carried, it departs first at step 1" in found.note


class Register(torch.nn.Module):
    """`memory` as a module that keeps the register to itself."""

    def __init__(self, gain):
        super().__init__()
        self.gain = gain
        self.register_buffer("past", torch.zeros(3, 2))

    def forward(self, x):
        y = x + self.past[:1]
        self.past = torch.cat([self.past[1:], x * self.gain])
        return y


def test_what_goes_into_a_register_wrong_is_placed_where_it_goes_in():
    """It comes out at the fourth step; zeros that lie in the register before say nothing."""
    verdict = mp.check(memory("mem", "cast_1", states=True), Register(1.5).eval(), recipe="noise")
    assert verdict.where.startswith("y at step 4")
    assert verdict.located.candidate == "mul"


def test_both_sides_keep_it_to_themselves():
    graph = mp.load(Kept().eval(), example=torch.randn(1, WIDTH))
    assert mp.check(graph, Kept().eval()).ok
    for name, change in SPOILT.items():
        assert mp.check(graph, Kept(change).eval(), explain=False).band == "wrong", name
    shown = mp.load(Gru().eval(), example=(torch.randn(1, WIDTH), torch.zeros(1, HIDDEN)))
    assert mp.check(graph, shown).ok


def memory(name, written, *, states, gain=1.0):
    """y = x + the oldest of three frames; a register that the file calls ``name``, and its last write ``written``."""
    inputs = (
        TensorSpec("x", (Axis("one", 1), Axis("f", 2))),
        TensorSpec(name, (Axis("rows", 3), Axis("f", 2))),
    )
    nodes = (
        Node(
            "first", "slice", (name,), ("first",), {"starts": (0,), "ends": (1,), "axes": (0,), "steps": (1,)}
        ),
        Node(
            "rest", "slice", (name,), ("rest",), {"starts": (1,), "ends": (3,), "axes": (0,), "steps": (1,)}
        ),
        Node("y", "add", ("x", "first"), ("y",)),
        Node("gain", "mul", ("x", "g"), ("louder",)),
        Node("all", "concat", ("rest", "louder"), (written,), {"axis": 0}),
    )
    table = {"g": np.float32(gain)}
    kept = {name: written} if states else {}
    return Graph("memory", inputs, ("y", written), nodes, table, states=kept)


@pytest.mark.parametrize(("own", "other"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_register_is_followed_beyond_its_reach_whatever_its_inner_name(own, other):
    """What goes in comes out three steps later; states that a file declares, or caches in and out."""
    reference = memory("mem", "cast_1", states=own)
    candidate = memory("past", "assign_7", states=other)
    verdict = mp.check(reference, candidate)
    assert verdict.ok
    assert "carried over 4 steps" in str(verdict)
    louder = memory("past", "assign_7", states=other, gain=1.5)
    assert mp.check(reference, louder, explain=False).band == "wrong"


class Filter(torch.nn.Module):
    """A causal convolution over the whole sound."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv = torch.nn.Conv1d(1, 1, 5)

    def forward(self, x):
        return self.conv(torch.nn.functional.pad(x, (4, 0)))


class Cached(Filter):
    """The same for blocks: what it keeps is ``share`` of what it should be."""

    def __init__(self, share=1.0):
        super().__init__()
        self.share = share
        self.register_buffer("past", torch.zeros(1, 1, 4))

    def forward(self, x):
        z = torch.cat([self.past, x], -1)
        self.past.copy_(z[..., -4:] * self.share)
        return self.conv(z)


def test_a_reference_without_states_runs_over_all_that_the_candidate_gets_in_parts():
    x = torch.randn(1, 1, 64)
    verdict = mp.check(Filter().eval(), Cached().eval(), inputs={"x": x})
    assert verdict.ok
    assert "past carried over 3 parts" in str(verdict)
    found = mp.check(Filter().eval(), Cached(share=0.99).eval(), inputs={"x": x})
    assert found.band == "wrong"
    assert "past carried over 3 parts" in found.causes[-1].text


class Forward(Filter):
    """It reads ahead, so that no part of it stands alone."""

    def forward(self, x):
        return self.conv(torch.nn.functional.pad(x, (0, 4)))


class ForwardCached(Forward):
    """Something is kept that another call would read."""

    def __init__(self):
        super().__init__()
        self.register_buffer("last", torch.zeros(1))

    def forward(self, x):
        y = super().forward(x) + self.last
        self.last += 1
        return y


def test_what_nothing_can_be_compared_with_is_said_and_is_not_judged():
    x = torch.randn(1, 1, 12)
    verdict = mp.check(Forward().eval(), ForwardCached().eval(), inputs={"x": x})
    assert (verdict.band, verdict.ok) == ("unjudged", False)
    assert "--ignore last" in verdict.reason
    meant = mp.check(Forward().eval(), ForwardCached().eval(), inputs={"x": x}, ignore=["last"])
    assert meant.ok
    assert "not compared, as meant: last" in str(meant)
    assert mp.assert_parity(Forward().eval(), ForwardCached().eval(), inputs={"x": x}, ignore=["last"]).ok


def test_the_command_line_takes_a_state_that_is_meant(tmp_path, capsys):
    one, other = tmp_path / "one.onnx", tmp_path / "other.onnx"
    exported(Gru(), one)
    exported(Gru(SPOILT["decayed"]), other)
    assert cli.main(["check", str(one), str(other)]) == 1
    assert cli.main(["check", str(one), str(other), "--ignore", "hn"]) == 0
    assert "not compared, as meant: h" in capsys.readouterr().out


def both_ways(*, shown, share=1.0, fixed=None):
    """A GRU that reads forwards and backwards; its states in and out, of which ``share`` comes out, or its own."""
    rng = np.random.default_rng(5)
    tables = {
        "W": rng.standard_normal((2, WIDTH, 3 * HIDDEN)).astype(np.float32),
        "R": rng.standard_normal((2, HIDDEN, 3 * HIDDEN)).astype(np.float32) / 2,
        "share": np.float32(share),
    }
    specs = [TensorSpec("x", (Axis("time", fixed), Axis("f", WIDTH)))]
    specs += [TensorSpec("h", (Axis("ways", 2), Axis("hidden", HIDDEN)))] if shown else []
    given = ("x", "W", "R", *(("", "", "h") if shown else ()))
    nodes = (
        Node("gru", "gru", given, ("y", "last"), {"direction": "bidirectional"}),
        Node("share", "mul", ("last", "share"), ("hn",)),
    )
    outputs = ("y", "hn") if shown else ("y",)
    return Graph("both", tuple(specs), outputs, nodes if shown else nodes[:1], tables)


@pytest.mark.parametrize("fixed", [None, 6])
def test_layers_that_start_by_themselves_are_opened_where_no_part_stands_alone(fixed):
    verdict = mp.check(both_ways(shown=False, fixed=fixed), both_ways(shown=True, fixed=fixed))
    assert verdict.ok
    assert "h carried over 3 steps" in str(verdict)
    for share in (0.0, 0.999):
        spoilt = both_ways(shown=True, share=share, fixed=fixed)
        found = mp.check(both_ways(shown=False, fixed=fixed), spoilt, explain=False)
        assert found.band == "wrong", share


def test_later_steps_hold_what_a_candidate_of_half_inputs_takes(tmp_path):
    """Inputs of the type float16 are given only what float16 holds, at every step."""
    plain = memory("mem", "mem_out", states=False)
    half = plain.changed(
        inputs=tuple(TensorSpec(spec.name, spec.axes, "float16") for spec in plain.inputs), native="float16"
    )
    verdict = mp.check(plain, mp.convert(half, tmp_path / "half.onnx"), expect="reduced")
    assert verdict.ok
    assert "carried over 4 steps" in str(verdict)


def test_steps_are_made_once_for_every_candidate(monkeypatch):
    """Their truth and floor are the reference's; a spoilt candidate is judged on them as well."""
    made = []
    monkeypatch.setattr(steps, "reach", lambda *given: made.append(given) or 3)
    graph = mp.load(Gru().eval(), example=(torch.randn(1, WIDTH), torch.zeros(1, HIDDEN)))
    reference = Reference(graph, make(graph, "noise", seed=0))
    bands = [check_case(reference, Gru(change).eval()).band for change in (None, SPOILT["decayed"], None)]
    assert bands == ["rounding", "wrong", "rounding"]
    assert len(made) == 1


def test_how_far_back_a_state_reaches_takes_as_many_runs_as_it_takes_to_forget(monkeypatch):
    """A register of three numbers is forgotten after three steps; what gates let go of fades, and nothing is run."""
    runs = []
    monkeypatch.setattr(chain, "run", lambda *given: runs.append(given) or run(*given))
    register = memory("mem", "mem_out", states=True)
    assert chain.reach(register, {"mem": "mem_out"}, make(register, "noise"), ()) == 4
    assert len(runs) == 2 * 3
    runs.clear()
    layer = both_ways(shown=True)
    assert chain.reach(layer, {"h": "hn"}, make(layer, "noise"), ()) == 3
    assert not runs
    runs.clear()
    handed_on = register.changed(
        nodes=(Node("y", "add", ("x", "x"), ("y",)),), outputs=("y", "mem"), states={}
    )
    assert chain.reach(handed_on, {"mem": "mem"}, make(register, "noise"), ()) == 3
    assert len(runs) == 2, "what is never changed is never forgotten"


class Lost(torch.nn.Module):
    """The GRU from zeros every time: its state is neither taken nor given nor kept."""

    def __init__(self):
        super().__init__()
        self.gru = Gru()

    def forward(self, x):
        return self.gru(x, torch.zeros(1, HIDDEN))[0]


def test_a_candidate_that_lost_the_states_says_so_and_what_to_say_if_it_is_meant():
    graph = mp.load(Gru().eval(), example=(torch.randn(1, WIDTH), torch.zeros(1, HIDDEN)))
    verdict = mp.check(graph, Lost().eval())
    assert verdict.band == "wrong"
    assert "the candidate neither takes nor gives h; if that is meant: --ignore hn" in str(verdict)
    meant = mp.check(graph, Lost().eval(), ignore=["hn"])
    assert "not compared, as meant: h" in str(meant)
    assert meant.band != "wrong"
