"""On which side, where and why a wrong candidate departs: asked once for a candidate, of the worst of its cases."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from ..errors import ModelparityError
from ..runtimes import Runtime
from .bands import BANDS
from .case import own_file
from .model import Verdict
from .reference import Reference

#: Seconds that it may take unless told otherwise.
SECONDS = 30.0


def placed(
    subject: Reference,
    candidate: object,
    verdict: Verdict,
    *,
    runtime: str | Runtime | None = None,
    seconds: float = SECONDS,
    **how: Any,
) -> Verdict:
    """``verdict`` with where and why the difference arises, if it is not ok and there are ``seconds``.

    What is "reduced" where more was expected has a place alone: half precision explains it.

    ``subject`` is the reference on the input of that verdict; ``how`` are names, fills, ignore, fit and given, as for
    `check_case`.
    """
    if verdict.ok or verdict.band not in BANDS[2:] or seconds <= 0:
        return verdict
    # Most candidates are not wrong: what finds out why is not even imported for them.
    from .explain.asking import with_causes
    from .locate.asking import located_in, narrowed_in
    from .locate.chained import chained, in_one_step
    from .side import side_of

    if verdict.band != BANDS[-1]:
        given = how.get("given")
        narrow = narrowed_in(subject, candidate, verdict, runtime=runtime, seconds=seconds, given=given)
        return replace(verdict, located=replace(narrow, case=verdict.case))
    started = time.monotonic()
    try:
        found = side_of(subject, candidate, verdict, runtime=runtime, seconds=seconds, **how)
    except ModelparityError:  # what is wrong stays so, and is said without it
        return verdict
    place, chain = verdict.located, None
    same = own_file(candidate, subject.graph)
    if not same and found.side not in ("runtime", "interface"):  # what the file says is another thing
        left = seconds - (time.monotonic() - started)
        if "steps" in verdict.inputs:
            chain = chained(subject, candidate, verdict, runtime=runtime, seconds=left, **how)
        place = (
            located_in(subject, candidate, verdict, runtime=runtime, seconds=left, given=how.get("given"))
            if chain is None
            else in_one_step(chain)
        )
    located = found.of(place)
    took = round(time.monotonic() - started, 3)
    verdict = replace(verdict, located=replace(located, case=verdict.case, seconds=took))
    if same:  # a file has no mistake beside itself
        return verdict
    left = seconds - took
    return with_causes(subject, candidate, verdict, runtime=runtime, seconds=left, chain=chain, **how)
