"""Arrays for inputs that only the candidate has come with the reference's inputs, by the candidate's names."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity import cli
from modelparity.errors import InputError
from modelparity.graph import Node

from .nets import cell

X = np.random.default_rng(0).standard_normal((12, 3)).astype(np.float32)
START = np.random.default_rng(3).standard_normal((1, 5)).astype(np.float32)


def learned():
    """A GRU whose weights hold the state that it starts from."""
    plain = cell(whole=True, state=False)
    (node,) = plain.nodes
    return plain.changed(
        nodes=(Node("gru", "gru", ("x", "W", "R", "", "", "h0"), node.outputs),),
        constants={**plain.constants, "h0": START},
    )


@pytest.mark.parametrize("whole", [True, False])
def test_a_state_that_was_given_is_not_zero(whole):
    assert mp.check(learned(), cell(whole=whole, state=True), inputs={"x": X}).band == "wrong"
    verdict = mp.check(learned(), cell(whole=whole, state=True), inputs={"x": X, "h": START})
    assert verdict.ok
    assert "given: h" in str(verdict)
    assert "started from zeros" not in str(verdict)
    assert (
        mp.check(learned(), cell(whole=whole, state=True, scale=1.001), inputs={"x": X, "h": START}).band
        == "wrong"
    )


def test_what_nobody_takes_is_refused():
    for name, array, said in (
        ("g", START, "neither side has an input 'g'"),
        ("h", START[:, :4], "input 'h' was given in another shape or type"),
    ):
        with pytest.raises(InputError, match=said):
            mp.check(learned(), cell(whole=True, state=True), inputs={"x": X, name: array})
    with pytest.raises(InputError, match="input names do not match"):
        mp.check(learned(), cell(whole=True, state=True), inputs={"h": START})


def test_the_command_line_takes_them_from_the_file_of_inputs(tmp_path, capsys):
    one = mp.convert(learned(), tmp_path / "one.onnx")
    other = mp.convert(cell(whole=True, state=True), tmp_path / "other.onnx")
    np.savez(tmp_path / "x.npz", x=X, h=START)
    assert cli.main(["check", str(one), str(other), "--inputs", str(tmp_path / "x.npz")]) == 0
    assert "given: h" in capsys.readouterr().out


def test_an_input_that_a_candidate_may_do_without_is_given_all_the_same():
    """A mask that may be left out: where both have one of that name, both get the same."""
    own = (
        mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 3))),
        mp.TensorSpec("mask", (mp.Axis("time"),)),
    )
    nodes = (
        Node("column", "expand_dims", ("mask",), ("column",), {"axes": (1,)}),
        Node("masked", "mul", ("x", "column"), ("y",)),
    )
    graph = mp.Graph("masked", own, ("y",), nodes, {}, defaults={"mask": 1.0})
    mask = (np.arange(12) % 3 > 0).astype(np.float32)
    deaf = graph.changed(nodes=(nodes[0], Node("masked", "mul", ("x", "x"), ("y",))))
    for inputs in ({"x": X, "mask": mask}, {"x": X}):
        assert mp.check(graph, graph, inputs=inputs).ok
        assert mp.check(graph, deaf, inputs=inputs, explain=False).band == "wrong"
