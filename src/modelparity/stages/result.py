"""What a check of a pipeline found, as plain data: a verdict for each stage, and which only follow from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from ..verdict.bands import BANDS, UNJUDGED, accepted
from ..verdict.cause import Cause
from ..verdict.judgement import Output
from ..verdict.model import Verdict, plain
from .decoded import Compared, Decoded


@dataclass(frozen=True)
class Judged:
    """One comparison of a stage's value with what it should be.

    ``outputs`` are its tensors, judged; ``compared`` is what a decoder gave beside what it should give. ``reason``
    says why nothing could be told, ``explained_by`` what accounts for a reduced one, ``notes`` are further sentences.
    """

    band: str
    floors: float = 0.0
    outputs: tuple[Output, ...] = ()
    compared: Compared | None = None
    explained_by: str | None = None
    reason: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether the band is one of the scale."""
        return self.band in BANDS

    def accepted(self, expected: str) -> bool:
        """Whether the band is no worse than what was expected."""
        return accepted(self.band, expected)


@dataclass(frozen=True)
class StageVerdict:
    """What was found of one stage.

    ``given``: the candidate gave its value, or its networks; else it was computed here from the candidate's values of
    earlier stages. ``through`` compares with what the reference's own chain gives, by the floor of that chain;
    ``alone`` with what this stage gives from the candidate's own values before it. ``follows`` names the earlier
    stage whose difference this one only passes on. ``verdict`` holds one of each network, on the reference's
    features.
    ``text`` says what was found, ``lines`` the same clause by clause. ``causes`` are mistakes that are proven to
    explain why a value that was given departs: with them, the reference gives it.
    """

    name: str
    kind: str
    given: bool
    band: str
    expected: str
    floors: float
    text: str
    follows: str | None = None
    through: Judged | None = None
    alone: Judged | None = None
    verdict: tuple[Verdict, ...] = ()
    lines: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()

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
        """Whether it is as expected, or departs only because an earlier stage does."""
        return self.judged and (self.accepted or self.follows is not None)

    @property
    def failed(self) -> bool:
        """Whether it departs by itself."""
        return self.judged and not self.ok

    @property
    def compared(self) -> Compared | None:
        """What a decoder gave, beside the reference's: of its own computation, if that was judged."""
        found = self.through if self.through is not None and self.through.compared else self.alone
        return None if found is None else found.compared

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`."""
        return {
            **{name: vars(self)[name] for name in ("name", "kind", "given", "band", "expected")},
            "floors": plain(self.floors),
            "ok": self.ok,
            "text": self.text,
            "follows": self.follows,
            "through": None if self.through is None else plain(asdict(self.through)),
            "alone": None if self.alone is None else plain(asdict(self.alone)),
            "networks": [one.to_json() for one in self.verdict],
            "causes": [plain(asdict(one)) for one in self.causes],
        }


class Sides(NamedTuple):
    """A stage by name, what it gives if it decodes, its value in the reference's chain, and in the candidate's."""

    name: str
    gives: Decoded | None
    reference: Any
    candidate: Any


@dataclass(frozen=True, repr=False)
class Results(Mapping[str, StageVerdict]):
    """{stage: `StageVerdict`} in order, from the first stage that was given on.

    ``settings`` are the pipeline's, ``chosen`` those of them that were chosen; ``sides`` is
    {stage: `Sides`} of those that have a value in the reference's chain and in the candidate's.
    """

    pipeline: str
    expected: str
    verdicts: tuple[StageVerdict, ...]
    settings: Mapping[str, Any]
    chosen: Mapping[str, Any]
    sides: Mapping[str, Sides] = field(default_factory=dict, repr=False, compare=False)

    def __getitem__(self, name: str) -> StageVerdict:
        found = next((one for one in self.verdicts if one.name == name), None)
        if found is None:
            raise KeyError(f"{name!r}; judged were {', '.join(self)}")
        return found

    def __iter__(self) -> Iterator[str]:
        return (one.name for one in self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages that were looked at, in order."""
        return tuple(self)

    @property
    def failed(self) -> tuple[StageVerdict, ...]:
        """The stages that depart by themselves, in order."""
        return tuple(one for one in self.verdicts if one.failed)

    @property
    def unjudged(self) -> tuple[StageVerdict, ...]:
        """The stages of which nothing could be told."""
        return tuple(one for one in self.verdicts if not one.judged)

    @property
    def worst(self) -> str:
        """The band of the worst stage that was judged; "unjudged" if nothing of what was given was."""
        judged = [one.band for one in self.verdicts if one.judged]
        if not any(one.given and one.judged for one in self.verdicts) and not self.failed:
            return UNJUDGED
        return max(judged, key=BANDS.index)

    @property
    def ok(self) -> bool:
        """Whether no stage departs by itself, and something of what was given was judged."""
        return not self.failed and any(one.given and one.judged for one in self.verdicts)
