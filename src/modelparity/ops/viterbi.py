"""Viterbi: the best path through a linear-chain conditional random field."""

from __future__ import annotations

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array


@operator(not_causal("the best path is known only after the last frame"))
def viterbi(
    ar: Arithmetic, emissions: Array, transition: Array, initial: Array, final: Array | None = None
) -> Array:
    """v[-1] = initial;  v[t, to] = emissions[t, to] + max over from of (transition[from, to] + v[t-1, from])
    y[last] = argmax of (v[last] + final);  y[t-1] = the argmax that led to y[t]

    The initial scores are transitioned before the first frame. Of equal scores the first state wins.
    emissions (time, state), transition (state from, state to), initial (state), final (state)
    -> y (time) int64. Raises `GraphError` for shapes that do not fit or no frame at all.
    Source: Viterbi, "Error bounds for convolutional codes", 1967, in the form of madmom 0.16.1
    (madmom.ml.crf.ConditionalRandomField.process); checked by exhaustive search over all paths.
    """
    if emissions.ndim != 3 or emissions.shape[1] == 0:
        raise GraphError("emissions are not (time, state) with a frame at least", found=emissions.shape[1:])
    _, time, states = emissions.shape
    expected = {"transition": (transition, (states, states)), "initial": (initial, (states,))}
    if final is not None:
        expected["final"] = (final, (states,))
    for name, (array, shape) in expected.items():
        if array.shape[1:] != shape:
            raise GraphError(f"shape of {name} does not fit", found=array.shape[1:], expected=shape)
    lanes = max(a.shape[0] for a in (emissions, *(array for array, _ in expected.values())))
    rnd = ar.rounded
    into = np.ascontiguousarray(np.swapaxes(transition, 1, 2))  # (lane, to, from): the search runs over rows
    score = np.broadcast_to(initial, (lanes, states))
    came_from = np.empty((time, lanes, states), np.int64)
    for t in range(time):
        reached = rnd(into + score[:, None, :])
        came_from[t] = best = ar.leading(reached, -1).argmax(axis=-1)
        highest = np.take_along_axis(reached, best[..., None], axis=-1)[..., 0]
        score = rnd(emissions[:, t] + highest)
    if final is not None:
        score = rnd(score + final)
    path = np.empty((lanes, time), np.int64)
    path[:, -1] = state = ar.leading(score, -1).argmax(axis=-1)
    for t in range(time - 1, 0, -1):
        path[:, t - 1] = state = came_from[t, np.arange(lanes), state]
    return path
