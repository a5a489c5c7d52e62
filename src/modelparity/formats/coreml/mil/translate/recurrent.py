"""Recurrent layers. Time comes first, then batch; gates stand one after another in the rows of the matrices.

``direction="reverse"`` runs over the input backwards and hands out its results in the order it makes them; the
backward half of a bidirectional layer hands them out in the order of the input.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .....engine.operator import find
from ....reading.gates import gathered
from ....reading.translating import known_as
from ..operators import Op, reads

#: Activations as core operators know them. A scaled tanh has here its standard scales, 1 and 1.
ACTIVATIONS = {
    "tanh": "tanh",
    "scaled_tanh": "tanh",
    "sigmoid": "sigmoid",
    "hard_sigmoid": "hard_sigmoid",
    "sigmoid_hard": "hard_sigmoid",
    "relu": "relu",
    "linear": "identity",
}


@reads("lstm")
def lstm(op: Op) -> None:
    """Gates i f o g, peepholes i f o; ``clip`` bounds the cell state."""
    both = direction(op, "bidirectional") == "bidirectional"
    sides = ("", "_back") if both else ("",)
    if not both:  # the definition: only used when direction is bidirectional
        op.ignore("weight_ih_back", "weight_hh_back", "bias_back", "peephole_back")
    hidden = op.shape("weight_hh")[1] or 0
    weight, recurrent = (
        matrices(op, [f"{name}{side}" for side in sides]) for name in ("weight_ih", "weight_hh")
    )
    bias = vectors(op, [f"bias{side}" for side in sides], (1, 4 * hidden))
    peephole = vectors(op, [f"peephole{side}" for side in sides], (1, 3, hidden))
    states = [initial(op, name, len(sides), hidden) for name in ("initial_h", "initial_c")]
    clip = op.attr("clip", None)
    results = op.temps(
        "lstm",
        [steps(op), weight, recurrent, bias, peephole, *states],
        3,
        gate_activation=activation(op, "recurrent_activation", "sigmoid"),
        cell_activation=activation(op, "cell_activation", "tanh"),
        output_activation=activation(op, "activation", "tanh"),
        cell_clip=None if clip is None else float(clip),
        direction="bidirectional" if both else "forward",
    )
    finish(op, results, len(sides), hidden)


@reads("gru")
def gru(op: Op) -> None:
    """Gates r n z; h = (1 - z) n + z h'. Reset comes before the product unless told."""
    direction(op)
    hidden = op.shape("weight_hh")[1] or 0
    after = op.attr("reset_after", False, bool)
    names, shape, want = ("weight_ih", "weight_hh"), (1, 3 * hidden), find("gru").facts.gates
    weight, recurrent = (gathered(op, matrices(op, [one]), "rnz", want, hidden, axis=2) for one in names)
    biases = [vectors(op, [one], shape) for one in ("input_bias", "bias")]
    biases = [one and gathered(op, one, "rnz", want, hidden, axis=1) for one in biases]
    results = op.temps(
        "gru",
        [steps(op), weight, recurrent, *biases, initial(op, "initial_h", 1, hidden)],
        2,
        reset="after" if after else "before",
        gate_activation=activation(op, "recurrent_activation", "sigmoid"),
        cell_activation=activation(op, "activation", "tanh"),
    )
    finish(op, results, 1, hidden)


@reads("rnn")
def rnn(op: Op) -> None:
    """h = activation(W x + R h' + b)"""
    direction(op)
    hidden = op.shape("weight_hh")[1] or 0
    weight, recurrent = matrices(op, ["weight_ih"]), matrices(op, ["weight_hh"])
    inputs = [
        steps(op),
        weight,
        recurrent,
        vectors(op, ["bias"], (1, hidden)),
        initial(op, "initial_h", 1, hidden),
    ]
    results = op.temps("rnn", inputs, 2, activation=activation(op, "activation", "tanh"))
    finish(op, results, 1, hidden)


def direction(op: Op, *more: str) -> str:
    """forward, reverse, or one of ``more``."""
    return op.choice("direction", known_as("forward", "reverse", *more), "forward")


def activation(op: Op, param: str, default: str) -> str:
    """The core operator of an activation."""
    name = str(op.attr(param, default)).lower()
    if name not in ACTIVATIONS:
        raise op.error(f"unknown {param}", found=name, expected=", ".join(ACTIVATIONS))
    return ACTIVATIONS[name]


def steps(op: Op) -> str:
    """The input, turned round if the layer runs backwards."""
    x = op.input("x")
    return op.temp("reverse", [x], axes=(0,)) if direction(op, "bidirectional") == "reverse" else x


def matrices(op: Op, params: Sequence[str]) -> str:
    """Matrices (gates * hidden, in) of one or two directions as (direction, in, gates * hidden)."""
    made = [op.temp("expand_dims", [op.turned(param, (1, 0))], axes=(0,)) for param in params]
    return made[0] if len(made) == 1 else op.temp("concat", made, axis=0)


def vectors(op: Op, params: Sequence[str], shape: Sequence[int]) -> str:
    """Biases or peepholes of one or two directions, each reshaped; "" if none is given."""
    if not any(op.has(param) for param in params):
        return ""
    made = []
    for param in params:
        given = op.has(param)
        vector = op.input(param) if given else op.constant(np.zeros(shape, np.float32), param)
        made.append(op.temp("reshape", [vector], shape=tuple(shape)) if given else vector)
    return made[0] if len(made) == 1 else op.temp("concat", made, axis=0)


def initial(op: Op, param: str, directions: int, hidden: int) -> str:
    """A state (batch, direction * hidden) as (direction, batch, hidden)."""
    state = op.input(param)
    if directions == 1:
        return op.temp("expand_dims", [state], axes=(0,))
    split = op.temp("reshape", [state], shape=(0, directions, hidden))
    return op.temp("transpose", [split], axes=(1, 0, 2))


def finish(op: Op, results: Sequence[str], directions: int, hidden: int) -> None:
    """The outputs: every step or the last one, and the states (batch, direction * hidden)."""
    y, *states = results
    if op.attr("output_sequence", False):
        op.give("identity", [y], output=0)
    else:  # the last step that each direction makes is its state
        op.give("expand_dims", [merged(op, states[0], directions, hidden)], output=0, axes=(0,))
    for place, state in enumerate(states[: len(op.outputs) - 1], 1):
        op.give("identity", [merged(op, state, directions, hidden)], output=place)


def merged(op: Op, state: str, directions: int, hidden: int) -> str:
    """(direction, batch, hidden) as (batch, direction * hidden)."""
    if directions == 1:
        return op.temp("squeeze", [state], axes=(0,))
    turned = op.temp("transpose", [state], axes=(1, 0, 2))
    return op.temp("reshape", [turned], shape=(0, directions * hidden))
