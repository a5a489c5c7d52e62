"""RNN and LSTM as NeuralNetwork layers, where those compute the same.

The layers start from zeros, and they clip: what enters an activation to +-50, which a saturating activation does
not show (a sigmoid there is 1e-22 away from its limit), and the cell, whose bound is set to the largest float.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .....engine.bound_node import Call
from .....engine.operator import find
from .....engine.recurrence import DIRECTIONS
from .....graph import Array
from ....gates import PEEPHOLES, gates
from ..builder import Builder
from ..layers import NETWORK, Layers, fill, fills
from ..lowering import layered
from ..values import Value

#: Activations that are constant beyond +-50, as the layers name them.
SATURATING = {"sigmoid": "sigmoid", "tanh": "tanh", "hard_sigmoid": "sigmoidHard"}
#: Gates of an LSTM as the layers' fields begin.
GATES = {"i": "inputGate", "f": "forgetGate", "o": "outputGate", "g": "blockInput"}
#: Those of a GRU.
GRU_GATES = {"z": "updateGate", "r": "resetGate", "n": "outputGate"}
#: What the layers keep within this of zero before an activation.
CLIP = 50.0
UNBOUNDED = float(np.finfo(np.float32).max)


#: The error for a recurrence that no layer computes exactly.
refusal = NETWORK.refusal


@layered("rnn")
def rnn(b: Builder, c: Call) -> None:
    """simpleRecurrent, one a direction."""
    _checked(b, c, ("activation",))
    weight, recurrent, bias = b.weight(c, "weight"), b.weight(c, "recurrent"), b.constant(c, "bias")

    def one(layer: Any, d: int) -> None:
        field = layer.simpleRecurrent
        field.inputVectorSize, field.outputVectorSize = weight.shape[1:]
        _activation(field.activation, c.attrs["activation"])
        field.sequenceOutput = True
        fill(field.weightMatrix, weight[d].T)
        fill(field.recursionMatrix, recurrent[d].T)
        if bias is not None:
            field.hasBiasVector = True
            fill(field.biasVector, bias[d])

    _each_direction(b, c, one, recurrent.shape[1])


@layered("lstm")
def lstm(b: Builder, c: Call) -> None:
    """uniDirectionalLSTM or biDirectionalLSTM."""
    names = ("gate_activation", "cell_activation", "output_activation")
    _checked(b, c, names)
    arrays = {key: b.constant(c, key) for key in ("weight", "recurrent", "bias", "peephole")}
    peephole, (wide, hidden) = (
        arrays["peephole"],
        (b.weight(c, key).shape[1] for key in ("weight", "recurrent")),
    )
    if peephole is not None and c.attrs["output_peephole"] == "old" and peephole[:, 2].any():
        raise refusal(c, "its output gate looks at the old cell")

    def common(field: Any, weights: list[Any], lists: list[Any]) -> None:
        field.inputVectorSize, field.outputVectorSize = wide, hidden
        for one in lists:
            for name in names:
                _activation(one.add(), c.attrs[name])
        field.params.sequenceOutput = True
        field.params.hasBiasVectors = arrays["bias"] is not None
        field.params.hasPeepholeVectors = peephole is not None
        bound = c.attrs["cell_clip"]
        field.params.cellClipThreshold = UNBOUNDED if bound is None else bound
        for d, params in weights:
            _weights(params, {key: a[d] for key, a in arrays.items() if a is not None})

    def single(layer: Any, d: int) -> None:
        field = layer.uniDirectionalLSTM
        common(field, [(d, field.weightParams)], [field.activations])

    if len(DIRECTIONS[c.attrs["direction"]]) == 1:
        _each_direction(b, c, single, hidden)
        return
    x = _five(b, c)
    y = b.block.prefix + "steps"
    value = Value(b.writing.names.fresh(y), "float32", (*x.shape[:2], 2 * hidden, 1, 1))
    block = _layers(b)
    field = block.layer(value.name, [block.name(x)], [value.name]).biDirectionalLSTM
    weights = [(d, field.weightParams.add()) for d in (0, 1)]
    common(field, weights, [field.activationsForwardLSTM, field.activationsBackwardLSTM])
    _back(b, c, value)


@layered("gru")
def gru(b: Builder, c: Call) -> None:
    """gru, one a direction: it resets before the product, and keeps the old state by its update gate."""
    if c.attrs["reset"] != "before" or c.attrs["update"] != "keeps":
        raise refusal(
            c, "Core ML's layer applies the reset gate before the product, and starts from zeros only"
        )
    names = ("gate_activation", "cell_activation")
    _checked(b, c, names)
    arrays = {key: b.constant(c, key) for key in ("weight", "recurrent", "bias", "recurrent_bias")}
    weight, recurrent = b.weight(c, "weight"), b.weight(c, "recurrent")
    biases = [array for array in (arrays["bias"], arrays["recurrent_bias"]) if array is not None]
    both = {"WeightMatrix": weight, "RecursionMatrix": recurrent}
    if biases:
        both["BiasVector"] = np.sum(biases, axis=0)

    def one(layer: Any, d: int) -> None:
        field = layer.gru
        field.inputVectorSize, field.outputVectorSize = weight.shape[1], recurrent.shape[1]
        for name in names:
            _activation(field.activations.add(), c.attrs[name])
        field.sequenceOutput = True
        field.hasBiasVectors = bool(biases)
        for kind, array in both.items():
            for gate, part in gates(array[d], find("gru").facts.gates, axis=-1).items():
                fill(getattr(field, GRU_GATES[gate] + kind), part.T)

    _each_direction(b, c, one, recurrent.shape[1])


def _activation(field: Any, name: str) -> None:
    """An activation of a layer; that of Keras's hard sigmoid with its numbers."""
    if name == "hard_sigmoid":
        field.sigmoidHard.alpha, field.sigmoidHard.beta = 0.2, 0.5
    else:
        getattr(field, SATURATING[name]).SetInParent()


def _weights(params: Any, of: dict[str, Array]) -> None:
    """One direction's ``LSTMWeightParams``: each gate's matrices are (hidden, in)."""
    kinds = {"weight": "WeightMatrix", "recurrent": "RecursionMatrix", "bias": "BiasVector"}
    for key, kind in kinds.items():
        if key in of:
            for gate, part in gates(of[key], find("lstm").facts.gates, axis=-1).items():
                fill(getattr(params, GATES[gate] + kind), part.T)
    if "peephole" in of:
        for gate, row in gates(of["peephole"], PEEPHOLES, axis=0).items():
            fill(getattr(params, f"{GATES[gate]}PeepholeVector"), row)


def _checked(b: Builder, c: Call, activations: tuple[str, ...]) -> None:
    for name in activations:
        if c.attrs[name] not in SATURATING:
            raise refusal(c, f"the layer clips what enters {c.attrs[name]} ({name}) to +-50")
    for name in ("h0", "c0"):
        tensor = c.tensors.get(name)
        if tensor is not None and (tensor not in b.graph.constants or b.graph.constants[tensor].any()):
            raise refusal(c, f"the layer starts from zeros, and the network from a learned state ({name})")
    if c.attrs.get("clip") not in (None, CLIP):
        raise refusal(c, "it clips by itself (clip)", found=c.attrs["clip"])
    if c.attrs.get("coupled"):
        raise refusal(c, "its input and forget gates are coupled")
    if c.attrs.get("quantized"):
        raise refusal(c, "its state is quantised at every step")
    if any(name in b.read for name in c.node.outputs[1:]):
        raise refusal(c, "its last state is used")


def _each_direction(b: Builder, c: Call, one: Callable[[Any, int], None], hidden: int) -> None:
    """A layer for each direction; backwards between two reversals of time."""
    x, block = _five(b, c), _layers(b)
    parts = []
    for d, backwards in enumerate(DIRECTIONS[c.attrs["direction"]]):
        seen = block.unary("reverse", x, axes=(0,)) if backwards else x
        name = b.writing.names.fresh(f"{block.prefix}steps")
        made = Value(name, "float32", (*x.shape[:2], hidden, 1, 1))
        one(block.layer(name, [block.name(seen)], [name]), d)
        parts.append(block.unary("reverse", made, axes=(0,)) if backwards else made)
    joined = parts[0]
    if len(parts) > 1:
        sized = (*joined.shape[:2], 2 * hidden, 1, 1)
        joined = block.op("concat", values=tuple(parts), axis=2, interleave=False, sized=sized)
    _back(b, c, joined)


def _five(b: Builder, c: Call) -> Value:
    """The sequence as (time, batch, vector, 1, 1)."""
    x = b.get(c.tensors["x"])
    batched = x.rank == 3
    sized = (*x.shape, 1, 1) if batched else (x.shape[0], 1, x.shape[1], 1, 1)
    return b.block.op("expand_dims", x=x, axes=(3, 4) if batched else (1, 3, 4), sized=sized)


def _back(b: Builder, c: Call, value: Value) -> None:
    batched = b.rank(c.tensors["x"]) == 3
    b.result(c.node.outputs[0], "squeeze", x=value, axes=(3, 4) if batched else (1, 3, 4))


def _layers(b: Builder) -> Layers:
    assert isinstance(b.block, Layers)
    return b.block


@fills("reverse")
def reverse_layer(layer: Any, p: dict[str, Any], b: Layers) -> Sequence[str]:
    """reverse, which says for each axis whether it is."""
    layer.reverse.reverseDim.extend(axis in p["axes"] for axis in range(p["x"].rank))
    return [b.name(p["x"])]
