"""RNN, LSTM and GRU as ONNX has them.

ONNX stacks gates in rows, in the order i o f g (peepholes i o f) and z r n, and keeps two biases.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ....engine.bound_node import Call
from ....engine.operator import find
from ....graph import Array
from ...gates import PEEPHOLES, ordered
from ..builder import SEQUENCE, STEPS, Builder, refusal
from ..lowering import lowers

#: Gate activations that ONNX names and that have no parameter.
ACTIVATIONS = {
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "relu": "Relu",
    "softsign": "Softsign",
    "softplus": "Softplus",
}


@lowers("rnn")
def rnn(b: Builder, c: Call) -> None:
    """One gate; the second bias is zero."""
    _recurrent(b, c, "RNN", "h", activations=("activation",), states=("h0",))


@lowers("lstm")
def lstm(b: Builder, c: Call) -> None:
    """LSTM, whose gates look at the new cell only, if at any."""
    peephole = b.constant(c, "peephole")
    if c.attrs["cell_clip"] is not None:
        raise refusal(c, "cell_clip: ONNX does not limit the cell", "compose the cell from plain operators")
    if c.attrs["quantized"]:
        raise refusal(c, "quantized: ONNX's LSTM keeps its state as it is", "convert the network in float32")
    if c.attrs["output_peephole"] == "old" and peephole is not None and peephole[:, 2].any():
        raise refusal(
            c,
            'output_peephole="old": ONNX lets the output gate look at the new cell only',
            "drop the output gate's peephole, or compose the cell from plain operators",
        )
    extra = ""
    if peephole is not None:
        rows = peephole.reshape(len(peephole), -1)
        extra = b.initial(c.tensors["peephole"], ordered(rows, PEEPHOLES, "iof", axis=-1))
    _recurrent(
        b,
        c,
        "LSTM",
        "iofg",
        states=("h0", "c0"),
        extra=(extra,),
        activations=("gate_activation", "cell_activation", "output_activation"),
        settings={"input_forget": 1} if c.attrs["coupled"] else {},
    )


@lowers("gru")
def gru(b: Builder, c: Call) -> None:
    """GRU, whose z keeps the old state; one that replaces it is complemented by negating its pre-activation."""
    replaces = c.attrs["update"] == "replaces"
    if replaces and c.attrs["gate_activation"] != "sigmoid":
        raise refusal(
            c,
            f'update="replaces" with {c.attrs["gate_activation"]} gates: only a sigmoid is complemented by '
            "negating its argument",
            'use sigmoid gates or update="keeps"',
        )
    _recurrent(
        b,
        c,
        "GRU",
        "zrn",
        negated="z" if replaces else "",
        states=("h0",),
        activations=("gate_activation", "cell_activation"),
        settings={"linear_before_reset": int(c.attrs["reset"] == "after")},
    )


def _recurrent(
    b: Builder,
    c: Call,
    op: str,
    order: str,
    *,
    activations: tuple[str, ...],
    states: tuple[str, ...],
    negated: str = "",
    extra: tuple[str, ...] = (),
    settings: Mapping[str, float] = MappingProxyType({}),
) -> None:
    have = find(c.node.op).facts.gates

    def rows(array: Array) -> Array:
        """(direction, ..., gate * hidden) with gates first among rows: (direction, gate * hidden, ...)."""
        return np.moveaxis(ordered(array, have, order, axis=-1, negated=negated), -1, 1)

    weight, recurrent = rows(b.weight(c, "weight")), rows(b.weight(c, "recurrent"))
    names = [b.initial(c.tensors["weight"], weight), b.initial(c.tensors["recurrent"], recurrent)]
    biases = [b.constant(c, "bias"), b.constant(c, "recurrent_bias")]
    if all(bias is None for bias in biases):
        names.append("")
    else:
        none = np.zeros(weight.shape[:2], np.float32)
        both = [none if bias is None else rows(bias) for bias in biases]
        wish = c.tensors.get("bias") or c.tensors["recurrent_bias"]
        names.append(b.initial(wish, np.concatenate(both, axis=1)))
    names.append("")  # every sequence is as long as its array
    names += [_state(b, c, state) for state in states]
    inputs = [b.get(c.tensors["x"], SEQUENCE), *names, *extra]
    while not inputs[-1]:
        inputs.pop()
    if c.attrs["clip"] is not None:
        settings = {**settings, "clip": float(c.attrs["clip"])}
    _emit(b, c, op, inputs, _activations(c, activations, len(weight)), recurrent.shape[-1], settings)


def _activations(c: Call, parameters: tuple[str, ...], directions: int) -> list[str]:
    for parameter in parameters:
        if c.attrs[parameter] not in ACTIVATIONS:
            raise refusal(
                c,
                f"ONNX has no {c.attrs[parameter]} inside a recurrent node ({parameter})",
                f"one of {', '.join(ACTIVATIONS)}",
            )
    return [ACTIVATIONS[c.attrs[parameter]] for parameter in parameters] * directions


def _emit(
    b: Builder,
    c: Call,
    op: str,
    inputs: list[str],
    activations: list[str],
    hidden: int,
    settings: Mapping[str, float],
) -> None:
    y, *finals = c.node.outputs
    batched = b.rank(c.tensors["x"]) == 3
    names = [b.fresh(f"{name}/state") if name in b.read else "" for name in finals]
    while names and not names[-1]:
        names.pop()
    steps = b.fresh(f"{y}/{STEPS}")
    b.emit(
        op,
        inputs,
        out=[steps, *names],
        activations=activations,
        direction=c.attrs["direction"],
        hidden_size=hidden,
        main=True,
        **settings,
    )
    b.adopt(y, steps, STEPS)
    for final, name in zip(finals, names, strict=False):
        if name and batched:
            b.result(final, "Identity", [name])
        elif name:
            b.result(final, "Squeeze", [name, b.ints(1)])


def _state(b: Builder, c: Call, parameter: str) -> str:
    """An initial state as (direction, batch, hidden)."""
    tensor, x = c.tensors.get(parameter), c.tensors["x"]
    if tensor is None:
        return ""
    if b.rank(tensor) == 3:
        return b.get(tensor)
    if tensor in b.graph.constants:
        state = b.initial(tensor, b.graph.constants[tensor][:, None])
    else:
        state = b.emit("Unsqueeze", [b.get(tensor), b.ints(1)])
    if b.rank(x) == 2:
        return state
    # One state for every sequence of a batch whose size is known only when it runs.
    shape = b.emit("Shape", [b.get(x)], start=1, end=2)
    size = b.emit("Concat", [b.ints(1), shape, b.ints(1)], axis=0)
    return b.emit("Expand", [state, size])
