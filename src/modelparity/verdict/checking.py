"""`check`: one call from two artefacts to a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, Unavailable
from ..formats import load
from ..graph import Array, Graph
from ..inputs import make
from ..runtimes.registry import runtime as runtime_named, runtime_for
from .judging import judge
from .model import Verdict
from .reference import Reference
from .weights import shrunken

if TYPE_CHECKING:
    from ..goldens import Golden


def check(
    reference: str | Path | Graph,
    candidate: object,
    *,
    inputs: Mapping[str, Array] | Array | None = None,
    recipe: str = "noise",
    seed: int = 0,
    length: int | None = None,
    expect: str = "rounding",
    runtime: str | None = None,
    golden: Golden | None = None,
) -> Verdict:
    """Does ``candidate`` compute what ``reference`` computes?

    ``reference`` is an artefact's path or a `Graph`. ``candidate`` is a path, a `Graph` (run by the engine
    in its native arithmetic) or an object that a runtime accepts, such as a ``torch.nn.Module``. Inputs are
    ``inputs``, or those of ``golden``, or come from a named ``recipe``. ``expect`` is the worst band that
    `Verdict.ok` accepts: exact, rounding or reduced. Raises `ArtefactError`, `InputError`, `Unavailable`, and
    `GoldenError` for a golden of another model.
    """
    graph = reference if isinstance(reference, Graph) else load(reference)
    if golden is not None:
        golden.expect_fresh(graph)
        subject = Reference.from_golden(graph, golden)
    elif inputs is not None:
        subject = Reference(graph, inputs, {"given": True})
    else:
        feeds = make(graph, recipe, seed=seed, length=length)
        subject = Reference(graph, feeds, {"recipe": recipe, "seed": seed, "length": length})
    return check_against(subject, candidate, expect=expect, runtime=runtime)


def check_against(
    subject: Reference, candidate: object, *, expect: str = "rounding", runtime: str | None = None
) -> Verdict:
    """As `check`, for a `Reference` that stands already: its truth and floor serve every candidate."""
    name = _name(candidate)
    engine = runtime_named(runtime) if runtime else runtime_for(candidate)
    if (reason := engine.missing()) is not None:
        raise Unavailable(reason, where=engine.name)
    if not engine.accepts(candidate):
        raise InputError(
            f"{engine.name} does not run this", where=name, fix="leave runtime= out to have it chosen"
        )
    outputs = engine.run(candidate, subject.feeds)
    described, held = engine.describe(), shrunken(subject.graph, engine.weights(candidate))
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


def _name(candidate: object) -> str:
    if isinstance(candidate, str | Path):
        return Path(candidate).name
    return candidate.name if isinstance(candidate, Graph) else type(candidate).__name__
