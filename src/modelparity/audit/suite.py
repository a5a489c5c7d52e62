"""Of inputs that somebody compares models on: the faults that they would not show, and the recipe that would."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from ..engine.run import run
from ..errors import ModelparityError
from ..graph import Graph
from ..verdict.bands import LIMIT
from ..verdict.compare import compare
from ..verdict.faults import faults
from ..verdict.question import Question
from ..verdict.reference import Reference

#: Applications of one fault that are tried.
TRIED = 2


@dataclass(frozen=True)
class Noticed:
    """What some inputs show of one fault.

    Args:
        key: of the application that was made.
        text: what it is, in a sentence.
        floors: the most that any of the inputs shows of it.
        recipe: where they do not show it, a usual recipe that does; "" where none does.
    """

    key: str
    text: str
    floors: float
    recipe: str = ""

    @property
    def seen(self) -> bool:
        """Whether a candidate with this fault would be called wrong."""
        return self.floors > LIMIT

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "floors": "inf" if math.isinf(self.floors) else self.floors}


def noticed(graph: Graph, inputs: Sequence[Reference]) -> Iterator[Noticed]:
    """Every fault that ``graph`` can have, with what ``inputs`` (references of it) show of it.

    A fault that no input and no usual recipe shows, such as a clip that is never reached, comes with recipe "".
    """
    known = {one.about.get("recipe") for one in inputs}
    # Without recipes the question is of the usual ones.
    names = tuple(name for name in Question(graph).references if name not in known)
    question = Question(graph, recipes=names) if names else None
    for fault in faults():
        for one in islice(fault.applications(graph), TRIED):
            changed = one.changed()
            floors = 0.0
            for reference in inputs:
                floors = max(floors, _floors(reference, changed))
                if floors > LIMIT:
                    break
            recipe = ""
            if floors <= LIMIT and question is not None:
                shows = (name for name, ref in question.references.items() if _floors(ref, changed) > LIMIT)
                recipe = next(shows, "")
            yield Noticed(one.key, one.text, floors, recipe)


def _floors(reference: Reference, changed: Graph) -> float:
    """How far the changed graph is away on this input, in floors; infinite where it does not run there."""
    try:
        got = run(changed, reference.feeds)
        worst, floors = 0.0, reference.floor().outputs
        for name, want in reference.truth.items():
            worst = max(
                worst, compare(name, got[name], want, floors[name], dtypes=(str(got[name].dtype),)).floors
            )
            if math.isinf(worst):
                break
    except ModelparityError:
        return math.inf
    return worst
