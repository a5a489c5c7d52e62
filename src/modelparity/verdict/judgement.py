"""What a comparison found, as plain data: outputs, their problems, the worst of all, and the cases it was made on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .bands import BANDS, accepted
from .cause import Cause, Search
from .fit import Fit
from .locate import Located

#: What can be wrong with an output besides its numbers; see `Problem`.
PROBLEMS = ("type", "shape", "nan", "infinity")


@dataclass(frozen=True)
class Problem:
    """A disagreement that no number of floors measures.

    ``kind`` is one of `PROBLEMS` ("unknown" in reports that an older version wrote); ``text`` is a sentence: what,
    but should be what, at which place.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Output:
    """One output tensor, judged.

    ``floors`` is the worst element's difference in units of the floor there; ``inf`` if shapes, types or
    non-finite values disagree.
    """

    name: str
    band: str
    floors: float
    shape: tuple[int, ...]
    expected_shape: tuple[int, ...]
    dtype: str
    index: tuple[int, ...] = ()
    got: float | None = None
    want: float | None = None
    difference: float = 0.0
    floor: float = 0.0
    share_above: float = 0.0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Unjudged:
    """A case that was planned and not judged: its recipe, and why.

    ``failed``: an error prevented it; else its input could not tell, which spoils no other case.
    """

    case: str
    reason: str
    failed: bool = True


@dataclass(frozen=True, repr=False)
class Judgement:
    """Whether a candidate computes what its reference computes.

    ``where`` is the worst place (a node, once nodes are compared; else the output element); ``causes`` are mistakes
    that explain the difference, proven; ``search`` is what was tried to find them; ``located`` is where the candidate
    departs, where that was asked;
    ``explained_by`` says which reduced precision accounts for a ``reduced``
    verdict; ``fit`` is how its inputs and outputs correspond to the reference's. Where several cases were planned,
    all this is the worst one's; ``several`` holds every one that was judged, and ``unjudged`` the others.
    Where the band is "unjudged", ``reason`` says why the reference could not tell; ``idle`` names weights that were
    seen to have no effect on this input, or in any case of several; ``unasked`` counts weight tensors of which that
    was asked in no case.
    """

    reference: str
    candidate: str
    runtime: str
    band: str
    expected: str
    floors: float
    outputs: tuple[Output, ...]
    conditioning: str = "well"
    floor_runs: int = 0
    explained_by: str | None = None
    where: str | None = None
    causes: tuple[Cause, ...] = ()
    inputs: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    fit: Fit = field(default_factory=Fit)
    several: tuple[Judgement, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    reason: str | None = None
    idle: tuple[str, ...] = ()
    unasked: int = 0
    located: Located | None = None
    search: Search | None = None

    @property
    def judged(self) -> bool:
        """Whether the band is one of the scale."""
        return self.band in BANDS

    @property
    def accepted(self) -> bool:
        """Whether the band is no worse than what was expected."""
        return accepted(self.band, self.expected)

    @property
    def ok(self) -> bool:
        """True if the candidate is within the band that was expected, and no planned case failed by an error."""
        return self.accepted and not any(one.failed for one in self.unjudged)

    @property
    def plain(self) -> bool:
        """Whether nothing is to be said of how the two were compared: the identity, on usual sizes and recipes."""
        return self.fit.identity and not self.inputs.keys() & {"smaller", "instead of"}

    @property
    def case(self) -> str:
        """What this was judged on, in a word: the recipe, or that inputs were given."""
        return str(self.inputs.get("recipe") or "given")
