"""Every faulty file checked as a user would check it, and what came of it, as results of an audit."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import modelparity as mp
from modelparity.audit import Result
from modelparity.errors import ModelparityError
from modelparity.repairing import repaired
from modelparity.verdict.bands import LIMIT

from .mistake import ALL, Mistake, every, quiet

#: What these results are called among those of an audit.
KIND = "elsewhere"


def attempt(one: Mistake, *, seconds: float = 30.0, repair: bool = True) -> tuple[Result, str]:
    """What becomes of a faulty file, and what a person would read."""
    about: dict[str, Any] = {
        "trial": one.id,
        "kind": KIND,
        "target": one.file.replace("edited", "").replace("dynamo", "").replace("program", ""),
        "network": one.kind,
        "faults": (one.name,),
    }
    with tempfile.TemporaryDirectory(prefix="modelparity-foreign-") as folder:
        try:
            reference, candidate = one.make(Path(folder))
        except Exception as error:  # of whatever framework it is: the file is not there, and that is said
            return Result(**about, state="not written", reason=f"{type(error).__name__}: {error}"), str(error)
        started = time.process_time()
        try:
            with quiet():
                verdict = mp.check(reference, candidate, recipe="noise", seed=0, explain=seconds)
        except ModelparityError as error:
            return Result(**about, state="refused", caught=True, reason=str(error).partition("\n")[0]), str(
                error
            )
        took = time.process_time() - started
        how = _repaired(candidate, verdict) if repair and not verdict.ok else ""
    located, causes = verdict.located, verdict.causes
    place = (located.reference or "") if located is not None else ""
    interface = "interface" in one.right and located is not None and located.side == "interface"
    region = {place, *(located.region if located is not None else ())}
    after = causes[0].after if causes else None
    first = _ids(causes[0]) if causes else set()
    fixed = bool(how) if repair else after is not None and after <= LIMIT
    return Result(
        **about,
        state="judged",
        band=verdict.band,
        floors=float(verdict.floors),
        caught=not verdict.ok,
        placed=one.is_at(reference, place) or interface,
        nearby=any(one.is_at(reference, name) for name in region) or interface,
        named=bool(first & one.right),
        repaired=fixed,
        causes=tuple(cause.fault for cause in causes),
        place=place,
        side=(located.side or "") if located is not None else "",
        seconds=round(took, 3),
        how=how,
    ), str(verdict)


def of_id(given: tuple[str, bool]) -> tuple[Result, str]:
    """`attempt` by (id, whether to repair), as it goes to another process."""
    every()
    return attempt(ALL[given[0]], repair=given[1])


def _ids(cause: mp.Cause) -> set[str]:
    """The ids of a cause and of those that are the same on this network."""
    return {*cause.fault.split(" + "), *(one.partition("@")[0].partition("[")[0] for one in cause.alike)}


def _repaired(candidate: Path, verdict: mp.Verdict) -> str:
    try:
        with quiet():
            return repaired(candidate, verdict).how
    except ModelparityError:
        return ""
