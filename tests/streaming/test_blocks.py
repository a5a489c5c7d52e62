"""Networks with caches of their own, and those that take one length, run block by block."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import modelparity as mp
from modelparity import Axis, Graph, Node, TensorSpec, run, stream
from modelparity.errors import InputError, NotCausalError

WIDTH, HIDDEN = 3, 4
TIME, FEATURE = Axis("sequence_length"), Axis("feature", WIDTH)


def lstm(time, *, names=("h", "c", "hn", "cn")):
    """An LSTM whose states go in and come out."""
    rng = np.random.default_rng(0)
    tables = {"W": rng.standard_normal((1, WIDTH, 16)) / 2, "R": rng.standard_normal((1, HIDDEN, 16)) / 2}
    states = [TensorSpec(name, (Axis("ways", 1), Axis("hidden", HIDDEN))) for name in names[:2]]
    node = Node("lstm", "lstm", ("x", "W", "R", "", "", *names[:2]), ("y", *names[2:]))
    inputs = (TensorSpec("x", (time, FEATURE)), *states)
    return Graph("lstm", inputs, ("y", *names[2:]), (node,), tables)


X = np.random.default_rng(1).standard_normal((24, WIDTH))
START = {"h": np.full((1, HIDDEN), 0.5), "c": np.full((1, HIDDEN), -0.25)}


@pytest.mark.parametrize("start", [{}, START])
def test_initial_states_of_layers_are_given_once_or_zero(start):
    net = lstm(TIME)
    s = stream(net)
    assert s.states == {"h": "hn", "c": "cn"}
    assert s.axes == {"y": 0}
    blocks = [s.push({"x": X[:5], **start}), s.push(X[5:6]), s.push(X[6:])]
    zeros = {name: np.zeros((1, HIDDEN)) for name in ("h", "c")}
    want = run(net, {"x": X, **zeros, **start})["y"]
    np.testing.assert_allclose(np.concatenate([one["y"] for one in blocks]), want, atol=1e-12)


def test_a_fixed_hop_with_states_whatever_they_are_called():
    net = lstm(Axis("frames", 4), names=("one", "two", "three", "four"))
    want = run(lstm(TIME), {"x": X, **{name: np.zeros((1, HIDDEN)) for name in ("h", "c")}})["y"]
    for states in (None, {"one": "three", "two": "four"}):
        s = stream(net, states=states)
        blocks = [s.push(part)["y"] for part in np.split(X, [1, 2, 9, 10])]
        assert [len(one) for one in blocks] == [0, 0, 8, 0, 16]
        np.testing.assert_allclose(np.concatenate(blocks), want, atol=1e-12)
    swapped = stream(net, states={"one": "four", "two": "three"})
    assert np.abs(np.concatenate([swapped.push(X)["y"]]) - want).max() > 0.01
    with pytest.raises(InputError, match="no output 'five'"):
        stream(net, states={"one": "five"})


class Filter(torch.nn.Module):
    """Causal over the whole sound, or with its past in a buffer."""

    def __init__(self, cached):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.cached = torch.nn.Conv1d(1, 2, 5), cached
        self.register_buffer("past", torch.zeros(1, 1, 4))

    def forward(self, x):
        z = torch.cat([self.past, x], -1)
        if self.cached:
            self.past.copy_(z[..., -4:])
        return torch.tanh(self.conv(z))


@pytest.mark.parametrize("free", [True, False])
def test_a_module_that_keeps_its_past_in_a_buffer(free):
    x = torch.randn(1, 1, 48)
    example, shapes = (x, {"x": {2: "time"}}) if free else (x[..., :8], None)
    graph = mp.load(Filter(cached=True).eval(), example=example, dynamic_shapes=shapes)
    s = stream(graph, axis=None if free else "x_2")
    assert s.states == {"past": "past.next"}
    blocks = [s.push(part.numpy())["output"] for part in x.split([1, 6, 17, 24], -1)]
    with torch.no_grad():
        want = Filter(cached=False)(x).numpy()
    np.testing.assert_allclose(np.concatenate(blocks, axis=s.axes["output"]), want, atol=1e-6)


def test_windows_of_one_length_move_on_by_a_hop():
    node = Node("mean", "reduce_mean", ("x",), ("y",), {"axes": (0,)})
    net = Graph("windows", (TensorSpec("x", (Axis("samples", 6), FEATURE)),), ("y",), (node,), {})
    for hop, starts in ((None, range(0, 24, 6)), (2, range(0, 19, 2))):
        s = stream(net, hop=hop)
        got = np.concatenate([s.push(part)["y"] for part in np.split(X, [5, 6, 20])])
        np.testing.assert_allclose(got, [X[at : at + 6].mean(0) for at in starts], atol=1e-12)
    with pytest.raises(InputError, match="a hop is for networks that take one length"):
        stream(net, hop=7)
    with pytest.raises(InputError, match="a hop is for networks that take one length"):
        stream(lstm(TIME), hop=2)


def test_states_that_are_none_leave_a_last_state_that_comes_late():
    with pytest.raises(NotCausalError, match="last state"):
        stream(lstm(TIME), states={})


def gru(*after):
    """A GRU whose last state goes through more nodes on its way out, as exporters write it."""
    rng = np.random.default_rng(0)
    tables = {"W": rng.standard_normal((1, WIDTH, 12)) / 2, "R": rng.standard_normal((1, HIDDEN, 12)) / 2}
    tables["half"] = np.array([0.5])
    inputs = (
        TensorSpec("x", (TIME, FEATURE)),
        TensorSpec("h", (Axis("batch", 1), Axis("ways", 1), Axis("hidden", HIDDEN))),
    )
    before = Node("squeeze", "squeeze", ("h",), ("start",), {"axes": (0,)})
    layer = Node("gru", "gru", ("x", "W", "R", "", "", "start"), ("y", "last"))
    return Graph("gru", inputs, ("y", "hn"), (before, layer, *after), tables)


UNSQUEEZED = Node("out", "expand_dims", ("last",), ("hn",), {"axes": (0,)})


def test_a_last_state_that_goes_out_by_way_of_other_nodes_is_the_layers_own():
    """Every frame comes as early as it can: the state is carried inside, and blocks of no frames are none."""
    s = stream(gru(UNSQUEEZED))
    assert (type(s).__name__, s.states) == ("Stream", {"h": "hn"})
    want = run(gru(UNSQUEEZED), {"x": X, "h": np.zeros((1, 1, HIDDEN))})["y"]
    got = [s.push(X[:5])["y"], s.push(X[5:5])["y"], s.push(X[5:])["y"]]
    np.testing.assert_allclose(np.concatenate(got), want, atol=1e-12)


def test_what_is_made_of_a_last_state_is_a_cache_of_the_networks_own():
    """Half of the last state is carried, not the last state, whatever the names say."""
    halved = Node("mul", "mul", ("last", "half"), ("less",))
    net = gru(halved, Node("out", "expand_dims", ("less",), ("hn",), {"axes": (0,)}))
    h, want = np.zeros((1, 1, HIDDEN)), []
    s = stream(net)
    for part in np.split(X, [3, 9]):
        ran = run(net, {"x": part, "h": h})
        h = ran["hn"]
        want.append(ran["y"])
    got = [s.push(part)["y"] for part in np.split(X, [3, 9])]
    np.testing.assert_allclose(np.concatenate(got), np.concatenate(want), atol=1e-12)


def test_states_that_change_places_from_block_to_block_do():
    net = lstm(TIME)
    states = {"h": "cn", "c": "hn"}
    at = {name: np.zeros((1, HIDDEN)) for name in states}
    s, want = stream(net, states=states), []
    for part in np.split(X, [3, 9]):
        ran = run(net, {"x": part, **at})
        at = {name: ran[to] for name, to in states.items()}
        want.append(ran["y"])
    got = [s.push(part)["y"] for part in np.split(X, [3, 9])]
    np.testing.assert_allclose(np.concatenate(got), np.concatenate(want), atol=1e-12)


def test_a_buffer_starts_from_what_it_holds():
    """Not from zeros, nor from one number: the first block sees it, and a run that is given none does."""
    module = Filter(cached=True).eval()
    module.past.copy_(torch.tensor([0.5, -1.5, 2.5, 3.5]))
    x = torch.randn(1, 1, 24)
    graph = mp.load(module, example=x, dynamic_shapes={"x": {2: "time"}})
    with torch.no_grad():
        want = torch.tanh(module.conv(torch.cat([module.past, x], -1))).numpy()
    np.testing.assert_allclose(run(graph, x.numpy())["output"], want, atol=1e-6)
    s = stream(graph)
    got = np.concatenate([s.push(part.numpy())["output"] for part in x.split([1, 6, 17], -1)], -1)
    np.testing.assert_allclose(got, want, atol=1e-6)
    assert mp.load(Filter(cached=True).eval(), example=x).hash != graph.hash
    verdict = mp.check(graph, module, inputs={"x": x.numpy()})
    assert verdict.ok
    assert "past started from what each side holds" in str(verdict)
    assert "past carried over" in str(verdict)
    assert mp.check(graph, Filter(cached=True).eval(), inputs={"x": x.numpy()}).band == "wrong"
