"""Ask on which side a difference arises: the file by this package's engine, the runtime set otherwise, as it is."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ...errors import ModelparityError
from ...formats import load
from ...graph import Array, Graph
from ...runtimes import Runtime
from ...runtimes.base import Variant
from ...runtimes.engine import Engine
from ...runtimes.registry import runtime as runtime_named, runtime_for
from ..bands import BANDS
from ..bisection import culprits, once
from ..case import check_case, fit_of
from ..compare import compare
from ..fit.calling import given_to
from ..fit.signature import Candidate, read_file
from ..locate.model import Way
from ..message import multiple
from ..model import Verdict
from ..reference import Reference
from .departing import departure
from .model import Side, listed

#: Seconds after which no further way is tried.
LIMIT = 30.0
#: So many floors off, a runtime may still be within one of what the file says, which may be within one of the truth.
NEAR = 2.0 + 1e-6


def side_of(
    subject: Reference,
    candidate: object,
    verdict: Verdict,
    *,
    runtime: str | Runtime | None = None,
    seconds: float = LIMIT,
    **how: Any,
) -> Side:
    """On which side the difference of a ``wrong`` verdict arises.

    Args:
        subject: the reference on the input of that verdict.
        candidate: what was judged.
        verdict: the verdict on it.
        runtime: what ran it, as for `check_case`.
        seconds: how long further ways of running it are tried.
        **how: names, fills, ignore, fit and given, as for `check_case`.

    Returns:
        The side, with how it is known. Whatever a run raises is said in its `Way`.
    """
    if any(cause.fault == "interface" for cause in verdict.causes):
        return Side("interface", ("how inputs and outputs correspond explains it",))
    engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
    if isinstance(engine, Engine):
        return Side("artefact", ("this package's engine ran it: the file itself says something else",))
    return _Asked(subject, candidate, verdict, engine, how, time.monotonic() + seconds).answer()


@dataclass(eq=False)
class _Asked:
    """One candidate with the runtime that ran it."""

    subject: Reference
    candidate: object
    verdict: Verdict
    engine: Runtime
    how: Mapping[str, Any]
    until: float

    @cached_property
    def feeds(self) -> dict[str, Array]:
        """What the candidate was given."""
        seen = Candidate(self.engine, self.candidate, self.verdict.candidate, self.how.get("given") or {})
        return given_to(seen, self.verdict.fit, self.subject)

    @cached_property
    def graph(self) -> Graph | str:
        """What the candidate says, by this package's readers, or why they do not read it."""
        try:
            if isinstance(self.candidate, str | os.PathLike):
                return read_file(self.candidate)
            return load(self.candidate, example=self.feeds)
        except ModelparityError as error:
            return error.what

    def answer(self) -> Side:
        if isinstance(self.graph, str):
            return self._unread(self.graph)
        said = self.way(f"the {self.what}, by this package's engine", self.subject, self.graph, Engine())
        if said.error:
            return self._unread(said.error.splitlines()[0])
        if said.agrees and self.verdict.floors < NEAR and self._alike():
            near = f"it is near the limit: by this package's engine the {self.what} is off by {multiple(said.floors)}"
            return Side("artefact", (f"{near}, and {self.verdict.runtime} computes what it says",), (said,))
        if said.agrees:
            right = f"the {self.what} is right: this package's engine agrees, {multiple(said.floors)}"
            off = f"{self.verdict.runtime} computes something else of it"
            return self._runtime((right, off), (said,), self.subject)
        wrong = (
            f"the {self.what} itself says something else: by this package's engine {multiple(said.floors)}"
        )
        if self._alike():
            return Side("artefact", (f"{wrong}, and {self.verdict.runtime} computes what it says",), (said,))
        own = Reference(self.graph, self.feeds)
        if self.way("", own, self.graph, Engine(), plain=True).band not in BANDS[:2]:
            # It asks for fewer bits than floats have: what a runtime does wrong is no more than rounding there.
            return self._otherwise((wrong,), (said,))
        ran = self.way("", own, self.candidate, self.engine, plain=True)
        if not ran.departs:
            return Side("artefact", (wrong,), (said,))
        off = f"besides, {self.verdict.runtime} does not compute what it says: {multiple(ran.floors)}"
        found = self._runtime((wrong, off), (said,), own, plain=True)
        return replace(found, side="artefact")

    def _alike(self) -> bool:
        """Whether the runtime gives what this package's engine does, within the reference's floors."""
        try:
            own = fit_of(self.subject, self.graph, runtime=Engine(), **self.how)
            ran = fit_of(self.subject, self.candidate, runtime=self.engine, **self.how)
        except ModelparityError:
            return False
        floors = ran.reference.floor().outputs
        if own.fit.outputs != ran.fit.outputs or own.outputs.keys() != ran.outputs.keys():
            return False
        if any(
            name not in floors or not array.shape == own.outputs[name].shape == floors[name].shape
            for name, array in ran.outputs.items()
        ):  # the reference has no floors for other shapes: the file's own are measured
            return False
        return all(
            compare(name, array, own.outputs[name], floors[name], dtypes=(str(array.dtype),)).band
            != BANDS[-1]
            for name, array in ran.outputs.items()
        )

    @property
    def what(self) -> str:
        """What the candidate is called."""
        return "file" if isinstance(self.candidate, str | os.PathLike | bytes) else "module"

    def _otherwise(self, said: Sequence[str], ways: Sequence[Way]) -> Side:
        """The file asks for it; what agrees, set otherwise, is said."""
        others = self._variants(self.subject, plain=False)
        agree = [one for one in others if one[1].agrees]
        text = (f"with {listed([way.name for _, way in agree])} it agrees",) if agree else ()
        asked = agree[-1][0].asked if agree else ""
        return Side("artefact", (*said, *text), (*ways, *(way for _, way in others)), asked=asked)

    def _unread(self, why: str) -> Side:
        """Nobody here knows what the file says: only the runtime itself, set otherwise, may tell."""
        unread = f"this package's engine does not run the {self.what} ({why})"
        ways = self._variants(self.subject, plain=False)
        if any(way.agrees for _, way in ways):
            return self._runtime((unread,), (), self.subject)
        also = [way.name for _, way in ways if way.departs]
        same = (f"with {listed(also)} it is off as well",) if also else ()
        return Side(None, (unread, *same), tuple(way for _, way in ways))

    def way(
        self, name: str, subject: Reference, candidate: object, runtime: Runtime, *, plain: bool = False
    ) -> Way:
        """What the candidate gives, run so; ``plain`` leaves out what was said of the fit."""
        how = {} if plain else self.how
        try:
            found = check_case(subject, candidate, runtime=runtime, **how)
        except ModelparityError as error:
            return Way(name, error=str(error))
        return Way(name, found.band, found.floors)

    def _variants(self, subject: Reference, *, plain: bool) -> list[tuple[Variant, Way]]:
        found = []
        for variant in self.engine.variants(self.candidate):
            if time.monotonic() < self.until:
                way = self.way(variant.name, subject, self.candidate, variant.runtime, plain=plain)
                found.append((variant, way))
        return found

    def _runtime(
        self, said: Sequence[str], ways: Sequence[Way], subject: Reference, *, plain: bool = False
    ) -> Side:
        """The runtime departs from ``subject``: which part of it, and where."""
        others = self._variants(subject, plain=plain)
        side = Side("runtime", tuple(said), (*ways, *(way for _, way in others)))
        agree = [one for one in others if one[1].agrees]
        depart = [one for one in others if one[1].departs]
        if agree or depart:
            parts = (
                [f"{listed([way.name for _, way in agree])} agree{'s' * (len(agree) == 1)}"] if agree else []
            )
            if depart:
                names = listed([way.name for _, way in depart])
                parts.append(f"{names} depart{'s' * (len(depart) == 1)}{' as well' if not agree else ''}")
            side = replace(side, said=(*side.said, "; ".join(parts)))
        # What departs with the least added to what agrees shows the place most plainly.
        first = others.index(agree[0]) if agree else len(others)
        later = [variant for variant, way in others[first:] if way.departs]
        culprit = later[0].runtime if later else self.engine
        asked = agree[-1][0].asked if agree else ""
        if agree and culprit.optimiser is not None:
            side, asked = self._passes(side, culprit, subject, asked, plain)
        side = replace(side, asked=asked)
        return self._place(side, culprit)

    def _passes(
        self, side: Side, culprit: Runtime, subject: Reference, asked: str, plain: bool
    ) -> tuple[Side, str]:
        """The passes of its optimiser without which it agrees."""
        optimiser = culprit.optimiser
        assert optimiser is not None

        def right(off: Sequence[str]) -> bool:
            if time.monotonic() > self.until:
                raise _TimeIsUp
            variant = optimiser.without(off)
            return self.way(variant.name, subject, self.candidate, variant.runtime, plain=plain).agrees

        try:
            found = culprits(optimiser.passes(self.candidate), once(right))
        except _TimeIsUp:
            return replace(side, said=(*side.said, "there was no time to look for the pass")), asked
        except ModelparityError as error:
            return replace(side, said=(*side.said, f"its passes could not be told: {error.what}")), asked
        if not found:
            return side, asked
        variant = optimiser.without(found)
        text = (
            f"the pass {found[0]} makes" if len(found) == 1 else f"the passes {listed(found)} together make"
        )
        said = f"{text} the difference: {variant.name} it agrees"
        return replace(side, passes=found, said=(*side.said, said)), variant.asked

    def _place(self, side: Side, culprit: Runtime) -> Side:
        """The first step of it that departs from what the file says."""
        if isinstance(self.graph, str) or time.monotonic() > self.until:
            return side
        found = departure(culprit, self.candidate, self.graph, self.feeds)
        if isinstance(found, str):
            return replace(side, said=(*side.said, f"no place is named: {found}"))
        if found is None:
            return side
        made = f", {found.maker}," if found.maker else ""
        text = f"the first result that departs is {found.result!r}{made} by {multiple(found.floors)}"
        said = (*side.said, text, *([found.known] if found.known else []))
        return replace(side, step=found.maker or found.result, said=said)


class _TimeIsUp(Exception):
    """Raised inside a bisection that has taken its time."""
