"""Hidden Markov models of time that passes: states in chains, along which there is nothing to choose.

A chain is a beat at one tempo, or a bar of one meter: each of its states is followed by the next one with probability
1, and only behind its last state there is a choice, of the chain in which the next beat begins. One step of a decoder
then takes as many operations as there are states, plus one a transition between chains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

#: A model of more states, or of more transitions between chains, is refused before memory is taken for it.
MOST = 1 << 23


@dataclass(frozen=True, eq=False)
class Chains:
    """``groups`` of chains of ``lengths`` (chain,) states; each group is followed by the next, the last by the first.

    ``change`` (chain from, chain to) are the probabilities of which chain of the next group follows. States are
    numbered group by group, chain by chain, along each chain. ``kinds`` (state,) says which observation each reads.
    """

    lengths: Array
    change: Array
    kinds: Array
    groups: int = 1

    @cached_property
    def first(self) -> Array:
        """(group, chain): the number of each chain's first state."""
        starts = np.concatenate([[0], np.cumsum(np.tile(self.lengths, self.groups))[:-1]])
        return starts.reshape(self.groups, len(self.lengths))

    @cached_property
    def last(self) -> Array:
        """(group, chain): the number of each chain's last state."""
        return self.first + self.lengths - 1

    @property
    def states(self) -> int:
        return self.groups * int(self.lengths.sum())

    def uniform(self) -> Array:
        """(state,): the same probability for each."""
        return np.ones(self.states) / self.states


def bounded(states: int, transitions: int, where: str) -> None:
    """Raises `InputError` for a model that is too large."""
    if max(states, transitions) > MOST:
        raise InputError(
            "these settings make a model that is too large",
            where=where,
            found=f"{states} states, {transitions} transitions",
            expected=f"at most {MOST} of each",
            fix="lower fps, or bring min_bpm and max_bpm together",
        )


def before(array: Array) -> Array:
    """(group, ...) of the group that each group follows."""
    return np.roll(array, 1, axis=0)
