"""Which mistakes of the catalogue are made to every network, in which way, and at which of its nodes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from modelparity import Graph
from modelparity.verdict.faults import everywhere, fault

#: What makes of a graph the wrong one; ``None`` where it has nothing that the mistake could spoil.
Mistake = Callable[[Graph], Graph | None]
ALL, FIRST, LAST = "all", "first", "last"


def made(graph: Graph, id: str, variant: str, nodes: str = ALL) -> Graph | None:
    """The graph with one mistake, made in one way at all its nodes alike, or at the first or last of them."""
    found = [one for one in fault(id).applications(graph) if one.variant == variant]
    if not found:
        return None
    return {ALL: lambda: everywhere(found), FIRST: lambda: found[0], LAST: lambda: found[-1]}[
        nodes
    ]().changed()


#: Mistakes as they occur in the wild, by a name for reports: of each (fault, variant).
LARGE = {
    "reset before the product": ("gru-reset-before-or-after", "before"),
    "update gate complemented": ("gru-update-complemented", ""),
    "initial states dropped": ("initial-state-dropped", "both"),
    "initial state dropped": ("initial-state-dropped", "h0"),
    "peepholes dropped": ("peepholes-dropped", ""),
    "old cell in the output gate": ("peephole-of-old-cell", "old"),
    "kernels not flipped": ("kernel-flipped", "all axes"),
    "windows side by side": ("stride-wrong", "7"),
    "windows of three side by side": ("stride-wrong", "3"),
    "windows flattened channel before frequency": ("flatten-order", "time channel frequency"),
    "windows flattened channel first": ("flatten-order", "channel time frequency"),
    "inverse deviation taken for variance": ("variance-for-deviation", "inverse deviation as variance"),
    "epsilon added twice": ("epsilon-wrong", "0.0001 more"),
    "backward not restored in time": ("backward-not-restored", ""),
    "pad on all axes": ("pad-wrong", "all axes"),
    "softmax over time": ("axis-wrong", "axis 0"),
    "activations dropped": ("activation-dropped", ""),
    "last frame missing": ("frame-missing", "output without its last frame"),
}
#: Smaller and rarer ones.
SLIPS = {
    "input and forget gate swapped": ("lstm-gates-permuted", "f and i"),
    "forget and output gate swapped": ("lstm-gates-permuted", "f and o"),
    "output and cell swapped": ("lstm-gates-permuted", "g and o"),
    "reset and update swapped": ("gru-gates-swapped", "r and z"),
    "recurrent weights transposed": ("weights-transposed", "recurrent"),
    "square weights transposed": ("weights-transposed", "weight"),
    "directions swapped": ("directions-swapped", "weights"),
    "peepholes of input and forget swapped": ("peepholes-permuted", "f and i"),
    "initial state of one direction dropped": ("initial-state-dropped", "h0 of direction 0"),
    "epsilon of 1e-5 added twice": ("epsilon-wrong", "1e-05 more"),
    "hard sigmoid": ("activation-approximated", "hard sigmoid of slope 0.2 (Keras)"),
    "hard sigmoid in gates": ("recurrent-activation", "gate_activation hard_sigmoid"),
    "softsign": ("activation-approximated", "softsign"),
    "softsign in cells": ("recurrent-activation", "cell_activation softsign"),
    "softsign behind cells": ("recurrent-activation", "output_activation softsign"),
    "softsign in plain cells": ("recurrent-activation", "activation softsign"),
    "no activation in cells": ("recurrent-activation", "cell_activation identity"),
    "no activation in plain cells": ("recurrent-activation", "activation identity"),
    "pad before only": ("pad-wrong", "before only"),
    "pad dropped": ("padding-lost", ""),
    "input one frame early": ("frames-shifted", "input 1 frame early"),
    "output one frame late": ("frames-shifted", "output 1 frame late"),
    "biases rounded to float16": ("array-rounded", "bias to float16"),
}
#: One array or one element of the first or the last layer: (fault, variant) by what is said of it.
VALUES = {
    "weight dropped": ("weights-lost", "weight"),
    "bias dropped": ("bias-dropped", "bias"),
    "weight negated": ("array-scaled", "weight by -1"),
    "bias negated": ("array-scaled", "bias by -1"),
    "element dropped": ("element-wrong", "weight lost"),
    "element negated": ("element-wrong", "weight negated"),
}

FAULTS: dict[str, Mistake] = {
    name: partial(made, id=id, variant=variant) for name, (id, variant) in LARGE.items()
}
MISTAKES: dict[str, Mistake] = {
    **FAULTS,
    **{name: partial(made, id=id, variant=variant) for name, (id, variant) in SLIPS.items()},
    **{
        f"{nodes} {name}": partial(made, id=id, variant=variant, nodes=nodes)
        for nodes in (FIRST, LAST)
        for name, (id, variant) in VALUES.items()
    },
}
