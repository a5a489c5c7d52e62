"""Conversion mistakes as they occur in the wild: each makes of a graph the wrong one.

``None`` comes back where a network has nothing that the mistake could spoil.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from modelparity.engine.bound_node import call
from modelparity.graph import Array, Graph, Node

from .changing import (
    RECURRENT,
    Constants,
    Fault,
    afterwards,
    node_of,
    nodewise,
    per_frame,
    with_arrays,
    with_attrs,
    without,
)

#: Every fault by name.
FAULTS: dict[str, Fault] = {}
ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "softmax")


def fault(function: Fault) -> Fault:
    """Register a fault under its name."""
    FAULTS[function.__name__] = function
    return function


@fault
def reset_before_the_product(graph: Graph) -> Graph | None:
    return with_attrs(graph, ("gru",), reset="before")


@fault
def update_gate_complemented(graph: Graph) -> Graph | None:
    return with_attrs(graph, ("gru",), update="keeps")


@fault
def initial_state_dropped(graph: Graph) -> Graph | None:
    return without(graph, RECURRENT, "h0", "c0")


@fault
def peepholes_dropped(graph: Graph) -> Graph | None:
    return without(graph, ("lstm",), "peephole")


@fault
def old_cell_in_the_output_gate(graph: Graph) -> Graph | None:
    return with_attrs(graph, ("lstm",), output_peephole="old") if peepholes_dropped(graph) else None


@fault
def kernels_not_flipped(graph: Graph) -> Graph | None:
    return with_attrs(graph, ("conv",), flip=False)


@fault
def stride_taken_for_flatten(graph: Graph) -> Graph | None:
    """Blocks side by side instead of overlapping, which makes the result shorter."""

    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        if node.op != "windows" or node.attrs["size"] == 1:
            return None
        return (replace(node, attrs={**node.attrs, "hop": node.attrs["size"]}),)

    return nodewise(graph, change)


@fault
def windows_flattened_channel_before_frequency(graph: Graph) -> Graph | None:
    return _flattened(graph, (0, 1, 3, 2))


@fault
def windows_flattened_channel_first(graph: Graph) -> Graph | None:
    return _flattened(graph, (0, 3, 1, 2))


def _flattened(graph: Graph, axes: tuple[int, ...]) -> Graph | None:
    """Windows of (time, frequency, channel) flattened in another order."""

    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        before = graph.nodes[: graph.nodes.index(node)] if node.op == "windows" else ()
        channels = next((constants[n.inputs[1]].shape[-1] for n in before[::-1] if n.op == "conv"), None)
        if channels is None:
            return None
        user = next(n for n in graph.nodes if node.outputs[0] in n.inputs)
        rows, size, (to,) = constants[user.inputs[1]].shape[0], node.attrs["size"], node.outputs
        shape = (-1, size, rows // size // channels, channels)
        return (
            replace(node, outputs=(f"{to}.flat",)),
            node_of("reshape", f"{to}.flat", f"{to}.blocks", shape=shape),
            node_of("transpose", f"{to}.blocks", f"{to}.turned", axes=axes),
            node_of("reshape", f"{to}.turned", to, shape=(-1, rows)),
        )

    return nodewise(graph, change)


@fault
def inverse_deviation_taken_for_variance(graph: Graph) -> Graph | None:
    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        return (replace(node, op="batch_norm", attrs={"epsilon": 1e-5}),) if node.op == "normalize" else None

    return nodewise(graph, change)


@fault
def epsilon_added_twice(graph: Graph) -> Graph | None:
    """The stored deviation has its epsilon already; Lasagne's 1e-4, with which these were trained, comes on top."""
    return with_arrays(graph, ("normalize",), "inv_std", partial(with_epsilon, epsilon=1e-4))


def with_epsilon(inv_std: Array, epsilon: float) -> Array:
    """An inverse deviation whose variance is larger by epsilon."""
    return 1 / np.sqrt(1 / np.square(inv_std.astype(np.float64)) + epsilon)


@fault
def backward_not_restored_in_time(graph: Graph) -> Graph | None:
    """The backward direction's results stay in the order in which they were computed."""

    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        if node.op not in RECURRENT or call(node).attrs["direction"] != "bidirectional":
            return None
        backwards, made = f"{node.name}.backwards", []
        turn = {"starts": (-1,), "ends": (None,), "axes": (0,), "steps": (-1,)}
        nodes = [node_of("slice", node.inputs[0], backwards, **turn)]
        for side, source in enumerate((node.inputs[0], backwards)):
            inputs = [source, *(name and f"{name}.{side}" for name in node.inputs[1:])]
            for name in filter(None, node.inputs[1:]):
                constants[f"{name}.{side}"] = constants[name][side : side + 1]
            made.append(f"{node.name}.{side}")
            attrs = {**node.attrs, "direction": "forward"}
            nodes.append(node_of(node.op, tuple(inputs), made[-1], **attrs))
        return (*nodes, node_of("concat", tuple(made), node.outputs[0], axis=1))

    return nodewise(graph, change)


@fault
def pad_on_all_axes(graph: Graph) -> Graph | None:
    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        if node.op != "pad" or 0 not in node.attrs["before"]:
            return None
        ends = {end: (max(node.attrs[end]),) * len(node.attrs[end]) for end in ("before", "after")}
        return (replace(node, attrs={**node.attrs, **ends}),)

    return nodewise(graph, change)


@fault
def softmax_over_time(graph: Graph) -> Graph | None:
    return with_attrs(graph, ("softmax",), axis=0)


@fault
def activations_taken_for_identity(graph: Graph) -> Graph | None:
    def change(node: Node, constants: Constants) -> tuple[Node, ...] | None:
        return (replace(node, op="identity", attrs={}),) if node.op in ACTIVATIONS else None

    return nodewise(graph, change)


@fault
def last_frame_missing(graph: Graph) -> Graph | None:
    """What a comparison of the common prefix lets through."""
    if not per_frame(graph):
        return None
    return afterwards(graph, lambda raw, y: (node_of("slice", raw, y, starts=(0,), ends=(-1,), axes=(0,)),))
