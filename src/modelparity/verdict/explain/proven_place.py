"""The place once more, when the mistake is proven: of several nodes that one may stand for, the one that has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...graph import Graph
from ..cause import Cause
from ..locate import Located


def where_proven(located: Located | None, causes: Sequence[Cause], reference: Graph) -> Located | None:
    """The place at the node of the first of the ``causes``, if it is one of its region and no cause is there already.

    A node of the candidate may stand for several of the reference's, as where a normalisation is folded; values alone
    then choose, and the mistake that explains it all says which. What is the same here as a cause counts as one.
    """
    if located is None or not causes or not causes[0].nodes:
        return located
    there = {name for one in causes for name in one.nodes}
    there |= {name for one in causes for same in one.alike for name in same.partition("@")[2].split(",")}
    first = causes[0].nodes[0]
    if located.reference in there or first not in located.region:
        return located
    origin = next((node.origin for node in reference.nodes if node.name == first), "")
    note = f"values alone led to {located.reference!r}; the mistake that explains it is at {first!r}"
    region = tuple(dict.fromkeys((first, *located.region)))
    notes = "; ".join(filter(None, (located.note, note)))
    return replace(located, reference=first, reference_origin=origin, region=region, note=notes)
