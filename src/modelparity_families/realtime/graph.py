"""A stack with weights as a `Graph`: the reference that everything else is compared with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from modelparity.graph import Array, Axis, Graph, Node, Source, TensorSpec

from .stack import Layer, Stack

#: PyTorch's gates i f g o in the engine's order i f o g.
ORDER = (0, 1, 3, 2)


def graph_of(
    stack: Stack, weights: Mapping[str, Array], *, step: bool = False, source: Source | None = None
) -> Graph:
    """x (time, feature) -> y (time, feature), from weights as PyTorch keeps them.

    A dense layer serves each frame alone; an LSTM runs along time from zeros. With ``step`` its state is an input
    and an output (h, c (1, hidden) -> h_next, c_next): a host without a sequence of its own calls it frame by frame.
    """
    nodes: list[Node] = []
    constants: dict[str, Array] = {}
    tensor, states = "x", {}
    specs = [TensorSpec("x", (Axis("time"), Axis("feature", stack.input)))]
    for index, layer in enumerate(stack.layers):
        origin = f"layers.{index}"
        own = {part: weights[f"{origin}.{part}"] for part in layer.arrays}
        arrays = _dense(own) if layer.kind == "dense" else _lstm(own)
        constants |= {f"{origin}.{part}": array for part, array in arrays.items()}
        given = (tensor, *(f"{origin}.{part}" for part in arrays))
        name = f"{layer.kind}{index}"
        outputs: tuple[str, ...] = (name,)
        if layer.kind == "lstm":
            outputs = (name, "h_next", "c_next")
            if step:
                specs += [_state("h", layer), _state("c", layer)]
                given, states = (*given, "", "h", "c"), {"h": "h_next", "c": "c_next"}
        nodes.append(Node(name, layer.kind, given, outputs, {}, origin))
        tensor = name
        if layer.activation:
            tensor = f"{layer.activation}{index}"
            attrs = {"axis": -1} if layer.activation == "softmax" else {}
            nodes.append(Node(tensor, layer.activation, (name,), (tensor,), attrs, origin))
    last = nodes[-1]
    nodes[-1] = Node(last.name, last.op, last.inputs, ("y", *last.outputs[1:]), last.attrs, last.origin)
    name = f"{stack.name}.step" if step else stack.name
    return Graph(
        name, tuple(specs), ("y", *states.values()), tuple(nodes), constants, source=source, states=states
    )


def _state(name: str, layer: Layer) -> TensorSpec:
    return TensorSpec(name, (Axis("direction", 1), Axis("hidden", layer.width)))


def _dense(own: Mapping[str, Array]) -> dict[str, Array]:
    return {"weight": own["weight"].T, "bias": own["bias"]}


def _lstm(own: Mapping[str, Array]) -> dict[str, Array]:
    # Only the sum of the two biases counts; it is exact in float64.
    bias = own["bias_ih_l0"].astype(np.float64) + own["bias_hh_l0"]
    arrays = {"weight": own["weight_ih_l0"], "recurrent": own["weight_hh_l0"], "bias": bias}
    return {part: _gates(array)[None] for part, array in arrays.items()}


def _gates(rows: Array) -> Array:
    """(4 * hidden, ...) -> (..., 4 * hidden), gates reordered."""
    gates = np.split(rows, 4)
    return np.concatenate([gates[gate] for gate in ORDER]).T
