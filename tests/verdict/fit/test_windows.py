"""A candidate of one fixed length on inputs that were given and are longer: window by window, as the reference is."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec

from .nets import TIME, cell, dense

X = np.random.default_rng(4).standard_normal((23, 3)).astype(np.float32)
FEATURE = Axis("feature", 3)


def test_windows_of_one_fixed_length_over_given_inputs():
    reference = dense((TIME, FEATURE))
    for axes in ((Axis("time", 5), FEATURE), (Axis("one", 1), Axis("time", 5), FEATURE)):
        verdict = mp.check(reference, dense(axes), inputs=X)
        assert verdict.ok
        assert "the candidate is run 5 at a time along 'time'" in str(verdict)
        assert "5 windows of 5 along 'time'" in str(
            verdict
        )  # four, and the one that ends where the input does
    assert mp.check(reference, dense((Axis("time", 5), FEATURE), scale=1.001), inputs=X).band == "wrong"


def late(size, *, gain):
    """What lies above 2 is ``gain`` times as large."""
    nodes = (
        Node("over", "sub", ("x", "two"), ("over",)),
        Node("more", "relu", ("over",), ("more",)),
        Node("gained", "mul", ("more", "gain"), ("gained",)),
        Node("y", "add", ("x", "gained"), ("y",)),
    )
    tables = {"two": np.float32(2), "gain": np.float32(gain)}
    return Graph("late", (TensorSpec("x", (Axis("time", size), FEATURE)),), ("y",), nodes, tables)


@pytest.mark.parametrize("frame", [7, 22])
def test_every_window_is_looked_at(frame):
    x = np.clip(X, -1, 1)
    x[frame] = 3
    assert mp.check(late(None, gain=1), late(5, gain=1), inputs=x).ok
    verdict = mp.check(late(None, gain=1), late(5, gain=1.5), inputs=x)
    assert verdict.band == "wrong"
    assert verdict.where.startswith("y at step ")
    assert verdict.causes[-1].fault == "window"


@pytest.mark.parametrize("state", [True, False])
def test_states_are_carried_from_window_to_window(state):
    """Where the candidate has them; else each window starts anew, on both sides."""
    whole, fixed = cell(whole=True, state=False), cell(whole=True, state=state)
    spec = fixed.inputs[0]
    windows = fixed.changed(inputs=(TensorSpec("x", (Axis("time", 5), *spec.axes[1:])), *fixed.inputs[1:]))
    verdict = mp.check(whole, windows, inputs=X)
    assert verdict.ok
    if state:
        assert "h carried over 4 parts of 'time'" in str(verdict)
        halved = Node("half", "mul", ("last", "share"), ("hn",))
        node = windows.nodes[0]
        spoilt = windows.changed(
            nodes=(Node("gru", "gru", node.inputs, ("y", "last")), halved),
            constants={**windows.constants, "share": np.float32(0.999)},
        )
        assert mp.check(whole, spoilt, inputs=X).band == "wrong"
