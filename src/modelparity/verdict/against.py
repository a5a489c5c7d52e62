"""One candidate against one reference on one input: names and sizes are fitted, it is run, and it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..errors import GraphError, InputError, Unavailable
from ..graph import Array, Graph
from ..runtimes import Runtime
from ..runtimes.registry import runtime as runtime_named, runtime_for
from .fitting import refuse_sizes
from .judging import judge
from .matching import inputs_for, outputs_of, refuse_unknown
from .model import Verdict
from .reference import Reference
from .weights import shrunken


def check_against(
    subject: Reference,
    candidate: object,
    *,
    expect: str = "rounding",
    runtime: str | Runtime | None = None,
    names: Mapping[str, str] | None = None,
) -> Verdict:
    """The verdict on ``candidate``; truth and floor of the `Reference` serve every candidate.

    Args:
        subject: the reference on its input.
        candidate: a path, a `Graph`, or an object that a runtime accepts.
        expect: the worst band that `Verdict.ok` accepts.
        runtime: what runs it, by name or as an object; chosen by what the candidate is, if not given.
        names: what the candidate calls inputs and outputs of the reference.

    Raises:
        InputError, ArtefactError, Unavailable: it does not fit the reference, cannot be read, or cannot be run here.
    """
    name = _name(candidate)
    engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
    if (reason := engine.missing()) is not None:
        raise Unavailable(reason, where=engine.name)
    if not engine.accepts(candidate):
        raise InputError(
            f"{engine.name} does not run this", where=name, fix="leave runtime= out to have it chosen"
        )
    refuse_unknown(names or {}, subject.graph)
    feeds, taken = inputs_for(engine, candidate, subject.graph, subject.feeds, names or {}, where=name)
    refuse_sizes(engine, candidate, subject.graph, feeds, taken, where=name)
    ran = _run(engine, candidate, feeds, subject)
    outputs, given = outputs_of(engine, candidate, subject.graph, ran, names or {}, where=name)
    described, held = dict(engine.describe()), shrunken(subject.graph, engine.weights(candidate) or {})
    if other := {own: its for own, its in {**taken, **given}.items() if own != its}:
        described["names"] = ", ".join(f"{own} is {its}" for own, its in other.items())
    verdict = judge(
        subject,
        outputs,
        candidate=name,
        runtime=" ".join(filter(None, (engine.name, described.get("version"), described.get("kind")))),
        expect=expect,
        settings=described,
        held=held,
    )
    if held is None or verdict.band not in ("exact", "rounding"):
        return verdict
    why = f"{held} weights, read from the candidate; on this input the outputs alone do not show them"
    return replace(verdict, band="reduced", explained_by=why)


def _run(
    engine: Runtime, candidate: object, feeds: Mapping[str, Array], subject: Reference
) -> dict[str, Array]:
    """The candidate's outputs. Of inputs that the reference refuses too, it is the reference that speaks."""
    try:
        return engine.outputs(candidate, feeds)
    except (GraphError, InputError):
        _ = subject.truth
        raise


def _name(candidate: object) -> str:
    if isinstance(candidate, str | Path):
        return Path(candidate).name
    return candidate.name if isinstance(candidate, Graph) else type(candidate).__name__
