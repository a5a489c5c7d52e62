"""Simple recurrent layers, GRU and LSTM in one and two directions. Tensors are (time, batch, vector, 1, 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .....graph import Array
from ..fields import Fields
from ..layer import Op
from ..registry import reads
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


def _activation(op: Op, params: Fields) -> str:
    kind = params.which("NonlinearityType")
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind not in _SCALED:
        raise op.error(
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
    raise op.error(
        f"{kind} in a recurrent layer has other parameters",
        found=found,
        expected=" or ".join(map(str, names)),
    )


def _activations(op: Op, name: str, count: int) -> list[str]:
    found = op.attr(name)
    if len(found) != count:
        raise op.error(f"number of {name} does not fit", found=len(found), expected=count)
    return [_activation(op, one) for one in found]


def _begin(op: Op, states: int) -> tuple[str, int, int]:
    """Check inputs and outputs; the sequence (time, batch, in), and the sizes in and hidden."""
    for what, found in (("inputs", op.count), ("outputs", len(op.outputs))):
        if found not in (1, 1 + states):
            raise op.error(f"number of {what} does not fit", found=found, expected=f"1 or {1 + states}")
    if op.rank() != 5:
        raise op.error(
            "rank of the input does not fit", found=op.rank(), expected="5 (time, batch, vector, 1, 1)"
        )
    ins, hidden = op.attr("inputVectorSize", kind=int), op.attr("outputVectorSize", kind=int)
    if not (0 < ins < 1 << 31 and 0 < hidden < 1 << 31):
        raise op.error("vector sizes are not valid", found=(ins, hidden), expected="positive numbers")
    return op.temp("squeeze", [op.input(0)], axes=(3, 4), rank=3), ins, hidden


def _state(op: Op, place: int) -> str:
    """Input ``place``, a state, as (1, batch, hidden); none if the layer has no state inputs.

    Only the order of its elements counts: coremltools gives simple layers (batch, hidden, 1, 1, 1).
    """
    if place >= op.count:
        return ""
    rank = op.rank(place)
    if rank != 5:
        raise op.error("rank of a state does not fit", found=rank, expected="5 (1, batch, vector, 1, 1)")
    return op.temp("reshape", [op.input(place)], shape=(1, -1, op.attr("outputVectorSize", kind=int)), rank=3)


def _end(op: Op, y: str, finals: Sequence[str], whole: bool) -> None:
    """Give the sequence, or its last element, and the last states, all with two unit axes behind."""
    results = [y if whole else finals[0], *finals][: len(op.outputs)]
    op.results(*(op.temp("expand_dims", [tensor], axes=(3, 4), rank=5) for tensor in results))


def _gates(op: Op, fields: Fields, names: Sequence[str], shape: tuple[int, ...]) -> Array:
    """Matrices (hidden, in) of several gates as (1, in, gates * hidden); vectors as (1, gates * hidden)."""
    # A coupled LSTM has no use for its forget gate and may leave it out.
    spare = op.type.endswith("LSTM") and op.attr("params").coupledInputAndForgetGate
    parts = [
        np.zeros(shape, np.float32)
        if spare and name.startswith("forgetGate") and not stored(fields, name)
        else op.weight(name, shape, fields=fields)
        for name in names
    ]
    return np.concatenate([part.T for part in parts], axis=-1)[None]


def _reversed(op: Op, x: str) -> str:
    """The sequence backwards, if the layer reads it so; results come in the order of reading."""
    return op.temp("reverse", [x], axes=(0,)) if op.attr("reverseInput") else x


@reads("simpleRecurrent")
def simple(op: Op) -> None:
    """Elman's layer."""
    x, ins, hidden = _begin(op, 1)
    arrays = [
        op.constant(_gates(op, op.p, [name], (hidden, size)), name)
        for name, size in (("weightMatrix", ins), ("recursionMatrix", hidden))
    ]
    bias = (
        op.constant(_gates(op, op.p, ["biasVector"], (hidden,)), "biasVector")
        if op.attr("hasBiasVector")
        else ""
    )
    activation = _activation(op, op.attr("activation"))
    y, h = op.temps(
        "rnn",
        [_reversed(op, x), *arrays, bias, _state(op, 1)],
        2,
        ranks=(3, 3),
        activation=activation,
        clip=CLIP,
    )
    _end(op, y, [h], op.attr("sequenceOutput", kind=bool))


@reads("gru")
def gru(op: Op) -> None:
    """Reset before the product; the update gate keeps the old state."""
    x, ins, hidden = _begin(op, 1)
    gates = [f"{gate}Gate" for gate in ("reset", "update", "output")]
    weight = _gates(op, op.p, [f"{gate}WeightMatrix" for gate in gates], (hidden, ins))
    recurrent = _gates(op, op.p, [f"{gate}RecursionMatrix" for gate in gates], (hidden, hidden))
    bias = ""
    if op.attr("hasBiasVectors"):
        bias = op.constant(_gates(op, op.p, [f"{gate}BiasVector" for gate in gates], (hidden,)), "bias")
    gate, cell = _activations(op, "activations", 2)
    y, h = op.temps(
        "gru",
        [
            _reversed(op, x),
            op.constant(weight, "weights"),
            op.constant(recurrent, "recursion"),
            bias,
            "",
            _state(op, 1),
        ],
        2,
        ranks=(3, 3),
        reset="before",
        update="keeps",
        gate_activation=gate,
        cell_activation=cell,
        clip=CLIP,
    )
    _end(op, y, [h], op.attr("sequenceOutput", kind=bool))


def _lstm_arrays(op: Op, weights: Sequence[Fields], ins: int, hidden: int) -> tuple[str, str, str, str]:
    """Weights, recursion, bias and peepholes of one or two directions as constants; "" for what is not there."""
    params, gates = op.attr("params"), ("inputGate", "forgetGate", "outputGate", "blockInput")

    def of(kind: str, shape: tuple[int, ...], names: Sequence[str] = gates) -> Array:
        return np.concatenate(
            [_gates(op, one, [f"{gate}{kind}" for gate in names], shape) for one in weights]
        )

    arrays = [op.constant(of("WeightMatrix", (hidden, ins)), "weights")]
    arrays.append(op.constant(of("RecursionMatrix", (hidden, hidden)), "recursion"))
    bias = of("BiasVector", (hidden,)) if params.hasBiasVectors else None
    if params.forgetBias:
        ones = np.zeros((len(weights), 4 * hidden))  # float64, so that the sum is exact
        ones[:, hidden : 2 * hidden] = 1
        bias = ones if bias is None else bias + ones
    arrays.append("" if bias is None else op.constant(bias, "bias"))
    if not params.hasPeepholeVectors:
        return arrays[0], arrays[1], arrays[2], ""
    peephole = of("PeepholeVector", (hidden,), gates[:3])
    return (
        arrays[0],
        arrays[1],
        arrays[2],
        op.constant(peephole.reshape(len(weights), 3, hidden), "peepholes"),
    )


def _lstm(
    op: Op,
    x: str,
    arrays: Sequence[str],
    states: Sequence[str],
    activations: Sequence[str],
    direction: str,
) -> tuple[str, ...]:
    gate, cell, output = activations
    params = op.attr("params")
    return op.temps(
        "lstm",
        [x, *arrays, *states],
        3,
        ranks=(3, 3, 3),
        direction=direction,
        gate_activation=gate,
        cell_activation=cell,
        output_activation=output,
        coupled=bool(params.coupledInputAndForgetGate),
        clip=CLIP,
        cell_clip=params.cellClipThreshold or CLIP,
    )


@reads("uniDirectionalLSTM")
def lstm(op: Op) -> None:
    """One direction; read backwards, results come in the order of reading."""
    x, ins, hidden = _begin(op, 2)
    arrays = _lstm_arrays(op, [op.attr("weightParams")], ins, hidden)
    activations = _activations(op, "activations", 3)
    states = [_state(op, place) for place in (1, 2)]
    y, h, c = _lstm(op, _reversed(op, x), arrays, states, activations, "forward")
    _end(op, y, [h, c], bool(op.attr("params").sequenceOutput))


@reads("biDirectionalLSTM")
def bidirectional_lstm(op: Op) -> None:
    """Both directions; results stand at the time of what they have read last, vectors side by side."""
    x, ins, hidden = _begin(op, 4)
    if len(op.attr("weightParams")) != 2:
        raise op.error("number of weightParams does not fit", found=len(op.attr("weightParams")), expected=2)
    arrays = _lstm_arrays(op, op.attr("weightParams"), ins, hidden)
    activations = _activations(op, "activationsForwardLSTM", 3)
    backward = _activations(op, "activationsBackwardLSTM", 3)
    if activations != backward:
        raise op.error("the two directions have different activations", found=backward, expected=activations)
    states = ["", ""]
    if op.count > 1:
        given = [_state(op, place) for place in (1, 2, 3, 4)]
        states = [op.temp("concat", [given[k], given[k + 2]], axis=0) for k in (0, 1)]
    y, h, c = _lstm(op, x, arrays, states, activations, "bidirectional")
    (forward_h, backward_h), (forward_c, backward_c) = _halves(op, h), _halves(op, c)
    last = op.temp("concat", [forward_h, backward_h], axis=2)
    results = [y if op.attr("params").sequenceOutput else last, forward_h, forward_c, backward_h, backward_c]
    op.results(*(op.temp("expand_dims", [one], axes=(3, 4), rank=5) for one in results[: len(op.outputs)]))


def _halves(op: Op, state: str) -> tuple[str, str]:
    """A state (2, batch, hidden) by direction, each (1, batch, hidden)."""
    first = op.temp("slice", [state], starts=(0,), ends=(1,))
    return first, op.temp("slice", [state], starts=(1,), ends=(2,))
