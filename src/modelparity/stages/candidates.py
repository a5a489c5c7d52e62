"""Other people's networks in the place of a stage's: which file is which, how each compares, and what they give."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, ModelparityError, near
from ..formats.registry import sniff
from ..graph import Array, Graph
from ..runtimes import Runtime
from ..verdict.case import fit_of
from ..verdict.checking import check
from ..verdict.model import Verdict
from ..verdict.reference import Reference
from .description import Description
from .stage import Networks


def candidates(
    pipeline: Description, networks: Mapping[str, object] | object
) -> dict[str, tuple[object, ...]]:
    """{stage: a candidate for each of its networks, in their order} of what a caller gave.

    Raises `InputError` for a stage that has no networks, or another number of them.
    """
    stages = [part.name for part in pipeline.parts if isinstance(part, Networks)]
    if not isinstance(networks, Mapping):
        if len(stages) != 1:
            raise InputError(
                "it is not said whose networks these are",
                where=pipeline.name,
                found=type(networks).__name__,
                expected=f"{{stage: networks}}, a stage being one of {', '.join(stages)}"
                if stages
                else "none",
            )
        networks = {stages[0]: networks}
    found: dict[str, tuple[object, ...]] = {}
    for name, given in networks.items():
        part = pipeline.stage(name)
        if not isinstance(part, Networks):
            raise InputError(
                f"stage {name!r} has no networks", where=pipeline.name, expected=near(name, stages)
            )
        found[name] = _in_order(pipeline, part, given)
    return found


def _in_order(pipeline: Description, part: Networks, given: object) -> tuple[object, ...]:
    keys = [member.key for member in part.members]
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        listed: list[object] = list(_inside(path)) if path.is_dir() and not _artefact(path) else [path]
    elif isinstance(given, Sequence):
        listed = [Path(one) if isinstance(one, str | os.PathLike) else one for one in given]
    else:
        listed = [given]
    if len(listed) != len(keys):
        names = ", ".join(one.name if isinstance(one, Path) else type(one).__name__ for one in listed)
        raise InputError(
            f"stage {part.name!r} has {len(keys)} network{'s' * (len(keys) != 1)}, and {len(listed)} were given",
            where=pipeline.name,
            found=names or f"no network in {given}",
            expected=f"one for each of {', '.join(keys)}",
            fix="give a list in that order, or a folder that holds those networks and no other",
        )
    return tuple(_by_name(listed, keys))


def _by_name(listed: Sequence[object], keys: Sequence[str]) -> Sequence[object]:
    """In the order of the networks where files are called as they are; else as they come."""
    ends = [key.rpartition("/")[2] for key in keys]
    stems = [one.name.partition(".")[0] if isinstance(one, Path) else "" for one in listed]
    if len(set(ends)) == len(ends) and sorted(stems) == sorted(ends):
        return [listed[stems.index(one)] for one in ends]
    return listed


def _inside(folder: Path) -> list[Path]:
    """The networks of a folder, numbers in their names by size."""
    found = [path for path in folder.iterdir() if not path.name.startswith(".") and _artefact(path)]
    return sorted(
        found, key=lambda path: [int(one) if one.isdigit() else one for one in re.split(r"(\d+)", path.name)]
    )


def _artefact(path: Path) -> bool:
    """Whether some format knows it."""
    try:
        sniff(path)
    except ModelparityError:
        return False
    return True


def judged(
    members: Sequence[Graph],
    given: Sequence[object],
    features: Array,
    *,
    expect: str,
    runtime: str | Runtime | None,
    explain: bool | float,
) -> tuple[Verdict, ...]:
    """The verdict on each candidate, on ``features`` of the reference. Raises what `modelparity.check` does."""
    found = []
    for member, one in zip(members, given, strict=True):
        try:
            fed = _as_taken(member, features)
            found.append(check(member, one, inputs=fed, expect=expect, runtime=runtime, explain=explain))
        except ModelparityError as error:
            raise error.changed(where=_told(one, error)) from error
    return tuple(found)


def results(
    members: Sequence[Graph], given: Sequence[object], features: Array, runtime: str | Runtime | None
) -> list[Any]:
    """What each candidate gives of ``features``, in the layout of its reference.

    Raises `InputError` for one that takes only windows of them, since what it gives has no whole then.
    """
    found = []
    for member, one in zip(members, given, strict=True):
        fit = fit_of(Reference(member, _as_taken(member, features)), one, runtime=runtime)
        if fit.reference.windows is not None:
            size, axis = fit.reference.windows.size, fit.reference.windows.axis
            raise InputError(
                f"it takes {size} of {axis!r} at a time, so that it gives no whole of these features",
                where=one if isinstance(one, Path) else member.name,
            )
        found.append(fit.outputs[member.outputs[0]])
    return found


def _as_taken(member: Graph, features: Array) -> Array:
    """Features in the type that the network declares, which holds fewer bits than some front ends give."""
    declared = member.inputs[0].dtype
    narrow = features.dtype == np.float64 and declared == "float32"
    return features.astype(np.float32) if narrow else features


def _told(candidate: object, error: ModelparityError) -> str:
    """Which of several networks an error is of."""
    name = candidate.name if isinstance(candidate, Path | Graph) else type(candidate).__name__
    where = "" if error.where is None else str(error.where)
    return where if name in where else ", ".join(filter(None, (name, where)))
