"""The verdict: data that tells itself as text and as JSON. JSON is the truth; every report is a view of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .bands import BANDS
from .fit import Fit
from .judgement import Judgement, Unjudged
from .message import explain


@dataclass(frozen=True, repr=False)
class Verdict(Judgement):
    """Whether a candidate computes what its reference computes; see `Judgement` for what it holds.

    ``ok`` holds if ``band`` is no worse than ``expected`` and no planned case failed by an error. Its text, as
    `str` and `repr` give it, is what a person needs. ``again`` is the question behind it (`again.Again`), for a
    candidate that is repaired; it takes no part in JSON.
    """

    several: tuple[Verdict, ...] = ()
    again: object | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """What goes to another process: all but the question, which holds whole networks."""
        return {**self.__dict__, "again": None}

    @property
    def cases(self) -> tuple[Verdict, ...]:
        """A verdict for each case that was judged, in the order of asking; of a single case, this very verdict."""
        return self.several or (self,)

    @classmethod
    def of(cls, cases: Sequence[Verdict], unjudged: Sequence[Unjudged] = ()) -> Verdict:
        """The worst of one or more ``cases``, holding all of them and what could not be judged.

        Those that could not tell are listed; only if no other was judged is the whole "unjudged".
        """
        judged = [one for one in cases if one.judged]
        silent = [Unjudged(one.case, str(one.reason), failed=False) for one in cases if not one.judged]
        worst = max(judged, key=lambda one: (BANDS.index(one.band), one.floors)) if judged else cases[0]
        if len(cases) == 1 and not unjudged:
            return worst
        # A fault shows in the case that exercises what has it, if one does.
        idle = (
            tuple(n for n in judged[0].idle if all(n in one.idle for one in judged)) if judged else worst.idle
        )
        unasked = min(one.unasked for one in judged or [worst])
        return replace(
            worst, several=tuple(judged), unjudged=(*silent, *unjudged), idle=idle, unasked=unasked
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; infinities as the string "inf", so that every reader accepts it.

        ``fit`` is there only where it is not the identity, ``located`` and ``search`` only where it was asked. Where
        several cases were planned, ``cases`` holds the JSON of each and ``unjudged`` the others.
        """
        data: dict[str, Any] = plain(asdict(replace(self, several=(), fit=Fit(), located=None, again=None)))
        del data["several"], data["fit"], data["located"], data["again"]
        if not self.fit.identity:
            data["fit"] = self.fit.to_json()
        if self.located is not None:
            data["located"] = plain(self.located.to_json())
        unjudged = data.pop("unjudged")
        for name in ("reason", "idle", "unasked", "search"):  # said only where there is something to say
            if not data[name]:
                del data[name]
        if self.several or unjudged:
            data |= {"cases": [one.to_json() for one in self.several], "unjudged": unjudged}
        return {**data, "ok": self.ok}

    def __str__(self) -> str:
        return explain(self)

    def __repr__(self) -> str:
        return explain(self)


def plain(value: Any) -> Any:
    """The value as JSON has it: infinities and NaN as text, tuples as lists."""
    if isinstance(value, float) and value != value:
        return "nan"
    if isinstance(value, float) and abs(value) == float("inf"):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
