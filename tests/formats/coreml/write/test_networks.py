"""Graphs written as NeuralNetworks: exact, or refused with the form that is."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ConversionError
from modelparity.formats.coreml.write import write

from .conftest import refusal, weights


def test_every_operator_is_exact_or_refused(case, same, tmp_path):
    graph, path = case.graph(), tmp_path / "one.mlmodel"
    refused = refusal(graph, path)
    if refused is not None:
        assert refused.fix
        if "Core ML takes float32 or int32" not in refused.what:  # of its input
            own = (f"has no form of {case.op} 'node'", f"has no form of {case.behind} 'before'")
            assert any(words in refused.what for words in (*own, "takes arrays only"))
            assert refused.where == ("one" if "takes arrays only" in refused.what else "layers[3]")
        return
    feeds = case.feeds(graph)
    got = mp.run(mp.load(path), feeds, arithmetic="native")
    whole = {name: array.dtype for name, array in mp.run(graph, feeds).items() if array.dtype.kind in "bi"}
    same(graph, feeds, {name: array.astype(whole.get(name, array.dtype)) for name, array in got.items()})


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("length", [1, 11])
def test_an_lstm_with_peepholes_is_a_layer(lstm, tmp_path, direction, length):
    graph = lstm(direction=direction, state=False)
    path = mp.convert(graph, tmp_path / "net.mlmodel")
    x = weights(length, 6, seed=length)
    np.testing.assert_allclose(mp.run(mp.load(path), x)["y"], mp.run(graph, x)["y"], rtol=0, atol=1e-12)


def test_a_cell_that_grows_is_not_clipped(chain, tmp_path):
    """With all gates open the cell gains 1 a frame; the layers' default bound is 50."""
    constants = {"w": np.zeros((1, 6, 4), np.float32), "r": np.zeros((1, 1, 4), np.float32)}
    constants["b"] = np.array([[40, 40, 40, 40]], np.float32)
    constants["k"] = np.array([[0.01]], np.float32)
    attrs = {"output_activation": "tanh"}
    nodes = (
        mp.Node("cell", "lstm", ("x", "w", "r", "b"), ("h",), attrs),
        mp.Node("out", "dense", ("h", "k"), ("y",)),
    )
    graph = chain(*nodes, constants=constants)
    write(graph, tmp_path / "net.mlmodel")
    read = mp.load(tmp_path / "net.mlmodel")
    assert next(node for node in read.nodes if node.op == "lstm").attrs["cell_clip"] > 1e38
    x = np.zeros((80, 6), np.float32)
    taps = mp.run(graph.changed(outputs=("y",)), x)
    np.testing.assert_allclose(mp.run(read, x)["y"], taps["y"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_a_simple_recurrence_is_a_layer_a_direction(chain, tmp_path, direction):
    d = 2 if direction == "bidirectional" else 1
    constants = {"w": weights(d, 6, 5), "r": weights(d, 5, 5), "b": weights(d, 5)}
    node = mp.Node("cell", "rnn", ("x", "w", "r", "b"), ("y",), {"direction": direction})
    graph = chain(node, constants=constants)
    path = mp.convert(graph, tmp_path / "net.mlmodel")
    assert mp.check(graph, path).ok


def test_a_learned_state_is_refused_with_the_form_that_has_it(lstm, tmp_path):
    with pytest.raises(ConversionError, match=r"starts from zeros[\s\S]*\.mlpackage"):
        mp.convert(lstm(), tmp_path / "net.mlmodel")
    assert list(tmp_path.iterdir()) == []


def test_last_states_are_refused(lstm, tmp_path):
    with pytest.raises(ConversionError, match="last state is used"):
        mp.convert(lstm(outputs=3, state=False), tmp_path / "net.mlmodel")


@pytest.mark.parametrize("given", [{"reset": "after"}, {"reset": "before", "update": "replaces"}])
def test_a_gru_that_the_layer_does_not_compute_is_refused(chain, tmp_path, given):
    constants = {"w": weights(1, 6, 15), "r": weights(1, 5, 15)}
    graph = chain(mp.Node("cell", "gru", ("x", "w", "r"), ("y",), given), constants=constants)
    with pytest.raises(ConversionError, match=r"reset gate before the product[\s\S]*\.mlpackage"):
        mp.convert(graph, tmp_path / "net.mlmodel")


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("gate", ["sigmoid", "hard_sigmoid"])
def test_a_gru_that_resets_before_the_product_is_a_layer(chain, tmp_path, direction, gate):
    d = 2 if direction == "bidirectional" else 1
    constants = {"w": weights(d, 6, 15), "r": weights(d, 5, 15, seed=2), "b": weights(d, 15, seed=3)}
    attrs = {"reset": "before", "direction": direction, "gate_activation": gate}
    graph = chain(mp.Node("cell", "gru", ("x", "w", "r", "b"), ("y",), attrs), constants=constants)
    path = mp.convert(graph, tmp_path / "net.mlmodel")
    assert any(layer.WhichOneof("layer") == "gru" for layer in layers(path))
    x = weights(9, 6, seed=4)
    np.testing.assert_allclose(mp.run(mp.load(path), x)["y"], mp.run(graph, x)["y"], rtol=0, atol=1e-6)


def layers(path):
    """Layers of a file, as coremltools has them."""
    ct = pytest.importorskip("coremltools")
    return ct.utils.load_spec(str(path)).neuralNetwork.layers


def test_an_activation_that_clipping_would_show_is_refused(chain, tmp_path):
    constants = {"w": weights(1, 6, 5), "r": weights(1, 5, 5)}
    graph = chain(
        mp.Node("cell", "rnn", ("x", "w", "r"), ("y",), {"activation": "relu"}), constants=constants
    )
    with pytest.raises(ConversionError, match="clips what enters relu"):
        mp.convert(graph, tmp_path / "net.mlmodel")


def test_the_old_cell_in_the_output_gate_is_refused(lstm, tmp_path):
    with pytest.raises(ConversionError, match="output gate looks at the old cell"):
        mp.convert(lstm(state=False, output_peephole="old"), tmp_path / "net.mlmodel")


def test_the_same_graph_gives_the_same_bytes(lstm, tmp_path):
    for name in ("a", "b"):
        write(lstm(state=False), tmp_path / f"{name}.mlmodel")
    assert (tmp_path / "a.mlmodel").read_bytes() == (tmp_path / "b.mlmodel").read_bytes()


def test_weights_may_be_rounded_but_not_the_computation(lstm, tmp_path):
    graph = lstm(state=False)
    path = mp.convert(graph, tmp_path / "net.mlmodel", weights="float16")
    assert mp.check(graph, path, expect="reduced").band == "reduced"
    with pytest.raises(ConversionError, match="says nothing of the precision"):
        mp.convert(graph, tmp_path / "half.mlmodel", precision="float16")
