"""Which function writes an operator, and what is said where there is none."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import modelparity as mp
from modelparity.engine.bound_node import call
from modelparity.errors import ConversionError
from modelparity.formats.writing.lowering import Lowerings
from modelparity.formats.writing.scope import Scope
from modelparity.formats.writing.target import Target

TARGET = Target("Toy", "write it in another form")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The name of an empty package, where lowerings are looked for."""
    (tmp_path / "toy_lowerings").mkdir()
    (tmp_path / "toy_lowerings" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield "toy_lowerings"
    sys.modules.pop("toy_lowerings", None)


def node(op, *inputs, **attrs):
    return mp.Node("n", op, inputs or ("x",), ("y",), attrs, origin="layers[2]")


def test_the_decorated_function_writes_what_lies_above_before_what_lies_beneath(package):
    beneath = Lowerings(TARGET, package)
    above = Lowerings(TARGET, package, beneath=beneath)

    @beneath("relu", "tanh")
    def plain(builder, c): ...

    @above("tanh")
    def better(builder, c): ...

    assert above.of(node("relu")) is plain
    assert above.of(node("tanh")) is better
    assert beneath.of(node("tanh")) is plain


def test_a_refusal_names_node_place_and_what_to_do(package):
    lowers = Lowerings(TARGET, package, instead={"gelu": "use elu"})
    lowers("elu")(lambda builder, c: None)
    with pytest.raises(ConversionError) as caught:
        lowers.of(node("selu"))
    assert str(caught.value).startswith("layers[2]: Toy has no form of selu 'n'\n")
    assert (caught.value.expected, caught.value.fix) == ("one of elu", "write it in another form")
    with pytest.raises(ConversionError, match="use elu"):
        lowers.of(node("gelu"))
    said = str(TARGET.refusal(call(node("elu")), "its alpha is not 1", "set it to 1"))
    assert said == "layers[2]: Toy has no form of elu 'n': its alpha is not 1\n  next:     set it to 1"


class Toy(Scope):
    target = TARGET


def test_a_scope_knows_what_is_constant_and_what_is_read():
    spec = mp.TensorSpec("x", (mp.Axis("time", None), mp.Axis("feature", 4)))
    weight = np.ones((4, 3), np.float32)
    graph = mp.Graph("g", (spec,), ("y",), (node("dense", "x", "w"),), {"w": weight})
    scope = Toy(graph)
    c = call(graph.nodes[0])
    assert (scope.rank("y"), scope.kinds["y"], scope.read) == (2, "f", {"x", "w", "y"})
    assert scope.is_constant(c, "weight")
    assert not scope.is_constant(c, "x")
    assert scope.weight(c, "weight").shape == (4, 3)
    assert scope.constant(c, "bias") is None
    with pytest.raises(ConversionError, match="its x is computed, and only a constant can be written"):
        scope.constant(c, "x")


def test_padding_is_worked_out_as_far_as_sizes_are_known():
    fixed = mp.TensorSpec("x", (mp.Axis("n", 7), mp.Axis("channel", 1)))
    free = mp.TensorSpec("x", (mp.Axis("n"), mp.Axis("channel", 1)))
    weight = {"w": np.zeros((4, 1, 1), np.float32)}
    known, unknown = (mp.Graph("g", (spec,), ("x",), (), weight) for spec in (fixed, free))
    for graph in (known, unknown):
        assert Toy(graph).borders(call(node("conv", "x", "w", padding=((1, 2),))), 1) == ((1, 2),)
        assert Toy(graph).borders(call(node("conv", "x", "w")), 1) == ((0, 0),)
        assert Toy(graph).borders(call(node("conv", "x", "w", padding="same")), 1) == ((1, 2),)
        assert Toy(graph).borders(call(node("conv", "x", "w", padding="same_lower")), 1) == ((2, 1),)
        wide = node("conv", "x", "w", padding="same", dilations=(3,))
        assert Toy(graph).borders(call(wide), 1) == ((4, 5),)
    halved = call(node("conv", "x", "w", padding="same", strides=(2,)))
    assert Toy(known).borders(halved, 1) == ((1, 2),)
    with pytest.raises(ConversionError, match=r"known only when it runs[\s\S]*widths before and after"):
        Toy(unknown).borders(halved, 1)
    pool = node("max_pool", "x", size=(4,), padding="same")
    assert Toy(known).borders(call(pool), 1) == ((0, 1),)


def test_what_is_computed_of_constants_alone_is_a_constant():
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 4)))
    halves = {"a": np.full(3, 0.5, np.float32), "b": np.ones(3, np.float32), "w": np.ones((4, 3), np.float32)}
    nodes = (mp.Node("sum", "add", ("a", "b"), ("bias",)), mp.Node("d", "dense", ("x", "w", "bias"), ("y",)))
    scope = Toy(mp.Graph("g", (spec,), ("y",), nodes, halves))
    assert scope.constant(call(nodes[1]), "bias").tolist() == [1.5] * 3
    with pytest.raises(ConversionError, match="its x is computed"):
        scope.constant(call(nodes[1]), "x")
