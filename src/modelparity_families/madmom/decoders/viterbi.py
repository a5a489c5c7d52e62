"""Viterbi: the best path through chains of states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from .chains import Chains, before


@dataclass(frozen=True)
class Search:
    """How the path is searched: whether a transition comes ``before`` the first frame, which of the ``last`` states
    is taken, and in which ``precision``."""

    before: bool = True
    last: Callable[[Array], Any] = np.argmax
    precision: str = "float64"


#: madmom's.
SEARCH = Search()


def best_path(chains: Chains, scores: Array, search: Search = SEARCH) -> tuple[Array, float]:
    """The states of the most probable path, and the logarithm of its probability.

        v[-1, s] = ln(1 / states)
        v[t, s] = max over r of (v[t-1, r] + ln p(r -> s)) + scores[t, kind of s]

    A transition comes before the first frame. Of equal values the lowest r wins, and at the end the lowest s; unless
    ``search`` says otherwise.
    scores (frame, kind), logarithms, NaN for impossible -> path (frame,) int64, empty if every path is impossible
    (its probability is then 0, the logarithm -inf). Takes 1 to 4 bytes a frame and chain.
    Source: Viterbi, "Error bounds for convolutional codes", 1967, with the order of additions and the rule for equal
    values of madmom 0.16.1 (ml.hmm.HiddenMarkovModel.viterbi).
    """
    frames, chain_count = len(scores), chains.first.size
    came_from = np.empty((frames, chain_count), np.min_scalar_type(len(chains.lengths)))
    last = np.full(1, -np.inf)
    for t, (best, value) in enumerate(_steps(chains, scores, search)):
        came_from[t] = best
        last = value
    state = int(search.last(last))
    if last[state] == -np.inf:
        return np.empty(0, np.int64), -np.inf
    return _traced(chains, came_from, state), float(last[state])


def stuck(chains: Chains, scores: Array) -> int:
    """The first frame that no path reaches; the number of frames if there is none."""
    steps = enumerate(_steps(chains, scores))
    return next((t for t, (_, value) in steps if value.max() == -np.inf), len(scores))


def impossible(chains: Chains, scores: Array, given: Array, where: str) -> InputError:
    """The error for activations on which every path is impossible; ``given`` (frame, ...) are those in words."""
    frame = stuck(chains, scores)
    return InputError(
        "no sequence of beats explains these activations: every path is impossible",
        where=where,
        found=f"{given[frame]} in frame {frame} of {len(given)}, which no path reaches",
        expected="probabilities above 0 and below 1",
        fix="a probability of exactly 0 or 1 forbids states: clip the activations, as to 1e-6 and 1 - 1e-6",
    )


def _steps(chains: Chains, scores: Array, search: Search = SEARCH) -> Iterator[tuple[Array, Array]]:
    """For each frame the best chain before each (group * chain,), and v (state,), which the next step reuses."""
    with np.errstate(divide="ignore"):
        into = np.ascontiguousarray(np.log(chains.change).T)  # (to, from): the search runs over rows
        value = np.log(chains.uniform()).astype(search.precision)
    into = into.astype(search.precision)
    following = np.empty_like(value)
    first, source = chains.first.ravel(), before(chains.last)
    count = len(chains.lengths)
    reached = np.empty((chains.groups, count, count), search.precision)
    flat, rows = reached.reshape(-1), np.arange(first.size) * count
    first_kinds = chains.kinds[chains.first][:, :, None]
    inner = np.setdiff1d(np.arange(chains.states), first)
    # All states but those of kind 0 are few: they are written over what kind 0 gives.
    named = [(kind, inner[chains.kinds[inner] == kind]) for kind in range(1, scores.shape[1])]
    special = [(kind, states, states - 1) for kind, states in named if len(states)]
    scores = np.where(np.isnan(scores), -np.inf, scores).astype(search.precision)
    for t, row in enumerate(scores):
        if not t and not search.before:
            value += row[chains.kinds]
            yield np.zeros(first.size, np.int64), value
            continue
        np.add(value[source][:, None, :], into, out=reached)
        # Added before the search: what differs less than the sum's last bit is equal, as in the original.
        np.add(reached, row[first_kinds], out=reached)
        best = reached.argmax(axis=2).ravel()
        np.add(value[:-1], row[0], out=following[1:])
        for kind, states, previous in special:
            following[states] = value[previous] + row[kind]
        following[first] = flat[rows + best]
        value, following = following, value
        yield best, value


def _traced(chains: Chains, came_from: Array, state: int) -> Array:
    """The path (frame,) that ends in ``state``, chain by chain."""
    path = np.empty(len(came_from), np.int64)
    first, source = chains.first.ravel(), before(chains.last)
    behind = len(path)
    while behind > 0:
        chain = int(np.searchsorted(first, state, side="right")) - 1
        begin = behind - 1 - (state - int(first[chain]))
        path[max(begin, 0) : behind] = np.arange(state - (behind - 1 - max(begin, 0)), state + 1)
        if begin >= 0:
            state = int(source[chain // len(chains.lengths), came_from[begin, chain]])
        behind = begin
    return path
