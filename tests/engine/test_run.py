from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec, run, run_many
from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.perturbed import Perturbed
from modelparity.engine.program import program
from modelparity.engine.run import Variants, run_lanes, run_variants
from modelparity.errors import GraphError, InputError

FEATURES = (Axis("time"), Axis("feature", 5))


def network(seed=0, *, hidden=4, native="float32", bias=0.0):
    """dense, sigmoid, LSTM in both directions, dense."""
    rng = np.random.default_rng(seed)

    def weight(*shape):
        return (rng.standard_normal(shape) / 2 + bias).astype(np.float32)

    return Graph(
        f"net{seed}",
        (TensorSpec("x", FEATURES),),
        ("y",),
        (
            Node("first", "dense", ("x", "W1", "b1"), ("a",), {}, "layers[0]"),
            Node("act", "sigmoid", ("a",), ("s",), {}, "layers[0]"),
            Node(
                "rec", "lstm", ("s", "W2", "R2"), ("r", "h", "c"), {"direction": "bidirectional"}, "layers[1]"
            ),
            Node("last", "dense", ("r", "W3"), ("y",), {}, "layers[2]"),
        ),
        {
            "W1": weight(5, 6),
            "b1": weight(6),
            "W2": weight(2, 6, 4 * hidden),
            "R2": weight(2, hidden, 4 * hidden),
            "W3": weight(2 * hidden, 3),
        },
        native=native,
    )


def signal(seed=0, frames=9):
    return np.random.default_rng(100 + seed).standard_normal((frames, 5))


def test_only_outputs_come_back_in_the_carriers_type():
    for name, dtype in (("float64", np.float64), ("float32", np.float32), ("bfloat16", np.float32)):
        y = run(network(), signal(), arithmetic=name)
        assert list(y) == ["y"]
        assert y["y"].dtype == dtype
        assert y["y"].shape == (9, 3)


def test_dense_and_sigmoid_are_what_the_weights_say():
    net = network()
    taps = run(net, signal(), taps=True)
    a = signal() @ net.constants["W1"].astype(float) + net.constants["b1"]
    np.testing.assert_allclose(taps["a"], a, rtol=1e-13)
    np.testing.assert_allclose(taps["s"], 1 / (1 + np.exp(-a)), rtol=1e-13)
    np.testing.assert_allclose(taps["y"], taps["r"] @ net.constants["W3"].astype(float), rtol=1e-13)


def test_taps_are_every_nodes_outputs_and_no_run_differs_for_them():
    taps = run(network(), signal(), taps=True)
    assert set(taps) == {"a", "s", "r", "h", "c", "y"}
    np.testing.assert_array_equal(taps["y"], run(network(), signal())["y"])


def test_taps_are_not_overwritten_by_later_nodes():
    taps = run(network(), signal(), taps=True)
    cut = network().changed(outputs=("s",), nodes=network().nodes[:2])
    np.testing.assert_array_equal(taps["s"], run(cut, signal())["s"])


def test_inputs_constants_and_inner_tensors_can_be_outputs():
    net = network().changed(outputs=("x", "W1", "s", "y"))
    y = run(net, signal())
    np.testing.assert_array_equal(y["x"], signal())
    np.testing.assert_array_equal(y["W1"], net.constants["W1"])
    np.testing.assert_array_equal(y["s"], run(net, signal(), taps=True)["s"])


def test_the_callers_array_is_never_written_to():
    x = signal()
    before = x.copy()
    for name in ("float64", "float32", "float16"):
        run(network(), x, arithmetic=name, taps=True)
    np.testing.assert_array_equal(x, before)


def test_tensors_are_freed_when_nobody_reads_them_any_more():
    """A chain of nodes holds a few tensors at a time, not one a node."""
    import tracemalloc

    nodes = [Node(f"n{i}", "tanh", (f"t{i}",), (f"t{i + 1}",)) for i in range(40)]
    chain = Graph("chain", (TensorSpec("t0", (Axis("time"),)),), ("t40",), tuple(nodes), {})
    x = np.ones(200_000)
    run(chain, x)
    tracemalloc.start()
    try:
        run(chain, x)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        run(chain, x, taps=True)
        tapped = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * x.nbytes
    assert tapped > 39 * x.nbytes


def test_native_is_what_the_artefact_declares():
    for name in ("float32", "float16"):
        net = network(native=name)
        np.testing.assert_array_equal(
            run(net, signal(), arithmetic="native")["y"], run(net, signal(), arithmetic=name)["y"]
        )
    half, full = (run(network(native=n), signal(), arithmetic="native")["y"] for n in ("float16", "float32"))
    assert np.abs(half - full).max() > 1e-5


def test_precisions_come_closer_to_the_truth_in_order():
    truth = run(network(), signal())["y"]
    errors = [
        np.abs(run(network(), signal(), arithmetic=n)["y"] - truth).max()
        for n in ("bfloat16", "float16", "float32")
    ]
    assert errors[0] > 2 * errors[1] > 0
    assert errors[1] > 100 * errors[2] > 0


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
def test_many_equals_each_alone(name):
    """Members of one architecture share a pass; others, and other lengths, stand among them."""
    nets = [network(0), network(1), network(2, hidden=3), network(3), network(4)]
    xs = [signal(0), signal(1), signal(2), signal(3, frames=4), signal(4)]
    together = run_many(nets, xs, arithmetic=name)
    assert len(together) == 5
    tolerance = {"float64": 1e-13, "float32": 1e-5, "float16": 2e-2}[name]  # sums may run in another order
    for net, x, got in zip(nets, xs, together, strict=True):
        want = run(net, x, arithmetic=name)["y"]
        assert got["y"].shape == want.shape
        np.testing.assert_allclose(got["y"], want, rtol=tolerance, atol=tolerance)


def test_many_with_other_attributes_do_not_share_a_pass():
    net = network(0)
    reverse = net.nodes[2].attrs | {"output_activation": "sigmoid"}
    other = net.changed(
        nodes=(*net.nodes[:2], Node("rec", "lstm", ("s", "W2", "R2"), ("r", "h", "c"), reverse), net.nodes[3])
    )
    first, second = run_many([net, other], [signal(), signal()])
    np.testing.assert_allclose(second["y"], run(other, signal())["y"], rtol=1e-13)
    assert np.abs(first["y"] - second["y"]).max() > 1e-3


def test_many_native_runs_each_in_its_own_arithmetic():
    nets = [network(0), network(0, native="float16")]
    results = run_many(nets, [signal(), signal()], arithmetic="native")
    for net, got in zip(nets, results, strict=True):
        np.testing.assert_array_equal(got["y"], run(net, signal(), arithmetic="native")["y"])


def test_lanes_differ_by_about_a_rounding_and_each_from_the_others():
    lanes = run_lanes(network(), signal(), Perturbed("float32", lanes=6))["y"]
    truth = run(network(), signal())["y"]
    assert lanes.shape == (6, 9, 3)
    for i in range(6):
        assert 1e-8 < np.abs(lanes[i] - truth).max() < 1e-4
        for j in range(i):
            assert (lanes[i] != lanes[j]).any()


def test_a_refusal_names_node_origin_and_shapes():
    net = network().changed(constants={**network().constants, "W3": np.ones((7, 3), np.float32)})
    with pytest.raises(GraphError) as caught:
        run(net, signal())
    text = str(caught.value)
    assert text.startswith("layers[2]: dense 'last' cannot run: input width differs from weight rows")
    assert "8 (input shapes (9, 8), (7, 3))" in text
    assert "expected: 7" in text


def test_a_wrong_attribute_is_a_graph_error_too():
    net = network()
    net = net.changed(
        nodes=(*net.nodes[:1], Node("act", "sigmoid", ("a",), ("s",), {"alpha": 2}), *net.nodes[2:])
    )
    with pytest.raises(GraphError, match=r"sigmoid 'act' cannot run: .*alpha"):
        run(net, signal())


@pytest.mark.parametrize(("op", "near"), [("sigmoi", "sigmoid"), ("Tanh", "tanh"), ("lstmm", "lstm")])
def test_an_unknown_operator_lists_near_names(op, near):
    net = network()
    net = net.changed(
        nodes=(*net.nodes[:1], Node("act", op, ("a",), ("s",), {}, "layers[0]"), *net.nodes[2:])
    )
    with pytest.raises(GraphError) as caught:
        run(net, signal())
    text = str(caught.value)
    assert f"unknown operator {op!r}" in text
    assert "layers[0], node 'act'" in text
    assert near in text.split("expected:")[1]


@pytest.mark.parametrize("op", ["_window", "..os", "", "__init__", "os"])
def test_names_that_are_no_operators_are_never_imported(op):
    net = network()
    net = net.changed(nodes=(Node("act", op, ("x",), ("y",)),), constants={})
    with pytest.raises(GraphError, match="unknown operator"):
        run(net, signal())


def test_what_does_not_fit_the_signature_never_reaches_a_node():
    with pytest.raises(InputError, match="axis 'feature'"):
        run(network(), np.ones((9, 4)))


def test_programs_are_prepared_once_and_die_with_their_graph():
    from modelparity.engine.arithmetic import arithmetic

    net = network()
    ar = arithmetic("float32")
    made = program([net], ar)
    assert program([net], arithmetic("float32")) is made
    assert program([net], arithmetic("float64")) is not made
    gone = weakref.ref(made)
    del made, net
    gc.collect()
    assert gone() is None


def test_variants_of_weights_share_what_comes_before_them():
    """Each lane is the run with its own weights; what no variant changes stays a single lane."""
    graph, x = network(), signal()
    changes = [
        {"W1": graph.constants["W1"] * 2},
        {"R2": graph.constants["R2"] * 3},
        {"W3": graph.constants["W3"] * 4, "b1": graph.constants["b1"] + 1},
        {},
    ]
    found = run_variants(graph, x, changes)
    for own, outputs in zip(changes, found, strict=True):
        expected = run(graph.changed(constants={**graph.constants, **own}), x)
        np.testing.assert_allclose(outputs["y"], expected["y"], rtol=1e-12)
    assert run_variants(graph, x, changes, arithmetic="float32")[0]["y"].dtype == np.float32
    prepared = Variants(
        [graph.changed(constants={**graph.constants, **own}) for own in changes], arithmetic("float64")
    )
    assert {name: len(a) for name, a in prepared.constants.items()} == {
        "W1": 4,
        "b1": 4,
        "W2": 1,
        "R2": 4,
        "W3": 4,
    }


def test_variants_that_are_too_large_together_run_after_one_another(monkeypatch):
    graph, x = network(), signal()
    changes = [{"R2": graph.constants["R2"] * k} for k in range(5)]
    whole = run_variants(graph, x, changes)
    monkeypatch.setattr("modelparity.engine.run.LANES", 200)
    for one, other in zip(whole, run_variants(graph, x, changes), strict=True):
        np.testing.assert_allclose(one["y"], other["y"], rtol=1e-12)
