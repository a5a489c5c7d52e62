"""One recurrent layer in one direction as madmom keeps it: gates apart, states and scratch space beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArtefactError
from ...graph import Array
from .builder import shaped, spread
from .layer_attributes import View

_SCRATCH = {
    "cell": "scratch space of an older version's gate; madmom 0.16.1 never reads it",
    "_tmp": "scratch space of an older version's gate; madmom 0.16.1 never reads it",
    "_prev": "state left over from the last run; madmom starts from the initial state",
    "_state": "state left over from the last run; madmom starts from the initial state",
}
_GATE = {
    **_SCRATCH,
    "init": "initial state of the gate as a layer of its own; the layer around it keeps the one in use",
}


@dataclass(frozen=True)
class Direction:
    """One recurrent layer in one direction: operator, attributes, weights in the operator's order."""

    op: str
    attrs: dict[str, Any]
    weights: dict[str, Array | None]
    unused: dict[str, str]

    @property
    def hidden(self) -> int:
        """Number of hidden units."""
        recurrent = self.weights["recurrent"]
        assert recurrent is not None
        return int(recurrent.shape[0])

    @property
    def width(self) -> int:
        """Number of inputs."""
        weight = self.weights["weight"]
        assert weight is not None
        return int(weight.shape[0])


@dataclass(frozen=True)
class _Gate:
    """Weights (in, hidden), recurrent weights (hidden, hidden), bias and peephole (hidden), and arrays not used."""

    weight: Array
    recurrent: Array
    bias: Array
    peephole: Array | None
    activation: str
    unused: dict[str, str]


def stacked(arrays: Sequence[Array | None]) -> Array | None:
    """Arrays one after the other on a new first axis, zeros for one that is not there; None if none is."""
    some = next((array for array in arrays if array is not None), None)
    if some is None:
        return None
    return np.stack([np.zeros_like(some) if array is None else array for array in arrays])


def _gate(view: View, *, peephole: bool = False) -> _Gate:
    weight = shaped(view.array("weights"), (None, None), f"{view.where}.weights")
    hidden = weight.shape[1]
    recurrent = shaped(view.array("recurrent_weights"), (hidden, hidden), f"{view.where}.recurrent_weights")
    bias = spread(view.array("bias"), hidden, f"{view.where}.bias", weight)
    peep = None
    if view.has("peephole_weights"):
        if not peephole:
            raise ArtefactError(
                f"a {view.kind} with peephole weights here is something that madmom cannot run",
                where=f"{view.where}.peephole_weights",
            )
        peep = spread(view.array("peephole_weights"), hidden, f"{view.where}.peephole_weights", weight)
    return _Gate(weight, recurrent, bias, peep, _activation(view), view.leftovers(_GATE))


def _activation(view: View) -> str:
    """The activation of a recurrent unit; softmax over a single frame is something that madmom cannot run."""
    name = view.activation()
    if name == "softmax":
        raise ArtefactError(
            "softmax cannot stand inside a recurrent layer", where=f"{view.where}.activation_fn"
        )
    return "identity" if name == "linear" else name


def _state(view: View, name: str, hidden: int, like: Array) -> Array | None:
    return spread(view.array(name), hidden, f"{view.where}.{name}", like) if view.has(name) else None


def _rnn(view: View) -> Direction:
    weight = shaped(view.array("weights"), (None, None), f"{view.where}.weights")
    hidden = weight.shape[1]
    weights = {
        "weight": weight,
        "recurrent": shaped(
            view.array("recurrent_weights"), (hidden, hidden), f"{view.where}.recurrent_weights"
        ),
        "bias": spread(view.array("bias"), hidden, f"{view.where}.bias", weight),
        "h0": _state(view, "init", hidden, weight),
    }
    return Direction("rnn", {"activation": _activation(view)}, weights, view.leftovers(_SCRATCH))


def _lstm(view: View) -> Direction:
    gates = [
        _gate(view.part(name, "Gate"), peephole=True) for name in ("input_gate", "forget_gate", "output_gate")
    ]
    cell = _gate(view.part("cell", "Cell", "Gate"))
    attrs = {
        "gate_activation": _same(gates, view),
        "cell_activation": cell.activation,
        "output_activation": _activation(view),
    }
    like, hidden = gates[0].weight, gates[0].weight.shape[1]
    arrays: dict[str, Array | None] = {
        **_fused(view, [*gates, cell]),
        "peephole": stacked([gate.peephole for gate in gates]),
        "h0": _state(view, "init", hidden, like),
        "c0": _state(view, "cell_init", hidden, like),
    }
    return Direction("lstm", attrs, arrays, _unused([*gates, cell]) | view.leftovers(_SCRATCH))


def _gru(view: View) -> Direction:
    gates = [_gate(view.part(name, "Gate")) for name in ("reset_gate", "update_gate")]
    cell = _gate(view.part("cell", "GRUCell"))
    attrs = {
        "reset": "after",
        "update": "replaces",
        "gate_activation": _same(gates, view),
        "cell_activation": cell.activation,
    }
    like, hidden = gates[0].weight, gates[0].weight.shape[1]
    # Old files say hid_init; where both stand, madmom takes it over init.
    h0 = _state(view, "hid_init" if view.has("hid_init") else "init", hidden, like)
    arrays: dict[str, Array | None] = {**_fused(view, [*gates, cell]), "recurrent_bias": None, "h0": h0}
    ignored = {**_SCRATCH, "init": "hid_init stands beside it, and madmom takes that"}
    return Direction("gru", attrs, arrays, _unused([*gates, cell]) | view.leftovers(ignored))


#: Class of a layer -> what reads one direction of it.
READERS = {"RecurrentLayer": _rnn, "LSTMLayer": _lstm, "GRULayer": _gru}


def direction(view: View) -> Direction:
    """Read a layer of one of these classes."""
    return READERS[view.kind](view)


def _fused(view: View, gates: Sequence[_Gate]) -> dict[str, Array]:
    """The gates' weights side by side; all must have one size."""
    shapes = {gate.weight.shape for gate in gates}
    if len(shapes) > 1:
        raise ArtefactError(
            "the gates differ in size", where=view.where, found=sorted(shapes), expected="one size"
        )
    return {
        "weight": np.concatenate([gate.weight for gate in gates], axis=-1),
        "recurrent": np.concatenate([gate.recurrent for gate in gates], axis=-1),
        "bias": np.concatenate([gate.bias for gate in gates], axis=-1),
    }


def _same(gates: Sequence[_Gate], view: View) -> str:
    """The one activation of several gates."""
    names = [gate.activation for gate in gates]
    if len(set(names)) > 1:
        raise ArtefactError(
            "the gates have different activations, which no operator here computes",
            where=view.where,
            found=", ".join(names),
            expected="the same for all gates",
        )
    return names[0]


def _unused(gates: Sequence[_Gate]) -> dict[str, str]:
    return {place: why for gate in gates for place, why in gate.unused.items()}
