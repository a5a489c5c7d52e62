"""RNN, LSTM and GRU, with everything that ONNX lets them have.

ONNX stacks gates in rows, in the order i o f g (peepholes i o f) and z r n, and keeps two biases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .....engine.operator import find
from .....engine.recurrence import Activation
from ....gates import PEEPHOLES, ordered
from ....reading.gates import gathered
from ..node import Op, reads
from ..scope import Kind

#: ONNX activation -> core operator, and what its alpha and beta are there, with their defaults.
ACTIVATIONS: dict[str, tuple[str, tuple[tuple[str, float], ...]]] = {
    "relu": ("relu", ()),
    "tanh": ("tanh", ()),
    "sigmoid": ("sigmoid", ()),
    "softsign": ("softsign", ()),
    "softplus": ("softplus", ()),
    "affine": ("scale_shift", (("alpha", 1.0), ("beta", 0.0))),
    "leakyrelu": ("leaky_relu", (("slope", 0.01),)),
    "thresholdedrelu": ("thresholded_relu", (("threshold", 1.0),)),
    "scaledtanh": ("scaled_tanh", (("alpha", 1.0), ("beta", 1.0))),
    "elu": ("elu", (("alpha", 1.0),)),
    "hardsigmoid": ("hard_sigmoid", (("alpha", 0.2), ("beta", 0.5))),
}


@dataclass(frozen=True)
class Layer:
    """What an operator is here: its gates in the file's order (see `gates`), its activations, its settings.

    ``bytes_``: weights are bytes with scales and zero points, (direction, in, gates * hidden) as the engine has them.
    """

    core: str
    gates: str
    activations: tuple[tuple[str, str], ...]
    states: int
    settings: Mapping[str, Any]
    bytes_: bool = False


@reads("RNN")
def rnn(op: Op) -> None:
    """h = f(W x + R h' + b)"""
    _recurrent(op, Layer("rnn", "h", (("activation", "Tanh"),), 1, {}))


@reads("LSTM")
def lstm(op: Op) -> None:
    """c = f c' + i g, h = o f(c)"""
    _lstm(op)


@reads("DynamicQuantizeLSTM", domain="com.microsoft")
def dynamic_quantize_lstm(op: Op) -> None:
    """As LSTM, with weights in bytes; x as a whole and h at each step become bytes by their own range"""
    _lstm(op, bytes_=True)


def _lstm(op: Op, *, bytes_: bool = False) -> None:
    names = (("gate_activation", "Sigmoid"), ("cell_activation", "Tanh"), ("output_activation", "Tanh"))
    settings: dict[str, Any] = {"coupled": True} if op.attr("input_forget", 0) else {}
    if bytes_:
        settings["quantized"] = True
    _recurrent(op, Layer("lstm", "iofg", names, 2, settings, bytes_))


@reads("GRU")
def gru(op: Op) -> None:
    """h = (1 - z) n + z h'"""
    settings = {"reset": "after" if op.attr("linear_before_reset", 0) else "before"}
    _recurrent(
        op,
        Layer("gru", "zrn", (("gate_activation", "Sigmoid"), ("cell_activation", "Tanh")), 1, settings),
    )


def _recurrent(op: Op, layer: Layer) -> None:
    direction = op.attr("direction", "forward").lower()
    if direction not in ("forward", "reverse", "bidirectional"):
        raise op.error("unknown direction", found=direction, expected="forward, reverse or bidirectional")
    count = 2 if direction == "bidirectional" else 1
    op.ignore("output_sequence")  # of opsets whose outputs tell it as well
    hidden = op.shape(2)[1 if layer.bytes_ else 2]
    if not isinstance(hidden, int) or op.attr("hidden_size", hidden) != hidden:
        raise op.error(
            "hidden_size is not the recurrence weight's", found=op.attr("hidden_size", None), expected=hidden
        )
    wide, along = len(layer.gates) * hidden, 2 if layer.bytes_ else 1
    for place in (1, 2):
        if op.shape(place)[0] not in (None, count) or op.shape(place)[along] not in (None, wide):
            raise op.error(
                "shape of a weight does not fit",
                found=op.shape(place),
                expected=f"({count}, {f'..., {wide}' if layer.bytes_ else f'{wide}, ...'}) for {direction}",
            )
    batch_first = op.attr("layout", False, bool)
    if layer.bytes_ and op.has(4) and op.shape(0)[1 - batch_first] != 1:
        op.declined("sequences of their own lengths whose states are quantised together")
    x = op.temp("transpose", [op.input(0)], axes=(1, 0, 2)) if batch_first else op.input(0)
    x = _of_one_batch(op, x, layer.states, batch_first)
    if layer.bytes_:
        x = op.temp("dequantize", op.temps("quantize_range", [x], 3, dtype="float32"), dtype="float32")
    arrays = [_matrix(op, place, layer, hidden) for place in (1, 2)]
    arrays += _biases(op, layer, hidden)
    if layer.core == "lstm":
        arrays.append(_peepholes(op, count, hidden))
    arrays += [_state(op, 5 + k, batch_first) for k in range(layer.states)]
    sides = _activations(op, layer, count)
    clip = op.attr("clip", 0.0)
    settings = {**layer.settings, **({"clip": float(clip)} if clip > 0 else {})}
    if count == 1 or sides[0] == sides[1]:
        results = _emitted(op, layer, [x, *arrays], {**sides[0], **settings, "direction": direction})
    else:
        parts = []
        for side, name in enumerate(("forward", "reverse")):
            own = [a and op.temp("slice", [a], starts=(side,), ends=(side + 1,), axes=(0,)) for a in arrays]
            parts.append(_emitted(op, layer, [x, *own], {**sides[side], **settings, "direction": name}))
        results = [
            op.temp("concat", list(pair), axis=2 if k == 0 else 0)
            for k, pair in enumerate(zip(*parts, strict=True))
        ]
    _finish(op, layer, results, count, hidden, batch_first)


def _of_one_batch(op: Op, x: str, states: int, batch_first: bool) -> str:
    """x (time, batch, in), which runs at no other batch than that of an initial state.

    The engine would let one state start every sequence; ONNX does not, and runtimes refuse it.
    """
    sizes = [op.shape(place)[1 - batch_first] for place in range(5, 5 + states) if op.has(place)]
    fixed = next((size for size in sizes if isinstance(size, int)), None)
    if fixed is None or isinstance(op.shape(0)[1 - batch_first], int):
        return x
    return op.temp("reshape", [x], shape=(0, fixed, 0))


def _emitted(op: Op, layer: Layer, inputs: list[str], attrs: dict[str, Any]) -> list[str]:
    """The core node, or where sequences have lengths of their own the one that runs it by them."""
    if not op.has(4):
        return list(op.temps(layer.core, inputs, 1 + layer.states, **attrs))
    first = {"rnn": 3, "gru": 4, "lstm": 4}[layer.core]
    rows = tuple(range(first, first + layer.states))
    inputs = [inputs[0], op.input(4), *inputs[1:]]
    return list(op.temps("by_length", inputs, 1 + layer.states, of=layer.core, rows=rows, given=attrs))


def _matrix(op: Op, place: int, layer: Layer, hidden: int) -> str:
    """(direction, gates * hidden, in) as (direction, in, gates * hidden) with gates in another order."""
    known, want = op.known(place), find(layer.core).facts.gates
    if layer.bytes_:
        return _dequantized(op, place, layer, hidden)
    if known is None:
        turned = op.temp("transpose", [op.input(place)], axes=(0, 2, 1))
        return gathered(op, turned, layer.gates, want, hidden, axis=2)
    stacked = ordered(known, layer.gates, want, axis=1)
    return op.constant(stacked.transpose(0, 2, 1), "weight" if place == 1 else "recurrent")


def _dequantized(op: Op, place: int, layer: Layer, hidden: int) -> str:
    """Bytes (direction, in, gates * hidden) as numbers, with gates in another order; scales are one a direction
    or one a column, and so are zero points.
    """
    want = find(layer.core).facts.gates
    parts = []
    for at in (place, 6 + 2 * place, 7 + 2 * place):
        if at != place and not op.has(at):
            continue
        known, part = op.known(at), op.input(at)
        shape = op.shape(at)
        if at != place and len(shape) == 1:
            parts.append(op.temp("reshape", [part], dtype=op.dtype(at), shape=(-1, 1, 1)))
            continue
        if known is not None:
            part = op.constant(
                ordered(known, layer.gates, want, axis=-1), "weight" if place == 1 else "recurrent"
            )
        else:
            part = gathered(op, part, layer.gates, want, hidden, axis=len(shape) - 1)
        parts.append(part if at == place else op.temp("expand_dims", [part], dtype=op.dtype(at), axes=(1,)))
    return op.temp("dequantize", parts, dtype="float32")


def _biases(op: Op, layer: Layer, hidden: int) -> list[str]:
    """The bias (direction, 2 * gates * hidden): one sum, or two for a GRU."""
    both = layer.core == "gru"
    if not op.has(3):
        return ["", ""] if both else [""]
    have, want = layer.gates, find(layer.core).facts.gates
    known = op.known(3)
    if known is not None:
        halves = [ordered(half, have, want, axis=1) for half in np.split(known, 2, axis=1)]
        if both:
            return [op.constant(halves[0], "bias"), op.constant(halves[1], "recurrent_bias")]
        if not halves[1].any():
            return [op.constant(halves[0], "bias")]
        if not halves[0].any():
            return [op.constant(halves[1], "bias")]
        return [op.temp("add", [op.constant(halves[0], "bias"), op.constant(halves[1], "recurrent_bias")])]
    parts = op.temps("split", [op.input(3)], 2, axis=1, count=2)
    turned = [gathered(op, part, have, want, hidden, axis=1) for part in parts]
    return turned if both else [op.temp("add", turned)]


def _peepholes(op: Op, count: int, hidden: int) -> str:
    """(direction, 3 * hidden) i o f as (direction, 3, hidden) i f o."""
    if not op.has(7):
        return ""
    known = op.known(7)
    if known is not None:
        rows = ordered(known.reshape(count, 3, hidden), "iof", PEEPHOLES, axis=1)
        return op.constant(rows, "peephole")
    given = op.temp("reshape", [op.input(7)], shape=(count, 3, hidden))
    return gathered(op, given, "iof", PEEPHOLES, 1, axis=1)


def _state(op: Op, place: int, batch_first: bool) -> str:
    """An initial state as (direction, batch, hidden)."""
    if not op.has(place):
        return ""
    return op.temp("transpose", [op.input(place)], axes=(1, 0, 2)) if batch_first else op.input(place)


def _activations(op: Op, layer: Layer, count: int) -> list[dict[str, Activation]]:
    """The core operator's activations for each direction; alphas and betas go to those that take them, in order."""
    names = [name for name, _ in layer.activations]
    given = op.attr("activations", tuple(default for _, default in layer.activations) * count)
    if len(given) != count * len(names):
        raise op.error("another number of activations", found=given, expected=f"{count * len(names)}")
    left = {"alpha": list(op.attr("activation_alpha", ())), "beta": list(op.attr("activation_beta", ()))}
    found: list[Activation] = []
    for name in given:
        known = ACTIVATIONS.get(name.lower().replace("_", ""))
        if known is None:
            raise op.error("unknown activation", found=name, expected=", ".join(sorted(ACTIVATIONS)))
        core, parameters = known
        attrs: dict[str, Any] = {}
        for which, (parameter, default) in zip(("alpha", "beta"), parameters, strict=False):
            attrs[parameter] = float(left[which].pop(0)) if left[which] else default
        if core == "thresholded_relu":
            attrs["inclusive"] = False
        found.append((core, tuple(attrs.items())) if attrs else core)
    return [dict(zip(names, found[k * len(names) :], strict=False)) for k in range(count)]


def _finish(op: Op, layer: Layer, results: Sequence[str], count: int, hidden: int, batch_first: bool) -> None:
    """y (time, batch, direction * hidden) as (time, direction, batch, hidden); the batch first if asked for."""
    y, *states = results
    time, batch = (*op.shape(0)[:2],)
    if batch_first:
        time, batch = batch, time
    final = Kind(op.dtype(0), (batch, count, hidden) if batch_first else (count, batch, hidden))
    whole = Kind(op.dtype(0), (batch, time, count, hidden) if batch_first else (time, count, batch, hidden))
    if op.wanted(0):
        split = op.temp("reshape", [y], shape=(0, 0, count, hidden))
        axes = (1, 0, 2, 3) if batch_first else (0, 2, 1, 3)
        op.give("transpose", [split], output=0, kind=whole, axes=axes)
    for place, state in enumerate(states, 1):
        if not op.wanted(place):
            continue
        if batch_first:
            op.give("transpose", [state], output=place, kind=final, axes=(1, 0, 2))
        else:
            op.give("identity", [state], output=place, kind=final)
