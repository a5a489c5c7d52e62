"""Simple recurrent layers, GRU and LSTM in one and two directions. Tensors are (time, batch, vector, 1, 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .....graph import Array
from ..fields import Fields
from ..layer import Layer
from ..registry import layer
from ..weights import stored

#: What enters an activation is kept within this, and the cell too unless the file says otherwise.
CLIP = 50.0
#: Activations of gates without parameters, by the name that the operators know.
_PLAIN = {"sigmoid": "sigmoid", "tanh": "tanh", "ReLU": "relu"}
#: Those with parameters, and what they are for the only parameters that they may have; the first if left out.
#: A scaled tanh is tanh then, as Apple's tests expect it.
_SCALED = {
    "linear": {(1.0, 0.0): "identity"},
    "scaledTanh": {(1.0, 1.0): "tanh", (1.7159, 2 / 3): "scaled_tanh"},
    "sigmoidHard": {(0.2, 0.5): "hard_sigmoid"},
}


def _activation(layer: Layer, params: Fields) -> str:
    kind = params.which("NonlinearityType")
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind not in _SCALED:
        raise layer.error(
            "no activation for a recurrent layer",
            found=kind or None,
            expected=", ".join([*_PLAIN, *_SCALED]),
        )
    p, names = getattr(params, kind), _SCALED[kind]
    found = (p.alpha, p.beta)
    for fixed, name in names.items():
        # 1.71 is how some writers round the first.
        if found == (0.0, 0.0) or np.allclose(found, fixed, rtol=5e-3):
            return name
    raise layer.error(
        f"{kind} in a recurrent layer has other parameters",
        found=found,
        expected=" or ".join(map(str, names)),
    )


def _activations(layer: Layer, name: str, count: int) -> list[str]:
    found = getattr(layer.p, name)
    if len(found) != count:
        raise layer.error(f"number of {name} does not fit", found=len(found), expected=count)
    return [_activation(layer, one) for one in found]


def _begin(layer: Layer, states: int) -> tuple[str, int, int]:
    """Check inputs and outputs; the sequence (time, batch, in), and the sizes in and hidden."""
    for what, found in (("inputs", len(layer.inputs)), ("outputs", len(layer.outputs))):
        if found not in (1, 1 + states):
            raise layer.error(f"number of {what} does not fit", found=found, expected=f"1 or {1 + states}")
    if layer.rank() != 5:
        raise layer.error(
            "rank of the input does not fit", found=layer.rank(), expected="5 (time, batch, vector, 1, 1)"
        )
    ins, hidden = int(layer.p.inputVectorSize), int(layer.p.outputVectorSize)
    if not (0 < ins < 1 << 31 and 0 < hidden < 1 << 31):
        raise layer.error("vector sizes cannot be", found=(ins, hidden), expected="positive numbers")
    return layer.emit("squeeze", layer.x, axes=(3, 4), rank=3), ins, hidden


def _state(layer: Layer, place: int) -> str:
    """Input ``place``, a state, as (1, batch, hidden); none if the layer has no state inputs.

    Only the order of its elements counts: coremltools gives simple layers (batch, hidden, 1, 1, 1).
    """
    if place >= len(layer.inputs):
        return ""
    rank = layer.rank(layer.inputs[place])
    if rank != 5:
        raise layer.error("rank of a state does not fit", found=rank, expected="5 (1, batch, vector, 1, 1)")
    return layer.emit("reshape", layer.inputs[place], shape=(1, -1, int(layer.p.outputVectorSize)), rank=3)


def _end(layer: Layer, y: str, finals: Sequence[str], whole: bool) -> None:
    """Give the sequence, or its last element, and the last states, all with two unit axes behind."""
    results = [y if whole else finals[0], *finals][: len(layer.outputs)]
    layer.give(*(layer.emit("expand_dims", tensor, axes=(3, 4), rank=5) for tensor in results))


def _gates(layer: Layer, fields: Fields, names: Sequence[str], shape: tuple[int, ...]) -> Array:
    """Matrices (hidden, in) of several gates as (1, in, gates * hidden); vectors as (1, gates * hidden)."""
    # A coupled LSTM has no use for its forget gate and may leave it out.
    spare = layer.kind.endswith("LSTM") and layer.p.params.coupledInputAndForgetGate
    parts = [
        np.zeros(shape, np.float32)
        if spare and name.startswith("forgetGate") and not stored(fields, name)
        else layer.weight(name, shape, fields=fields)
        for name in names
    ]
    return np.concatenate([part.T for part in parts], axis=-1)[None]


def _reversed(layer: Layer, x: str) -> str:
    """The sequence backwards, if the layer reads it so; results come in the order of reading."""
    return layer.emit("reverse", x, axes=(0,)) if layer.p.reverseInput else x


@layer("simpleRecurrent")
def simple(layer: Layer) -> None:
    """Elman's layer."""
    x, ins, hidden = _begin(layer, 1)
    p = layer.p
    arrays = [
        layer.const(_gates(layer, p, [name], (hidden, size)), name)
        for name, size in (("weightMatrix", ins), ("recursionMatrix", hidden))
    ]
    bias = layer.const(_gates(layer, p, ["biasVector"], (hidden,)), "biasVector") if p.hasBiasVector else ""
    activation = _activation(layer, p.activation)
    y, h = layer.emit_all(
        "rnn",
        _reversed(layer, x),
        *arrays,
        bias,
        _state(layer, 1),
        results=2,
        ranks=(3, 3),
        activation=activation,
        clip=CLIP,
    )
    _end(layer, y, [h], bool(p.sequenceOutput))


@layer("gru")
def gru(layer: Layer) -> None:
    """Reset before the product; the update gate keeps the old state."""
    x, ins, hidden = _begin(layer, 1)
    p, gates = layer.p, [f"{gate}Gate" for gate in ("reset", "update", "output")]
    weight = _gates(layer, p, [f"{gate}WeightMatrix" for gate in gates], (hidden, ins))
    recurrent = _gates(layer, p, [f"{gate}RecursionMatrix" for gate in gates], (hidden, hidden))
    bias = ""
    if p.hasBiasVectors:
        bias = layer.const(_gates(layer, p, [f"{gate}BiasVector" for gate in gates], (hidden,)), "bias")
    gate, cell = _activations(layer, "activations", 2)
    y, h = layer.emit_all(
        "gru",
        _reversed(layer, x),
        layer.const(weight, "weights"),
        layer.const(recurrent, "recursion"),
        bias,
        "",
        _state(layer, 1),
        results=2,
        ranks=(3, 3),
        reset="before",
        update="keeps",
        gate_activation=gate,
        cell_activation=cell,
        clip=CLIP,
    )
    _end(layer, y, [h], bool(p.sequenceOutput))


def _lstm_arrays(layer: Layer, weights: Sequence[Fields], ins: int, hidden: int) -> tuple[str, str, str, str]:
    """Weights, recursion, bias and peepholes of one or two directions as constants; "" for what is not there."""
    params, gates = layer.p.params, ("inputGate", "forgetGate", "outputGate", "blockInput")

    def of(kind: str, shape: tuple[int, ...], names: Sequence[str] = gates) -> Array:
        return np.concatenate(
            [_gates(layer, one, [f"{gate}{kind}" for gate in names], shape) for one in weights]
        )

    arrays = [layer.const(of("WeightMatrix", (hidden, ins)), "weights")]
    arrays.append(layer.const(of("RecursionMatrix", (hidden, hidden)), "recursion"))
    bias = of("BiasVector", (hidden,)) if params.hasBiasVectors else None
    if params.forgetBias:
        ones = np.zeros((len(weights), 4 * hidden))  # float64, so that the sum is exact
        ones[:, hidden : 2 * hidden] = 1
        bias = ones if bias is None else bias + ones
    arrays.append("" if bias is None else layer.const(bias, "bias"))
    if not params.hasPeepholeVectors:
        return arrays[0], arrays[1], arrays[2], ""
    peephole = of("PeepholeVector", (hidden,), gates[:3])
    return (
        arrays[0],
        arrays[1],
        arrays[2],
        layer.const(peephole.reshape(len(weights), 3, hidden), "peepholes"),
    )


def _lstm(
    layer: Layer,
    x: str,
    arrays: Sequence[str],
    states: Sequence[str],
    activations: Sequence[str],
    direction: str,
) -> tuple[str, ...]:
    gate, cell, output = activations
    params = layer.p.params
    return layer.emit_all(
        "lstm",
        x,
        *arrays,
        *states,
        results=3,
        ranks=(3, 3, 3),
        direction=direction,
        gate_activation=gate,
        cell_activation=cell,
        output_activation=output,
        coupled=bool(params.coupledInputAndForgetGate),
        clip=CLIP,
        cell_clip=params.cellClipThreshold or CLIP,
    )


@layer("uniDirectionalLSTM")
def lstm(layer: Layer) -> None:
    """One direction; read backwards, results come in the order of reading."""
    x, ins, hidden = _begin(layer, 2)
    arrays = _lstm_arrays(layer, [layer.p.weightParams], ins, hidden)
    activations = _activations(layer, "activations", 3)
    states = [_state(layer, place) for place in (1, 2)]
    y, h, c = _lstm(layer, _reversed(layer, x), arrays, states, activations, "forward")
    _end(layer, y, [h, c], bool(layer.p.params.sequenceOutput))


@layer("biDirectionalLSTM")
def bidirectional_lstm(layer: Layer) -> None:
    """Both directions; results stand at the time of what they have read last, vectors side by side."""
    x, ins, hidden = _begin(layer, 4)
    if len(layer.p.weightParams) != 2:
        raise layer.error("number of weightParams does not fit", found=len(layer.p.weightParams), expected=2)
    arrays = _lstm_arrays(layer, layer.p.weightParams, ins, hidden)
    activations = _activations(layer, "activationsForwardLSTM", 3)
    backward = _activations(layer, "activationsBackwardLSTM", 3)
    if activations != backward:
        raise layer.error(
            "the two directions have different activations", found=backward, expected=activations
        )
    states = ["", ""]
    if len(layer.inputs) > 1:
        given = [_state(layer, place) for place in (1, 2, 3, 4)]
        states = [layer.emit("concat", given[k], given[k + 2], axis=0) for k in (0, 1)]
    y, h, c = _lstm(layer, x, arrays, states, activations, "bidirectional")
    (forward_h, backward_h), (forward_c, backward_c) = _halves(layer, h), _halves(layer, c)
    last = layer.emit("concat", forward_h, backward_h, axis=2)
    results = [y if layer.p.params.sequenceOutput else last, forward_h, forward_c, backward_h, backward_c]
    layer.give(
        *(layer.emit("expand_dims", one, axes=(3, 4), rank=5) for one in results[: len(layer.outputs)])
    )


def _halves(layer: Layer, state: str) -> tuple[str, str]:
    """A state (2, batch, hidden) by direction, each (1, batch, hidden)."""
    first = layer.emit("slice", state, starts=(0,), ends=(1,))
    return first, layer.emit("slice", state, starts=(1,), ends=(2,))
