"""`check`: one call from two artefacts to a verdict."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..errors import GraphError, InputError, Unavailable
from ..formats import load
from ..graph import Array, Graph
from ..inputs import make
from ..runtimes import Runtime
from ..runtimes.registry import runtime as runtime_named, runtime_for
from .fitting import refuse_sizes
from .judging import judge
from .matching import inputs_for, outputs_of, refuse_unknown
from .model import Verdict
from .reference import Reference
from .weights import shrunken


@runtime_checkable
class Recorded(Protocol):
    """What was computed once and kept, with its inputs: a golden."""

    def reference(self, graph: Graph) -> Reference:
        """``graph`` with the recorded inputs, truth and floor. Raises `GoldenError` if it was not made of it."""


def check(
    reference: object,
    candidate: object,
    *,
    inputs: Mapping[str, Array] | Array | None = None,
    recipe: str = "noise",
    seed: int = 0,
    length: int | None = None,
    expect: str = "rounding",
    runtime: str | Runtime | None = None,
    golden: Recorded | None = None,
    sizes: Mapping[str, int] | None = None,
    below: Mapping[str, int] | None = None,
    names: Mapping[str, str] | None = None,
) -> Verdict:
    """Does ``candidate`` compute what ``reference`` computes?

    ``reference`` is an artefact's path, a `Graph`, or a ``torch.nn.Module``, which is read with ``inputs`` as its
    example. ``candidate`` is a path, a `Graph` (run by the engine
    in its native arithmetic) or an object that a runtime accepts, such as a ``torch.nn.Module``; ``runtime`` is the
    name of the one to take, or a `Runtime` object. Inputs are
    ``inputs``, or those of ``golden``, or come from a named ``recipe``. ``expect`` is the worst band that
    `Verdict.ok` accepts: exact, rounding or reduced. ``sizes`` gives the sizes of variable axes by name, ``below``
    what integer inputs stay below; ``names`` maps inputs and outputs of the reference to what the candidate calls
    them, where that does not follow from the names and their order. Raises `ArtefactError`, `InputError`,
    `Unavailable`, and `GoldenError` for a golden of another model.
    """
    graph = _read(reference, inputs)
    if golden is not None:
        if not isinstance(golden, Recorded):
            raise InputError(
                "golden= takes a Golden", found=golden, fix="mp.Golden.load(path), or mp.golden(graph)"
            )
        subject = golden.reference(graph)
    elif inputs is not None:
        subject = Reference(graph, inputs, {"given": True})
    else:
        feeds = make(graph, recipe, seed=seed, length=length, sizes=sizes, below=below)
        about = {"recipe": recipe, "seed": seed, "length": length}
        subject = Reference(graph, feeds, {**about, "sizes": dict(sizes)} if sizes else about)
    return check_against(subject, candidate, expect=expect, runtime=runtime, names=names)


def check_against(
    subject: Reference,
    candidate: object,
    *,
    expect: str = "rounding",
    runtime: str | Runtime | None = None,
    names: Mapping[str, str] | None = None,
) -> Verdict:
    """As `check`, for a `Reference` that stands already: its truth and floor serve every candidate."""
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


def _read(reference: object, inputs: Mapping[str, Array] | Array | None) -> Graph:
    if isinstance(reference, Graph | str | os.PathLike):
        return load(reference)
    return load(reference, example=inputs)


def _name(candidate: object) -> str:
    if isinstance(candidate, str | Path):
        return Path(candidate).name
    return candidate.name if isinstance(candidate, Graph) else type(candidate).__name__
