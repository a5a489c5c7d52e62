"""One case: a candidate compared with a reference on one input; names and sizes are fitted, it is run and judged."""

from __future__ import annotations

import filecmp
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..engine.limits import TooMuch
from ..errors import InputError, ModelparityError, Unavailable
from ..graph import Array, Graph
from ..runtimes import Runtime
from ..runtimes.registry import runtime as runtime_named, runtime_for
from .bands import BANDS, UNJUDGED
from .carrying import carried
from .cause import Cause
from .fit.find import Asked, Fitted, fitted
from .fit.front_ends import contradicted, refused
from .fit.names import refuse_unknown
from .fit.pinned import Said, read, refuse_contradictions
from .fit.signature import Candidate, given_arrays
from .fit.swapped import cause
from .judging import judge, told
from .message import digits, multiple
from .model import Verdict
from .reduced import Elsewhere, shown
from .reference import Reference
from .weights import shrunken

#: What to change where inputs or outputs are fitted by their names and should not be.
REPAIR = "export inputs and outputs under their own names and axes, or say how they correspond: names=, fit="


def check_case(
    subject: Reference,
    candidate: object,
    *,
    expect: str = "rounding",
    runtime: str | Runtime | None = None,
    names: Mapping[str, str] | None = None,
    fills: Mapping[str, float] | None = None,
    ignore: Sequence[str] = (),
    fit: Said = None,
    given: Mapping[str, Array] | None = None,
    elsewhere: Elsewhere | None = None,
) -> Verdict:
    """The verdict on ``candidate``; truth and floor of the `Reference` serve every candidate.

    Args:
        subject: the reference on its input.
        candidate: a path, a `Graph`, or an object that a runtime accepts.
        expect: the worst band that `Verdict.ok` accepts.
        runtime: what runs it, by name or as an object; chosen by what the candidate is, if not given.
        names: what the candidate calls inputs and outputs of the reference.
        fills: values of inputs, by name, that only one side has.
        ignore: outputs of the reference that are meant to be missing.
        fit: the fit that is demanded, "strict" for the identity; see `modelparity.verdict.fit.pinned`.
        given: arrays for inputs that only the candidate has, by its names.
        elsewhere: says what half precision the candidate's outputs show in other cases, and in which.

    Raises:
        InputError, ArtefactError, Unavailable: it does not fit the reference, or nothing here reads or runs it.
    """
    engine = _engine(candidate, runtime)
    refuse_unknown(names or {}, subject.graph)
    name, asked = _name(candidate), Asked(names or {}, fills or {}, tuple(ignore), read(fit))
    refuse_contradictions(asked.fit, asked.names, asked.fills, asked.ignore)
    own = subject.graph if own_file(candidate, subject.graph) else None
    seen = Candidate(engine, candidate, name, given_arrays(given), own)
    try:
        found = fitted(_for_halves(subject, seen), seen, asked)
    except InputError as error:
        if (text := refused(subject.graph, seen)) is None:
            raise
        return _of_another_size(subject, name, engine, expect, text, error)
    subject = found.reference
    described, held = dict(engine.describe()), None
    if own is None:
        held = shrunken(subject.graph, engine.weights(candidate) or {})
    else:
        described["file"] = "the reference's own, byte for byte"
    judge_on = partial(
        judge,
        candidate=name,
        runtime=" ".join(filter(None, (engine.name, described.get("version"), described.get("kind")))),
        expect=expect,
        settings=described,
        held=held,
        ignored=(*asked.ignore, *(to for to in subject.carried.values() if to not in found.outputs)),
        elsewhere=elsewhere,
    )
    judged = partial(judge_on, subject)
    verdict = replace(judged(found.outputs), fit=found.fit)
    verdict = carried(found, seen, verdict, judge_on, asked.ignore)
    if (text := contradicted(subject.graph, found.fit)) is not None:
        verdict = replace(verdict, band="wrong", causes=(Cause("interface", text=text),))
    elif verdict.band == "wrong":
        verdict = replace(verdict, causes=(*verdict.causes, *_in_the_interface(found, seen, verdict, judged)))
    if verdict.band == UNJUDGED:
        return verdict
    if held is None or verdict.band not in ("exact", "rounding"):
        return told(subject, verdict)
    why = f"{held} weights, read from the candidate; on this input the outputs alone do not show them"
    return told(subject, replace(verdict, band="reduced", explained_by=why))


def precision_shown(
    subject: Reference,
    candidate: object,
    *,
    runtime: str | Runtime | None = None,
    names: Mapping[str, str] | None = None,
    fills: Mapping[str, float] | None = None,
    ignore: Sequence[str] = (),
    fit: Said = None,
    given: Mapping[str, Array] | None = None,
) -> str | None:
    """The half precision that the candidate's outputs show, if any; arguments and errors as for `check_case`."""
    found = fit_of(
        subject, candidate, runtime=runtime, names=names, fills=fills, ignore=ignore, fit=fit, given=given
    )
    return shown(found.outputs, found.reference.truth)


def fit_of(
    subject: Reference,
    candidate: object,
    *,
    runtime: str | Runtime | None = None,
    names: Mapping[str, str] | None = None,
    fills: Mapping[str, float] | None = None,
    ignore: Sequence[str] = (),
    fit: Said = None,
    given: Mapping[str, Array] | None = None,
) -> Fitted:
    """The fit of a candidate that is not judged, with what it gave; arguments and errors as for `check_case`."""
    seen = Candidate(_engine(candidate, runtime), candidate, _name(candidate), given_arrays(given))
    return fitted(_for_halves(subject, seen), seen, Asked(names or {}, fills or {}, tuple(ignore), read(fit)))


def _for_halves(subject: Reference, candidate: Candidate) -> Reference:
    """The reference on inputs that the candidate's declared types hold, so that both see the same values."""
    types = {spec.dtype for spec in candidate.specs.values()}
    half = next((dtype for dtype in ("bfloat16", "float16") if dtype in types), None)
    return subject if half is None else subject.rounded(half)


def _engine(candidate: object, runtime: str | Runtime | None) -> Runtime:
    """What runs the candidate. Raises `Unavailable`, or `InputError` if it does not run such."""
    engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
    if (reason := engine.missing()) is not None:
        raise Unavailable(reason, where=engine.name)
    if not engine.accepts(candidate):
        raise InputError(
            f"{engine.name} does not run this",
            where=_name(candidate),
            fix="leave runtime= out to have it chosen",
        )
    return engine


def takes_several(candidate: object, runtime: str | Runtime | None = None) -> bool:
    """Whether the candidate bounds or lists the sizes that it takes, so that it may take another next time."""
    try:
        engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
        specs = engine.specs(candidate).values()
    except ModelparityError:  # asking it for a verdict says why
        return False
    return any(
        spec.shapes or any(axis.size is None and (axis.most or axis.least > 1) for axis in spec.axes)
        for spec in specs
    )


def too_large(
    subject: Reference,
    candidate: object,
    stopped: TooMuch,
    *,
    expect: str,
    runtime: str | Runtime | None = None,
) -> Verdict:
    """The verdict "unjudged" where a run was ``stopped`` at its limits, with the options that allow it."""
    engine = runtime_named(runtime) if runtime is not None else runtime_for(candidate)
    sizes = ", ".join(f"{name}={size}" for name, size in subject.sizes.items())
    less = "give smaller inputs" if subject.given else "take smaller sizes: --size (sizes=)"
    name = "seconds" if "seconds" in str(stopped.expected) else "elements"
    return Verdict(
        reference=subject.graph.name,
        candidate=_name(candidate),
        runtime=engine.name,
        band=UNJUDGED,
        expected=expect,
        floors=0.0,
        outputs=(),
        inputs=dict(subject.about),
        reason=(
            f"too large{f' at {sizes}' if sizes else ''}: {stopped.what} ({stopped.found}); {less}, or allow more: "
            f"--limit {name}=... (modelparity check), limits={{{name!r}: ...}} (Python), limits.{name} (parity.toml)"
        ),
    )


def _of_another_size(
    subject: Reference, candidate: str, engine: Runtime, expect: str, text: str, error: InputError
) -> Verdict:
    """The verdict on a candidate that is made for a size which the reference's own front end never gives."""
    return Verdict(
        reference=subject.graph.name,
        candidate=candidate,
        runtime=engine.name,
        band="wrong",
        expected=expect,
        floors=math.inf,
        outputs=(),
        where=f"{error.found}, for {error.expected}",
        inputs=dict(subject.about),
        causes=(Cause("interface", text=text),),
    )


def own_file(candidate: object, graph: Graph) -> bool:
    """Whether the candidate holds the very bytes that the reference was read from."""
    if graph.source is None or graph.source.seed is not None or not isinstance(candidate, str | Path):
        return False
    own, other = Path(graph.source.path), Path(candidate)
    try:
        if not (own.is_dir() and other.is_dir()):
            return own.is_file() and other.is_file() and filecmp.cmp(own, other, shallow=False)
        names, others = (
            [one.relative_to(root) for one in root.rglob("*") if one.is_file()] for root in (own, other)
        )
        return set(names) == set(others) and all(
            filecmp.cmp(own / n, other / n, shallow=False) for n in names
        )
    except OSError:
        return False  # what is not readable is said elsewhere


def _in_the_interface(
    found: Fitted, seen: Candidate, verdict: Verdict, judged: Callable[[Mapping[str, Array]], Verdict]
) -> Iterator[Cause]:
    """Causes in how inputs and outputs correspond: proven, as all are, by what is left when they are undone."""
    swapped = cause(found.reference, seen, found.fit)
    if swapped is not None and (other := judged(swapped[1])).band != BANDS[-1]:
        left = f"undone, {digits(verdict.floors)} times the floor becomes {digits(other.floors)}"
        yield Cause("interface", (), verdict.floors, other.floors, f"{swapped[0]}; {left}", REPAIR)
    if not found.fit.states or (outputs := found.learned()) is None:
        return
    fed = judged(outputs)
    if fed.band == BANDS[-1]:
        return
    names = ", ".join(name for name, _ in found.fit.states)
    text = (
        f"{names} started from zeros: {multiple(verdict.floors)}; "
        f"fed the reference's initial states: {fed.band}, {multiple(fed.floors)}"
    )
    feed = f"feed {names} the initial states that the reference's weights hold, or write them into the file"
    yield Cause("interface", (), verdict.floors, fed.floors, text, feed)


def _name(candidate: object) -> str:
    if isinstance(candidate, str | Path):
        return Path(candidate).name
    return candidate.name if isinstance(candidate, Graph) else type(candidate).__name__
