"""Ask of a wrong verdict where its candidate departs: its file is read, and fed as it was for the verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from ...errors import ModelparityError
from ...formats import load
from ...graph import Array, Graph
from ...runtimes import Runtime
from ...runtimes.registry import runtime as runtime_named, runtime_for
from ..bands import BANDS
from ..fit.calling import given_to_both
from ..fit.signature import Candidate, given_arrays, read_file
from ..judgement import Judgement
from ..reduced import NARROW_OUTPUTS
from ..reference import Reference
from ..weights import shrunken
from .locating import locate
from .model import Located


def located_in(
    subject: Reference,
    candidate: object,
    verdict: Judgement,
    *,
    runtime: str | Runtime | None = None,
    seconds: float,
    given: Mapping[str, Array] | None = None,
    precision: str | None = None,
) -> Located:
    """Where ``candidate`` departs from ``subject``, the reference on the input of the ``verdict``.

    A candidate that nobody here reads has an output alone, and the reason. ``given`` are arrays for inputs that only
    the candidate has; ``seconds`` what it may take; ``precision`` what is no departure, that of its weights if None.
    """
    fit = verdict.fit
    compared = [pair.reference for pair in fit.outputs]
    wrong = [
        one.name for one in verdict.outputs if one.band == BANDS[-1] and one.name in compared
    ] or compared
    output = wrong[0] if wrong else ""
    try:
        engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
        seen = Candidate(engine, candidate, verdict.candidate, given_arrays(given))
        feeds, own = given_to_both(seen, fit, subject)
        graph = read(candidate, own)
    except ModelparityError as error:
        return Located(output=output, note=f"no node is named: {error.what}")
    precision = precision or shrunken(subject.graph, graph.constants) or "float32"
    return locate(subject.graph, feeds, graph, own, fit, wrong, precision=precision, seconds=seconds)


def narrowed_in(
    subject: Reference,
    candidate: object,
    verdict: Judgement,
    *,
    runtime: str | Runtime | None = None,
    seconds: float,
    given: Mapping[str, Array] | None = None,
) -> Located:
    """Where ``candidate`` first has fewer bits than float32, of a "reduced" verdict; arguments as for `located_in`.

    Where its file, read node by node, is within what float32 costs, the file asks for it in the type of its outputs
    alone, or does not ask for it: its runtime does.
    """
    found = located_in(
        subject, candidate, verdict, runtime=runtime, seconds=seconds, given=given, precision="float32"
    )
    if not found.nodes:
        return found
    why = verdict.explained_by or "half precision"
    if found.departed:
        note = f"it is the first beyond what float32 costs; the whole is explained by {why}"
        return replace(found, side="artefact", note="; ".join(filter(None, (note, found.note))))
    lost = replace(found, reference=None, candidate=None, origin="", reference_origin="", region=())
    within = "node by node the file is within float32"
    if verdict.explained_by == NARROW_OUTPUTS:
        return replace(
            lost, side="artefact", note=f"{within}: what it declares fewer bits for are its outputs"
        )
    return replace(lost, side="runtime", note=f"{within}: what runs it takes fewer bits")


def read(candidate: object, example: Mapping[str, Array]) -> Graph:
    """What the candidate computes. Raises `ModelparityError` where it is not readable."""
    if isinstance(candidate, Graph):
        return candidate
    if isinstance(candidate, str | os.PathLike):
        return read_file(candidate)
    return load(candidate, example=example)
