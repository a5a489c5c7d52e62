"""The forward algorithm: how probable each state is after each frame, with nothing known of later ones."""

from __future__ import annotations

import numpy as np

from modelparity.graph import Array

from .chains import Chains, before


class Forward:
    """Runs frame by frame and keeps what it knows between calls.

        f[t, s] = (sum over r of f[t-1, r] p(r -> s)) * density[t, kind of s], times 1 / its sum over s

    f starts uniform, all in float64. Sums run in ascending order of states and their reciprocal is taken, as in the
    original, because on constant input the most probable state hangs on the last bit. Where no state is possible any
    more, f is NaN from there on.
    Source: Rabiner, "A tutorial on hidden Markov models", 1989, as in madmom 0.16.1 (ml.hmm.HiddenMarkovModel).
    """

    def __init__(self, chains: Chains) -> None:
        self._chains = chains
        self._known = chains.uniform()
        self._next = np.empty_like(self._known)

    def states(self, densities: Array) -> Array:
        """The most probable state after each frame: densities (frame, kind) -> (frame,) int64.

        Of equal ones the lowest; the first of all where f is NaN.
        """
        chains = self._chains
        first, source = chains.first.ravel(), before(chains.last)
        found = np.empty(len(densities), np.int64)
        with np.errstate(invalid="ignore", divide="ignore"):
            for t, row in enumerate(densities):
                known, following = self._known, self._next
                following[1:] = known[:-1]
                # Summed over the first of these axes, row by row.
                following[first] = np.add.reduce(known[source][:, :, None] * chains.change, axis=1).ravel()
                following *= row[chains.kinds]
                following *= 1.0 / np.add.accumulate(following)[-1]
                found[t] = following.argmax()
                self._known, self._next = following, known
        return found
