"""What a change does not touch is not computed again, and the results are those of the whole run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import modelparity as mp
from modelparity.verdict.explain.rerun import Rerun
from modelparity.verdict.faults import faults

FIXTURES = Path(__file__).parents[3] / "fixtures"


def test_a_change_runs_as_the_whole_graph_does() -> None:
    graph = mp.load(FIXTURES / "blstm.pkl")
    x = np.random.default_rng(0).standard_normal((9, graph.inputs[0].axes[-1].size)).astype(np.float32)
    rerun = Rerun(graph, {graph.inputs[0].name: x})
    made = [one.changed() for fault in faults() for one in [*fault.applications(graph)][:6]]
    changes = [rerun.change(one) for one in made]
    assert min(len(one.nodes) for one in changes) < len(graph.nodes)
    ran = 0
    for one, results in zip(made, rerun.run(changes), strict=True):
        try:
            whole = mp.run(one, x)
        except mp.ModelparityError:
            assert results is None
            continue
        ran += 1
        for name, result in zip(graph.outputs, results, strict=True):
            np.testing.assert_allclose(result, whole[name], rtol=1e-9, atol=1e-12)
    assert ran > 20


def test_a_graph_that_is_not_changed_runs_nothing() -> None:
    graph = mp.load(FIXTURES / "blstm.pkl")
    x = np.zeros((4, graph.inputs[0].axes[-1].size), np.float32)
    rerun = Rerun(graph, {graph.inputs[0].name: x})
    change = rerun.change(graph.changed(name="other"))
    assert not change.nodes
    np.testing.assert_array_equal(next(rerun.run([change]))[0], mp.run(graph, x)[graph.outputs[0]])
