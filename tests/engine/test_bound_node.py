"""A node's arrays and attributes by the names that its operator gives them."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import Graph, Node
from modelparity.engine.bound_node import call, defaults
from modelparity.errors import GraphError


def node(op, *inputs, **attrs):
    return Node("n", op, inputs, ("y",), attrs, "layer 3")


def test_arrays_go_by_their_parameters_and_those_left_out_are_absent():
    found = call(node("gru", "x", "w", "r", "", "rb"))
    assert found.tensors == {"x": "x", "weight": "w", "recurrent": "r", "recurrent_bias": "rb"}
    assert found.variadic == ()


def test_attributes_have_their_defaults():
    found = call(node("average_pool", "x", size=(2,), ceil=True))
    assert found.attrs == {
        "size": (2,),
        "strides": None,
        "padding": None,
        "dilations": None,
        "ceil": True,
        "count_padding": False,
    }
    assert defaults("average_pool") == {key: value for key, value in found.attrs.items() if key != "size"} | {
        "ceil": False
    }


def test_any_number_of_arrays_have_no_names():
    found = call(node("concat", "a", "b", "c", axis=0))
    assert (found.tensors, found.variadic) == ({}, ("a", "b", "c"))


def test_what_the_engine_hands_to_control_flow_is_no_attribute():
    branch = Graph("g", (), ("c",), (), {"c": np.zeros(())})
    found = call(node("cond", "p", "a", then=branch, otherwise=branch))
    assert (dict(found.tensors), found.variadic) == ({"predicate": "p"}, ("a",))
    assert set(found.attrs) == {"then", "otherwise"}
    with pytest.raises(GraphError, match="lacks attribute 'otherwise'"):
        call(node("cond", "p", then=branch))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (node("relu", "x", slope=1), r"layer 3: relu 'n' has no attribute 'slope'\n.*no attribute"),
        (node("softmax", "x", axes=1), r"softmax 'n' has no attribute 'axes'\n.*expected: axis"),
        (node("average_pool", "x"), "average_pool 'n' lacks attribute 'size'"),
        (node("relu", "x", "y"), r"relu 'n' has too many inputs\n.*found: +2\n.*expected: x"),
        (node("rely", "x"), "unknown operator 'rely'"),
    ],
)
def test_what_the_operator_does_not_have_is_refused(given, said):
    with pytest.raises(GraphError, match=said):
        call(given)
