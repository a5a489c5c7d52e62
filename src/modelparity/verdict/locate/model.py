"""The place where a candidate departs, as data: nodes of both sides, their origins, and how much was compared."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ..bands import BANDS

#: On which side a difference arises: in the file, in what runs it, or in how inputs and outputs correspond.
SIDES = ("artefact", "runtime", "interface")
#: What became of a node of the candidate, given what the reference gives. "same": its results are the reference's;
#: "moved": so they are, transposed, reshaped, cut, joined or negated; "departed": what it is given agrees, its result
#: is nowhere; "follows": it is computed from what departed; "inner": no tensor of the reference, and what is computed
#: from it agrees again; "skipped": not compared, for the reason given.
STATUSES = ("same", "moved", "departed", "follows", "inner", "skipped")


@dataclass(frozen=True)
class Seen:
    """What became of one node of the candidate.

    ``node`` and ``op`` are the candidate's, ``origin`` where the node stands in its file; ``status`` is one of
    `STATUSES`; ``reference`` is the node of the reference that computes the same; ``how`` says what was moved, or why
    nothing was compared.
    """

    node: str
    op: str
    status: str
    reference: str = ""
    how: str = ""
    origin: str = ""


@dataclass(frozen=True)
class Way:
    """Another way in which the candidate was run, and what came of it: ``band`` and ``floors``, or the ``error``."""

    name: str
    band: str = ""
    floors: float = 0.0
    error: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it computes what it was compared with."""
        return bool(self.band) and self.band != BANDS[-1]

    @property
    def departs(self) -> bool:
        """Whether it computes something else; one that did not run does neither."""
        return self.band == BANDS[-1]


@dataclass(frozen=True)
class Located:
    """Where a candidate departs from its reference.

    Args:
        side: one of `SIDES`; None where nobody asked.
        reference: the node of the reference whose result the candidate has nowhere; None where that is not known.
        candidate: the candidate's first node whose inputs agree and whose result is nowhere; likewise.
        origin: where in the candidate's file that node stands.
        reference_origin: where in the reference's file its own stands.
        region: all nodes of the reference, in order, between the last tensors that agree and the first that is not
            there: what the candidate's node should have computed is among them.
        departed: all nodes of the candidate that depart by themselves, the first one included: two faults, or one
            that was made in several places.
        output: the output in which it shows.
        compared: the share of the candidate's nodes that were compared.
        nodes: what became of each of them.
        way: how tensors were compared: "values", or "hashes" and "bisection" where they are large.
        note: why the place is no closer, or what it rests on.
        case: the case on which it was found.
        seconds: what it took.
        said: how the side is known, in sentences.
        ways: what the candidate gave, run in other ways.
        passes: passes of the runtime's optimiser that make the difference.
        step: what the runtime runs first that departs, where the runtime does.
        asked: the line of code that runs it so that it agrees.
    """

    side: str | None = None
    reference: str | None = None
    candidate: str | None = None
    origin: str = ""
    reference_origin: str = ""
    region: tuple[str, ...] = ()
    departed: tuple[str, ...] = ()
    output: str = ""
    compared: float = 0.0
    nodes: tuple[Seen, ...] = ()
    way: str = "values"
    note: str = ""
    case: str = ""
    seconds: float = field(default=0.0, compare=False)
    said: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    passes: tuple[str, ...] = ()
    step: str = ""
    asked: str = ""

    @property
    def known(self) -> bool:
        """Whether it names a node of either side."""
        return self.reference is not None or self.candidate is not None

    def describe(self) -> tuple[str, ...]:
        """Lines for a person: side, place, and how much was compared."""
        lines = [f"in the {self.side}"] if self.side is not None else []
        lines += self.said
        if self.candidate is not None:
            lines.append(f"{_placed(self.candidate, self.origin)} of the candidate departs, its inputs agree")
        if self.reference is not None:
            between = f", among {', '.join(self.region)}" if 1 < len(self.region) <= SHOWN else ""
            text = f"{_placed(self.reference, self.reference_origin)} of the reference"
            lines.append(
                f"{'it stands for' if self.candidate is not None else 'nowhere is the result of'} {text}{between}"
            )
        others = [name for name in self.departed if name != self.candidate]
        if others:
            more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
            lines.append(f"so do {', '.join(others[:SHOWN])}{more}")
        if self.nodes:
            by = "" if self.way == "values" else f", by {self.way}"
            lines.append(f"{self.compared:.0%} of {len(self.nodes)} nodes were compared{by}")
        return (*lines, *([self.note] if self.note else []))

    def to_json(self) -> dict[str, Any]:
        """Plain data; of what is empty only the nodes' share is said."""
        data = asdict(self)
        kept = {key: value for key, value in data.items() if value or key == "compared"}
        if self.nodes:
            kept["nodes"] = [{key: text for key, text in one.items() if text} for one in data["nodes"]]
        return kept


#: Names that a line shows.
SHOWN = 6


def _placed(name: str, origin: str) -> str:
    return f"node {name!r}" if not origin or origin == name else f"node {name!r} ({origin})"
