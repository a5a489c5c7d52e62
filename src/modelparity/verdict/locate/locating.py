"""Locate: both graphs are run and aligned by value, and the first node that departs is named on either side."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...engine.feeds import bound
from ...engine.limits import limited
from ...errors import ModelparityError
from ...graph import Array, Graph
from ..fit import Fit
from .followed import Followed
from .following import Follower
from .known import MOST, Tensors, tensors
from .live import Live
from .model import Located
from .place import between, leading, placed

#: Tensors of a gap that are kept in the next turn.
PARTS = 8


def locate(
    reference: Graph,
    feeds: Mapping[str, Array],
    candidate: Graph,
    given: Mapping[str, Array],
    fit: Fit,
    wrong: Sequence[str],
    *,
    precision: str = "float32",
    seconds: float = 60.0,
    most: int = MOST,
) -> Located:
    """Where ``candidate``, on what it was ``given``, departs from ``reference`` on ``feeds``.

    Args:
        reference: the original.
        feeds: {its input: array}.
        candidate: what the candidate's file says.
        given: {the candidate's input: array}, the same by ``fit``.
        fit: how inputs and outputs of the two correspond.
        wrong: outputs of the reference that differ.
        precision: what the candidate's weights are rounded to.
        seconds: what it may take.
        most: elements of the reference's tensors that are kept at once; beyond, the place is found by bisection.

    Returns:
        The place, or why there is none; it never raises for what the graphs hold.
    """
    started = time.monotonic()
    until = started + seconds
    output = wrong[0] if wrong else ""
    taken = {pair.candidate for pair in fit.outputs if pair.reference in wrong}
    outputs = tuple(name for name in candidate.outputs if name in taken)
    if not outputs:
        return Located(output=output, note="the candidate's graph has none of the outputs that differ")
    live, names = Live(candidate, outputs), {pair.candidate: pair.reference for pair in fit.inputs}
    wanted: list[str] = []
    try:
        ours, theirs = bound(reference, feeds), bound(candidate, given)
        while True:
            with limited(seconds=max(until - time.monotonic(), 0.1)):
                known = tensors(reference, ours, tuple(wrong), precision, wanted, most)
                half = time.monotonic()
                followed = Follower(known, live, until).run(theirs, names)
            further = leading(known, followed, fit, wrong)
            border, gap = between(known, followed, fit, wrong) if known.stride > 1 else ([], [])
            if known.named.keys() >= set(gap):
                break
            # Each turn keeps what lies in the gap, and of much one in so many again.
            wanted = border + (gap if len(gap) <= PARTS else gap[:: len(gap) // PARTS])
    except (ModelparityError, MemoryError) as error:
        return Located(output=output, note=f"not located: {error}")
    if further and 2 * time.monotonic() - half < until:
        followed = _behind(known, live, theirs, names, further, until) or followed
    found = placed(known, followed, fit, wrong)
    way = "values" if known.stride == 1 else "bisection"
    return replace(found, way=way, seconds=round(time.monotonic() - started, 3))


def _behind(
    known: Tensors,
    live: Live,
    given: Mapping[str, Array],
    names: Mapping[str, str],
    further: Sequence[int],
    until: float,
) -> Followed | None:
    """Followed once more, and on behind what departs by these nodes; None where that does not come to an end."""
    try:
        followed = Follower(known, live, until, further).run(given, names)
    except (ModelparityError, MemoryError):
        return None
    return None if followed.stopped else followed
