"""What a model is said to be, beside what its file holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity.describe.specs import ModelSpec, choose, compare_spec, read_specs, render_spec, state_size
from modelparity.errors import GraphError, InputError

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rtneural"


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "specs.toml"
        path.write_text(text)
        return path

    return write


def test_a_table_is_read(table):
    specs = read_specs(
        table('[net]\ninput = 3\nparameters = 1_000\nmemory = "1.5 kB"\n[other]\nfile = "o*.json"')
    )
    assert specs["net"] == ModelSpec("net", input=3, parameters=1000, memory=1500)
    assert choose(specs, Path("a/net.json")).name == "net"
    assert choose(specs, Path("old.json")).name == "other"
    assert choose(specs, Path("x.json"), "net").name == "net"
    with pytest.raises(InputError, match=r"2 specs may be about x\.json"):
        choose(specs, Path("x.json"))
    with pytest.raises(InputError, match=r"(?s)no spec 'nett'.*net"):
        choose(specs, Path("x.json"), "nett")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[net]\ninptu = 3", r"\[net\].*unknown key 'inptu'(?s:.*)input"),
        ("net = 3", "not a section"),
        ("[net]\ninput = 3.5", "input is no whole number"),
        ("[net]\nparameters = -1", "parameters is no whole"),
        ("[net]\nmemory = 'much'", "memory is not an amount"),
        ("[net", "not TOML"),
        ("[net]\nfile = 3", "file is no name"),
    ],
)
def test_mistakes_are_named(table, text, said):
    with pytest.raises(InputError, match=said):
        read_specs(table(text))


def test_a_missing_table(tmp_path):
    with pytest.raises(InputError, match="not readable"):
        read_specs(tmp_path / "none.toml")


def test_what_agrees_and_what_differs():
    graph = mp.load(FIXTURES / "lstm.json")  # 3 -> LSTM 4 -> 2
    counted = 3 * 16 + 4 * 16 + 16 + 4 * 2 + 2
    assert graph.parameters == counted
    assert state_size(graph) == 8
    lines = compare_spec(ModelSpec("net", 3, 2, counted, 4 * (counted + 8)), graph)
    assert [line.ok for line in lines] == [True] * 4
    lines = compare_spec(ModelSpec("net", 4, 2, counted + 16, 4 * (counted + 8) - 1), graph)
    assert [line.ok for line in lines] == [False, True, False, False]
    text = render_spec(ModelSpec("net"), lines)
    assert "DIFFERS" in text
    assert "they part by +16" in text
    assert "with PyTorch's second bias of every LSTM: this is the declared number" in text


def test_states_of_convolutions_count():
    graph = mp.load(FIXTURES / "conv.json")  # two causal convolutions: 4 frames of 3, 1 of 6
    assert state_size(graph) == 4 * 3 + 1 * 6


def recurrent(op, inputs, constants, *, computed=()):
    arrays = {name: np.ones(shape, np.float32) for name, shape in constants.items()}
    nodes = [mp.Node(f"{name}.made", "neg", (name,), (f"{name}.made",)) for name in computed]
    names = [f"{name}.made" if name in computed else name for name in inputs.split()]
    node = mp.Node("layer", op, tuple(names), ("y",), origin="layers[1]")
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("in", 3)))
    return mp.Graph("net", (spec,), ("y",), (*nodes, node), arrays)


def test_a_projected_state_counts_both_widths():
    weights = {"w": (1, 3, 20), "r": (1, 2, 20), "p": (1, 5, 2)}
    assert state_size(recurrent("projected_lstm", "x w r p", weights)) == 2 + 5


def test_the_second_bias_is_said_of_the_layers_that_have_one():
    graph = recurrent("rnn", "x w r b", {"w": (1, 3, 4), "r": (1, 4, 4), "b": (1, 4)})
    lines = compare_spec(ModelSpec("net", parameters=graph.parameters + 4), graph)
    assert "with PyTorch's second bias of every RNN: this is the declared number" in lines[0].note
    graph = recurrent("gru", "x w r b c", {"w": (1, 3, 12), "r": (1, 4, 12), "b": (1, 12), "c": (1, 12)})
    note = compare_spec(ModelSpec("net", parameters=graph.parameters - 24), graph)[0].note
    assert "second bias" not in note  # it has two already
    assert "without biases: this is the declared number" in note


def test_a_state_whose_size_the_file_does_not_say():
    graph = recurrent("rnn", "x w r", {"w": (1, 3, 4), "r": (1, 4, 4)}, computed=("r",))
    with pytest.raises(GraphError, match=r"layers\[1\](?s:.*)its recurrent is computed"):
        state_size(graph)
