"""The reference and a candidate's graph side by side: which tensors are the same, and which should be which."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..engine.feeds import bound
from ..engine.limits import limited
from ..engine.run import run
from ..errors import ModelparityError
from ..formats import load
from ..graph import Array, Graph
from ..runtimes.registry import runtime as runtime_named, runtime_for
from ..verdict.again import Again
from ..verdict.bands import BANDS
from ..verdict.fit import Fit
from ..verdict.fit.calling import given_to_both
from ..verdict.fit.signature import Candidate
from ..verdict.locate.followed import Followed
from ..verdict.locate.following import Follower
from ..verdict.locate.known import Tensors, tensors
from ..verdict.locate.live import Live
from ..verdict.locate.place import leading
from ..verdict.model import Verdict
from ..verdict.weights import shrunken


@dataclass(frozen=True, eq=False)
class Sides:
    """Both graphs with what they were given for the verdict, and how inputs and outputs correspond."""

    reference: Graph
    candidate: Graph
    feeds: Mapping[str, Array]
    given: Mapping[str, Array]
    fit: Fit
    wrong: tuple[str, ...]
    seconds: float = 30.0
    _known: dict[str, Array] = field(default_factory=dict)

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """{the candidate's tensor: its shape}. Raises `ModelparityError` where it does not run."""
        found = {**self.given, **run(self.candidate, self.given, arithmetic="float32", taps=True)}
        return {name: np.shape(array) for name, array in found.items()}

    @cached_property
    def truth(self) -> dict[str, Array]:
        """{the reference's tensor: its value}. Raises `ModelparityError` where it does not run."""
        return {**self.feeds, **run(self.reference, self.feeds, taps=True)}

    @cached_property
    def followed(self) -> Followed | None:
        """What became of the candidate's tensors, behind what departs too; None where that does not run."""
        taken = {pair.candidate for pair in self.fit.outputs if pair.reference in self.wrong}
        outputs = tuple(name for name in self.candidate.outputs if name in taken)
        names = {pair.candidate: pair.reference for pair in self.fit.inputs}
        held = shrunken(self.reference, self.candidate.constants) or "float32"
        until = time.monotonic() + self.seconds
        try:
            with limited(seconds=self.seconds):
                known = tensors(self.reference, bound(self.reference, self.feeds), self.wrong, held)
                live = Live(self.candidate, outputs)
                given = bound(self.candidate, self.given)
                found = Follower(known, live, until).run(given, names)
                return self._behind(known, live, given, names, found, until)
        except (ModelparityError, MemoryError):
            return None

    def _behind(
        self,
        known: Tensors,
        live: Live,
        given: Mapping[str, Array],
        names: Mapping[str, str],
        found: Followed,
        until: float,
    ) -> Followed:
        """Followed on behind what departs, where that comes to an end."""
        further = leading(known, found, self.fit, self.wrong)
        if not further:
            return found
        try:
            beyond = Follower(known, live, until, further).run(given, names)
        except (ModelparityError, MemoryError):
            return found
        return found if beyond.stopped else beyond


def sides(again: Again, candidate: object, verdict: Verdict) -> Sides:
    """Both sides of a verdict. Raises `ModelparityError` where the candidate is not read here."""
    subject = again.subject(verdict)
    runtime = again.runtime
    engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
    seen = Candidate(engine, candidate, verdict.candidate, again.question.given)
    feeds, given = given_to_both(seen, verdict.fit, subject)
    graph = (
        load(candidate)
        if isinstance(candidate, Graph | str | os.PathLike)
        else load(candidate, example=given)
    )
    wrong = tuple(one.name for one in verdict.outputs if one.band == BANDS[-1])
    compared = {pair.reference for pair in verdict.fit.outputs}
    return Sides(
        subject.graph,
        graph,
        feeds,
        given,
        verdict.fit,
        tuple(name for name in wrong if name in compared) or tuple(compared),
    )
