"""madmom's recurrent layers as `rnn`, `lstm` and `gru` nodes: gates fused, directions joined, states kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import ArtefactError
from ...graph import Array
from .builder import Builder, Extent, shaped, spread
from .record import View

RECURRENT = ("RecurrentLayer", "LSTMLayer", "GRULayer")

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


def direction(view: View) -> Direction:
    """Read a RecurrentLayer, LSTMLayer or GRULayer."""
    return {"RecurrentLayer": _rnn, "LSTMLayer": _lstm, "GRULayer": _gru}[view.kind](view)


def add(
    builder: Builder, name: str, ways: tuple[Direction, ...], views: tuple[View, ...], origin: str
) -> None:
    """Add one layer: a forward direction, or a forward and a backward one that are joined on the feature axis."""
    for way, view in zip(ways, views, strict=True):
        if builder.rank != 2 or not builder.axes[1].fits(way.width):
            found = "rank " + str(builder.rank) if builder.rank != 2 else builder.axes[1].known
            raise ArtefactError(
                "a recurrent layer does not fit what comes before it",
                where=view.where,
                found=f"{found} from the layer before",
                expected=f"frames of {way.width}",
            )
        builder.unused.update(way.unused)
    first, last = ways[0], ways[-1]
    alike = first.op == last.op and first.attrs == last.attrs and first.hidden == last.hidden
    if alike:
        total = first.hidden * len(ways)
        side = {} if len(ways) == 1 else {"direction": "bidirectional"}
        weights = {part: _stack([way.weights[part] for way in ways]) for part in first.weights}
        builder.node(
            f"{name}_{first.op}",
            first.op,
            origin,
            (builder.axes[0], Extent(total)),
            weights,
            **first.attrs,
            **side,
        )
        return
    source, time, made = builder.tensor, builder.axes[0], []
    for way, view, side_name in zip(ways, views, ("forward", "reverse"), strict=True):
        weights = {part: _stack([array]) for part, array in way.weights.items()}
        made.append(
            builder.node(
                f"{name}_{side_name}_{way.op}",
                way.op,
                view.where,
                (time, Extent(way.hidden)),
                weights,
                source=source,
                **way.attrs,
                direction=side_name,
            )
        )
    builder.concat(f"{name}_concat", origin, made, (time, Extent(first.hidden + last.hidden)))


def _stack(arrays: list[Array | None]) -> Array | None:
    """One array with a leading direction axis; a direction without one (no peephole, no state) has zeros."""
    some = next((array for array in arrays if array is not None), None)
    if some is None:
        return None
    return np.stack([np.zeros_like(some) if array is None else array for array in arrays])


def _gate(view: View, *, peephole: bool) -> tuple[Array, Array, Array, Array | None, str, dict[str, str]]:
    """Weights (in, hidden), recurrent weights (hidden, hidden), bias, peephole, activation, arrays not used."""
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
    act = gate_activation(view)
    return weight, recurrent, bias, peep, act, view.leftovers(_GATE)


def gate_activation(view: View) -> str:
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
    return Direction("rnn", {"activation": gate_activation(view)}, weights, view.leftovers(_SCRATCH))


def _lstm(view: View) -> Direction:
    gates = [view.part(name, "Gate") for name in ("input_gate", "forget_gate", "output_gate")]
    cell = view.part("cell", "Cell", "Gate")
    read = [_gate(gate, peephole=True) for gate in gates] + [_gate(cell, peephole=False)]
    weight, recurrent, bias = _fused(view, [parts[:3] for parts in read])
    like, hidden = read[0][0], read[0][0].shape[1]
    peeps = [parts[3] for parts in read[:3]]
    peephole = _stack(peeps)
    attrs = {
        "gate_activation": _same([parts[4] for parts in read[:3]], view),
        "cell_activation": read[3][4],
        "output_activation": gate_activation(view),
    }
    h0, c0 = _state(view, "init", hidden, like), _state(view, "cell_init", hidden, like)
    unused = {place: why for parts in read for place, why in parts[5].items()} | view.leftovers(_SCRATCH)
    arrays = {
        "weight": weight,
        "recurrent": recurrent,
        "bias": bias,
        "peephole": peephole,
        "h0": h0,
        "c0": c0,
    }
    return Direction("lstm", attrs, arrays, unused)


def _gru(view: View) -> Direction:
    gates = [view.part(name, "Gate") for name in ("reset_gate", "update_gate")]
    cell = view.part("cell", "GRUCell")
    read = [_gate(gate, peephole=False) for gate in (*gates, cell)]
    weight, recurrent, bias = _fused(view, [parts[:3] for parts in read])
    like, hidden = read[0][0], read[0][0].shape[1]
    # Old files say hid_init; where both stand, madmom takes it over init.
    h0 = _state(view, "hid_init" if view.has("hid_init") else "init", hidden, like)
    attrs = {
        "reset": "after",
        "update": "replaces",
        "gate_activation": _same([parts[4] for parts in read[:2]], view),
        "cell_activation": read[2][4],
    }
    unused = {place: why for parts in read for place, why in parts[5].items()}
    unused |= view.leftovers({**_SCRATCH, "init": "hid_init stands beside it, and madmom takes that"})
    arrays = {"weight": weight, "recurrent": recurrent, "bias": bias, "recurrent_bias": None, "h0": h0}
    return Direction("gru", attrs, arrays, unused)


def _fused(view: View, gates: list[tuple[Array, Array, Array]]) -> tuple[Array, Array, Array]:
    """The gates' weights side by side; all must have one size."""
    shapes = {weight.shape for weight, _, _ in gates}
    if len(shapes) > 1:
        raise ArtefactError(
            "the gates differ in size", where=view.where, found=sorted(shapes), expected="one size"
        )
    weight, recurrent, bias = (np.concatenate(arrays, axis=-1) for arrays in zip(*gates, strict=True))
    return weight, recurrent, bias


def _same(names: list[str], view: View) -> str:
    """The one activation of several gates."""
    if len(set(names)) > 1:
        raise ArtefactError(
            "the gates have different activations, which no operator here computes",
            where=view.where,
            found=", ".join(names),
            expected="the same for all gates",
        )
    return names[0]
