"""The question behind a verdict, so that another candidate can be asked the very same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ..runtimes import Runtime
from .model import Verdict
from .outcomes import answer
from .question import Question
from .reference import Reference


@dataclass(frozen=True, eq=False)
class Again:
    """A ``question``, what ran the candidate (None: chosen by what it is), and what was its ``own``."""

    question: Question
    runtime: str | Runtime | None = None
    own: Mapping[str, Any] = field(default_factory=dict)

    def ask(self, candidate: object) -> Verdict:
        """The verdict on another candidate; where it departs is not asked. Raises as `check`."""
        return answer(self.question.ask(candidate, runtime=self.runtime, explain=0.0, **self.own))

    def subject(self, verdict: Verdict) -> Reference:
        """The reference on the input of that verdict."""
        found = self.question.references
        return found.get(verdict.case, next(iter(found.values())))

    def on(self, verdict: Verdict) -> Verdict:
        """``verdict`` with this question; what was worked out for it is not held."""
        return replace(verdict, again=replace(self, question=replace(self.question)))


def again(verdict: Verdict) -> Again | None:
    """The question behind a verdict; None where it does not hold one, as after JSON."""
    return cast("Again | None", verdict.again)
