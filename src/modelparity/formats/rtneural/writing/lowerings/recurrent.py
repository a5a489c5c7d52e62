"""GRU and LSTM, as far as RTNeural's are the same: forward, from zeros, sigmoid gates and tanh."""

from __future__ import annotations

import numpy as np

from .....engine.bound_node import Call
from .....engine.operator import find
from .....graph import Array
from ....gates import SATURATED, ordered
from ..chain import Chain, Role, refusal
from ..lowering import lowers

_ACTIVATIONS = {"gate_activation": "sigmoid", "cell_activation": "tanh", "output_activation": "tanh"}


@lowers("lstm")
def lstm(chain: Chain, call: Call) -> None:
    """Neither peepholes nor coupled gates, a cell without bounds and a state as it is."""
    _same(chain, call, ("h0", "c0"))
    peephole = chain.constant(call, "peephole")
    if peephole is not None and peephole.any():
        raise refusal(call, "its gates look at the cell, and RTNeural's LSTM has no peepholes")
    for setting, plain in (("coupled", False), ("cell_clip", None), ("quantized", False)):
        if call.attrs[setting] != plain:
            raise refusal(call, f"{setting}={call.attrs[setting]!r}, which RTNeural's LSTM does not have")
    _add(chain, call, "lstm", "ifgo")


@lowers("gru")
def gru(chain: Chain, call: Call) -> None:
    """Reset after the product; a z that replaces the old state is complemented by negating its pre-activation."""
    _same(chain, call, ("h0",))
    if call.attrs["reset"] != "after":
        raise refusal(
            call,
            "its reset gate acts before the product with the recurrent matrix; RTNeural's acts after it",
            "train the form with reset_after (PyTorch's and Keras's own)",
        )
    _add(chain, call, "gru", "zrn", "z" if call.attrs["update"] == "replaces" else "")


@lowers("rnn")
def rnn(chain: Chain, call: Call) -> None:
    """A GRU whose gates are held open: r is 1 and z is 0, exactly, since exp(1000) overflows and exp(-1000) is 0."""
    _same(chain, call, ("h0",))
    if call.attrs["activation"] != "tanh":
        raise refusal(call, f"activation {call.attrs['activation']}; RTNeural's recurrent layers have tanh")
    kernel, recurrent = chain.weight(call, "weight")[0], chain.weight(call, "recurrent")[0]
    width = recurrent.shape[0]
    bias = chain.constant(call, "bias")
    own = np.zeros(width, np.float32) if bias is None else bias[0]
    closed, none = np.full(width, -SATURATED), np.zeros(width)
    chain.expect_order(call)
    chain.resized(width)
    arrays = [
        np.concatenate([np.zeros_like(kernel), np.zeros_like(kernel), kernel], axis=1),
        np.concatenate([np.zeros_like(recurrent), np.zeros_like(recurrent), recurrent], axis=1),
        np.stack([np.concatenate([closed, -closed, own]), np.concatenate([none] * 3)]),
    ]
    chain.add(call, "gru", arrays)
    _state(chain, call)


def _same(chain: Chain, call: Call, states: tuple[str, ...]) -> None:
    """Raise `ConversionError` for what RTNeural's recurrent layers do not do."""
    if call.attrs["direction"] != "forward":
        raise refusal(
            call,
            f"it runs {call.attrs['direction']}, and RTNeural hears the past only",
            "train a network that runs forward",
        )
    for setting, only in _ACTIVATIONS.items():
        if call.attrs.get(setting, only) != only:
            raise refusal(call, f"{setting} {call.attrs[setting]}; RTNeural's is {only}")
    if call.attrs.get("clip") is not None:
        raise refusal(call, "it clips its gates, which RTNeural does not")
    for state in states:
        initial = chain.constant(call, state)
        if initial is not None and initial.any():
            raise refusal(call, f"it starts from a learned {state}; RTNeural's reset() gives zeros")
    used = [name in chain.read for name in call.node.outputs]
    if any(used[2:]) or (used[0] and any(used[1:])):
        raise refusal(call, "its last state is used besides its outputs; RTNeural gives the outputs only")
    time = chain.place("time")
    places = [i for i, role in enumerate(chain.roles) if i != time and role.size is None]
    if time != 0 or any(place != 1 for place in places) or chain.roles[-1].size != chain.width:
        raise refusal(
            call, "it does not run over time along frames: its input's axes are not (time, [batch,] feature)"
        )


def _add(chain: Chain, call: Call, kind: str, order: str, negated: str = "") -> None:
    have = find(call.node.op).facts.gates

    def arranged(array: Array) -> Array:
        return ordered(array, have, order, axis=-1, negated=negated)

    kernel, recurrent = (
        arranged(chain.weight(call, "weight")[0]),
        arranged(chain.weight(call, "recurrent")[0]),
    )
    none = np.zeros(kernel.shape[1], np.float32)
    biases = [chain.constant(call, part) for part in ("bias", *(["recurrent_bias"] if kind == "gru" else []))]
    rows = [none if value is None else arranged(value[0]) for value in biases]
    chain.expect_order(call)
    chain.resized(recurrent.shape[0])
    chain.add(call, kind, [kernel, recurrent, np.stack(rows) if kind == "gru" else rows[0]])
    _state(chain, call)


def _state(chain: Chain, call: Call) -> None:
    """Go on with the last state, if that is what is read."""
    outputs = call.node.outputs
    if len(outputs) > 1 and outputs[1] in chain.read:
        # (direction, [batch,] hidden): the last frame of the outputs
        chain.given, chain.last = outputs[1], True
        chain.roles = (Role("direction", 1), *chain.roles[1:])
