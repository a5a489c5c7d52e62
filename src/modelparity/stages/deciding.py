"""From comparisons of a stage to its verdict: whether it departs by itself, or only follows from an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..verdict.bands import BANDS, UNJUDGED
from ..verdict.model import Verdict
from .result import Judged, StageVerdict
from .told import networks_in_a_line, sentences

#: How two comparisons are told apart.
OWN, CHAIN = "from the candidate's own values before it: ", "beside the reference's chain: "


@dataclass(frozen=True)
class Compared:
    """A stage as it was compared.

    Args:
        name: of the stage.
        kind: of the stage.
        given: whether the candidate gave its value or its networks.
        expected: the worst band that is ok.
        through: its value beside the reference's chain.
        alone: its value beside what follows from the candidate's own values before it, where it has such.
        verdicts: one of each network, on the reference's features.
        before: the verdicts on the stages before it.
    """

    name: str
    kind: str
    given: bool
    expected: str
    through: Judged
    alone: Judged | None = None
    verdicts: tuple[Verdict, ...] = ()
    before: tuple[StageVerdict, ...] = ()

    def verdict(self) -> StageVerdict:
        """The verdict on the stage."""
        band, floors, follows, lines = self._weighed()
        text = "; ".join(lines)
        return StageVerdict(
            self.name,
            self.kind,
            self.given,
            band,
            self.expected,
            floors,
            text,
            follows,
            self.through,
            self.alone,
            self.verdicts,
            tuple(lines),
        )

    def _weighed(self) -> tuple[str, float, str | None, list[str]]:
        """Band, floors, what it follows from, and what is said of it."""
        through, own = self.through, self._own()
        told = sentences(through)
        beside = _behind(CHAIN, told)
        if own is not None and own.judged and not own.accepted(self.expected):
            if self.verdicts:
                return own.band, own.floors, None, [*sentences(own), *_behind("together: ", told)]
            alone = _behind(OWN, sentences(own))
            # Where the values before it are right, its own floor is the stricter one; where they are not, values that
            # agree with the reference were not computed from them. What is decoded is right if it is the reference's.
            right = all(one.band in BANDS[:2] for one in self.before if one.judged)
            if not through.accepted(self.expected) or (right and self.kind != "decoder"):
                return own.band, own.floors, None, [*alone, *beside]
            return through.band, through.floors, None, [*told, *_behind("not what follows ", alone[:1])]
        if self.verdicts and own is not None and own.judged:
            told = [*sentences(own), *_behind("together: ", told)]
            if through.accepted(self.expected) or not through.judged:
                worst = max(own, through, key=_rank) if through.judged else own
                return worst.band, worst.floors, None, told
        if not through.judged or through.accepted(self.expected):
            return through.band, through.floors, None, told
        return self._departing(own, told, beside)

    def _departing(
        self, own: Judged | None, told: list[str], beside: list[str]
    ) -> tuple[str, float, str | None, list[str]]:
        """As `_weighed`, where it is not the reference's, and its own computation is not seen to be why."""
        through = self.through
        failed = next((one.name for one in self.before if one.failed), None)
        if failed is not None:
            if self.given and own is None:
                why = ["whether it departs by itself could not be told"]
                return UNJUDGED, 0.0, None, [*why, *beside]
            if own is None or self.verdicts:
                return through.band, through.floors, failed, told
            nearest = own if own.judged else through
            return nearest.band, nearest.floors, failed, [*_behind(OWN, sentences(own)), *beside]
        reduced = [one.name for one in self.before if one.band == "reduced"]
        if self.kind != "decoder" and (reduced or (own is not None and own.band == "reduced")):
            return "reduced", through.floors, next(iter(reduced), None), told
        more = []
        if self.verdicts:
            more = ["each network is as expected, and yet together they give this"]
        elif own is not None or not self.given:
            more = ["all before it is as expected, and yet this follows from it"]
        return through.band, through.floors, None, [*told, *more]

    def _own(self) -> Judged | None:
        """Its own computation: that of its networks, or from the candidate's values before it."""
        judged = [one for one in self.verdicts if one.judged]
        if not self.verdicts:
            return self.alone
        line = networks_in_a_line(self.verdicts)
        if not judged:
            return Judged(UNJUDGED, reason=line)
        worst = max(judged, key=_rank)
        return Judged(worst.band, worst.floors, explained_by=worst.explained_by, notes=(line,))


def _behind(word: str, lines: Sequence[str]) -> list[str]:
    return [word + line if place == 0 else line for place, line in enumerate(lines)]


def _rank(one: Judged | Verdict) -> tuple[int, float]:
    return BANDS.index(one.band), one.floors
