"""Smaller and rarer mistakes than those of `faults`: one array, one element, one frame, one activation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from modelparity.engine.bound_node import call
from modelparity.graph import Graph, Node

from .changing import (
    RECURRENT,
    Constants,
    Fault,
    afterwards,
    beforehand,
    nodewise,
    per_frame,
    shifted,
    with_arrays,
    with_attrs,
)
from .faults import with_epsilon

#: Every slip by name.
SLIPS: dict[str, Fault] = {}


def slip(function: Fault) -> Fault:
    """Register a slip under its name."""
    SLIPS[function.__name__] = function
    return function


# --- order and form of weights


def _gates(graph: Graph, op: str, order: tuple[int, ...]) -> Graph | None:
    """The gates of all of a layer's weights in another order."""

    def swap(array: Any) -> Any:
        return np.concatenate([np.split(array, len(order), axis=-1)[i] for i in order], axis=-1)

    found = None
    for parameter in ("weight", "recurrent", "bias"):
        found = with_arrays(found or graph, (op,), parameter, swap)
    return found


for _name, _op, _order in (
    ("lstm_input_and_forget_swapped", "lstm", (1, 0, 2, 3)),
    ("lstm_forget_and_output_swapped", "lstm", (0, 2, 1, 3)),
    ("lstm_output_and_cell_swapped", "lstm", (0, 1, 3, 2)),
    ("gru_reset_and_update_swapped", "gru", (1, 0, 2)),
):
    SLIPS[_name] = partial(_gates, op=_op, order=_order)


@slip
def recurrent_weights_transposed(graph: Graph) -> Graph | None:
    """Gate by gate: the shape stays, since each is square."""

    def turn(array: Any) -> Any:
        hidden = array.shape[1]
        parts = (array[..., i : i + hidden] for i in range(0, array.shape[2], hidden))
        return np.concatenate([np.swapaxes(part, 1, 2) for part in parts], axis=-1)

    return with_arrays(graph, RECURRENT, "recurrent", turn)


@slip
def square_dense_weights_transposed(graph: Graph) -> Graph | None:
    return with_arrays(graph, ("dense",), "weight", lambda a: a.T if a.shape[0] == a.shape[1] else a)


@slip
def directions_swapped(graph: Graph) -> Graph | None:
    found = None
    for parameter in ("weight", "recurrent", "bias", "peephole", "h0", "c0"):
        found = with_arrays(found or graph, RECURRENT, parameter, lambda a: a[::-1]) or found
    return found


@slip
def peepholes_of_input_and_forget_swapped(graph: Graph) -> Graph | None:
    return with_arrays(graph, ("lstm",), "peephole", lambda a: a[:, [1, 0, 2]])


@slip
def initial_state_of_one_direction_dropped(graph: Graph) -> Graph | None:
    def drop(array: Any) -> Any:
        return array * np.arange(len(array), dtype=array.dtype)[:, None] if len(array) > 1 else array

    return with_arrays(graph, RECURRENT, "h0", drop)


@slip
def epsilon_of_1e_5_added_twice(graph: Graph) -> Graph | None:
    """PyTorch's default."""
    return with_arrays(graph, ("normalize",), "inv_std", partial(with_epsilon, epsilon=1e-5))


# --- activations


@slip
def sigmoid_taken_for_hard_sigmoid(graph: Graph) -> Graph | None:
    gates = with_attrs(graph, RECURRENT, gate_activation="hard_sigmoid") or graph
    return _activation(gates, "sigmoid", "hard_sigmoid") or (gates if gates is not graph else None)


@slip
def tanh_taken_for_softsign(graph: Graph) -> Graph | None:
    cells = with_attrs(
        graph, RECURRENT, activation="softsign", cell_activation="softsign", output_activation="softsign"
    )
    return _activation(cells or graph, "tanh", "softsign") or cells


@slip
def recurrent_activation_taken_for_identity(graph: Graph) -> Graph | None:
    return with_attrs(graph, RECURRENT, activation="identity", cell_activation="identity")


def _activation(graph: Graph, old: str, new: str) -> Graph | None:
    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        return (replace(node, op=new),) if node.op == old else None

    return nodewise(graph, change)


# --- edges and time


@slip
def pad_before_only(graph: Graph) -> Graph | None:
    """As long as it should be, but all of the padding lies before."""

    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        if node.op != "pad":
            return None
        both = tuple(b + a for b, a in zip(node.attrs["before"], node.attrs["after"], strict=True))
        return (replace(node, attrs={**node.attrs, "before": both, "after": (0,) * len(both)}),)

    return nodewise(graph, change)


@slip
def pad_dropped(graph: Graph) -> Graph | None:
    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        return (replace(node, op="identity", attrs={}),) if node.op == "pad" else None

    return nodewise(graph, change)


@slip
def input_one_frame_early(graph: Graph) -> Graph | None:
    return beforehand(graph, partial(shifted, late=False))


@slip
def output_one_frame_late(graph: Graph) -> Graph | None:
    return afterwards(graph, partial(shifted, late=True)) if per_frame(graph) else None


# --- single values

ONE: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("scaled_by_1e-3", lambda a: a * (1 + 1e-3)),
    ("scaled_by_1e-4", lambda a: a * (1 + 1e-4)),
    ("scaled_by_1e-5", lambda a: a * (1 + 1e-5)),
    ("scaled_by_1e-6", lambda a: a * (1 + 1e-6)),
    ("dropped", lambda a: a * 0),
    ("sign_flipped", lambda a: -a),
)


def _first_and_last(graph: Graph, parameter: str, which: int) -> str | None:
    names = [call(node).tensors.get(parameter) for node in graph.nodes]
    names = [name for name in names if name in graph.constants]
    return names[which] if names else None


def _one_array(graph: Graph, *, parameter: str, which: int, change: Callable[[Any], Any]) -> Graph | None:
    """One layer's weights or biases as a whole."""
    name = _first_and_last(graph, parameter, which)
    if name is None:
        return None
    return _with(graph, name, change(graph.constants[name].astype(np.float64)))


def _one_element(graph: Graph, *, which: int, change: Callable[[Any], Any]) -> Graph | None:
    """One weight: the largest of a layer."""
    name = _first_and_last(graph, "weight", which)
    if name is None:
        return None
    array = graph.constants[name].astype(np.float64)
    at = np.unravel_index(np.argmax(np.abs(array)), array.shape)
    array[at] = change(array[at])
    return _with(graph, name, array)


def _with(graph: Graph, name: str, array: Any) -> Graph | None:
    old = graph.constants[name]
    new = array.astype(old.dtype)
    if np.array_equal(old, new):
        return None
    return graph.changed(constants={**graph.constants, name: new}, source=None)


for _what, _change in ONE:
    for _place, _which in (("first", 0), ("last", -1)):
        for _parameter in ("weight", "bias"):
            SLIPS[f"{_place}_{_parameter}_{_what}"] = partial(
                _one_array, parameter=_parameter, which=_which, change=_change
            )
        SLIPS[f"{_place}_element_{_what}"] = partial(_one_element, which=_which, change=_change)


@slip
def biases_rounded_to_float16(graph: Graph) -> Graph | None:
    ops = (*RECURRENT, "dense", "conv")
    return with_arrays(graph, ops, "bias", lambda a: a.astype(np.float16))
