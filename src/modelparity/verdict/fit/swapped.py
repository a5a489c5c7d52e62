"""Which other fit would agree, where names and shapes allow the identity and the verdict is `wrong`.

Outputs of one shape that changed places, or two axes of one size: the verdict stays, and its cause is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, islice, permutations

import numpy as np

from ...errors import ModelparityError
from ...graph import Array
from ..reference import Reference
from .axes import MOST
from .find import trial
from .model import Fit, Pair
from .outputs import NEAR, distance
from .plans import Plan
from .signature import Candidate


def cause(subject: Reference, candidate: Candidate, fit: Fit) -> tuple[str, dict[str, Array]] | None:
    """The only other fit that agrees, on two short inputs: the sentence that names it, and what comes of it on the
    reference's own input. None if there is none.
    """
    if (
        fit.along is not None
        or fit.states
        or fit.fills
        or any(pair.layout for pair in (*fit.inputs, *fit.outputs))
    ):
        return None
    found: set[str] | None = None
    for seed in (1, 2):
        ready = trial(subject, Plan(fit.inputs, fit.sizes), seed)
        try:
            others = islice(_others(candidate, fit, ready), MOST)
            agree = {text for text, results in others if distance(results, ready.truth) <= NEAR}
        except ModelparityError:
            return None
        found = agree if found is None else found & agree
        if not found:
            return None
    if not found or len(found) > 1:
        return None
    try:
        return next((one for one in islice(_others(candidate, fit, subject), MOST) if one[0] in found), None)
    except ModelparityError:
        return None


def _others(candidate: Candidate, fit: Fit, ready: Reference) -> Iterator[tuple[str, dict[str, Array]]]:
    """(what it says, what comes of it) of every other fit; the candidate runs once for each input."""
    feeds = fit.feeds(ready.feeds)
    ran, truth = candidate.run(feeds), ready.truth
    yield from _outputs(fit, ran, truth)
    for pair in fit.inputs:
        if pair.reference not in ready.feeds:
            continue
        array = ready.feeds[pair.reference]
        declared = candidate.specs.get(pair.candidate)
        for one, other in combinations(range(array.ndim), 2):
            sizes = [axis.size for axis in declared.axes] if declared is not None else [None] * array.ndim
            if 1 in (array.shape[one], array.shape[other]) or sizes[one] != sizes[other]:
                continue
            turned = {**feeds, pair.candidate: np.swapaxes(array, one, other)}
            try:
                ran = candidate.run(turned)
            except ModelparityError:
                continue
            text = f"axes {one} and {other} of input {pair.reference!r} have changed places"
            yield from _turned(text, fit.results(ran, {}))


def _turned(text: str, results: dict[str, Array]) -> Iterator[tuple[str, dict[str, Array]]]:
    """With outputs as they are, or with two of their axes exchanged too."""
    yield text, results
    for one, other in combinations(range(max((a.ndim for a in results.values()), default=0)), 2):
        if all(a.ndim > other and 1 not in (a.shape[one], a.shape[other]) for a in results.values()):
            both = {name: np.swapaxes(array, one, other) for name, array in results.items()}
            yield f"{text}, and axes {one} and {other} of the outputs", both


def _outputs(
    fit: Fit, ran: Mapping[str, Array], truth: Mapping[str, Array]
) -> Iterator[tuple[str, dict[str, Array]]]:
    """Outputs of one shape in other places."""
    own = [pair.candidate for pair in fit.outputs]
    for order in islice(permutations(own), 1, MOST):
        pairs = tuple(Pair(pair.reference, other) for pair, other in zip(fit.outputs, order, strict=True))
        if any(truth[pair.reference].shape != ran[pair.candidate].shape for pair in pairs):
            continue
        moved = [
            f"{p.reference} is {p.candidate}" for p, was in zip(pairs, own, strict=True) if p.candidate != was
        ]
        results = replace(fit, outputs=pairs).results(ran, {})
        yield f"outputs have changed places: {'; '.join(moved)}", results
