"""`repair`: a corrected artefact beside a wrong one, and only if the question that it failed says so.

The least change comes first: other numbers in the file's own arrays; then nodes of the reference in place of those
that depart, written by the format's writer; then all between inputs and outputs anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..conversion.convert import convert
from ..errors import ConversionError, InputError, ModelparityError
from ..files import replacing
from ..formats.registry import Format, attributed, sniff
from ..graph import Graph
from ..verdict.again import Again, again
from ..verdict.model import Verdict
from .grafting import anew, grafts
from .mistakes import mistaken
from .sides import Sides, sides
from .values import Values, patched

#: Ways of laying right values into arrays whose values stand in several places, that are tried.
WAYS = 8


@dataclass(frozen=True)
class Repaired:
    """A corrected artefact.

    ``result`` is its path, or a `Graph` where the candidate was none of a file; ``how`` is "values" (numbers of its
    arrays), "nodes" (some nodes are the reference's) or "anew" (all between its inputs and outputs is); ``text``
    says it in a sentence, and ``verdict`` is what the question says of it.
    """

    result: Path | Graph
    how: str
    text: str
    verdict: Verdict


@dataclass
class _Tried:
    """What was tried and what came of it, for the error that ends it."""

    lines: list[str] = field(default_factory=list)

    def note(self, text: str, came: Verdict | ModelparityError) -> None:
        said = came.what if isinstance(came, ModelparityError) else f"{came.band}, {came.floors:.3g} floors"
        self.lines.append(f"{text}: {said}")


class _NotYet(Exception):
    """A draft that does not pass, so that it is removed."""


def repair(candidate: object, verdict: Verdict, *, to: str | os.PathLike[str] | None = None) -> Path | Graph:
    """The candidate with its mistake undone, judged by the question that it failed.

    Args:
        candidate: what was judged: a path, a `Graph` or a ``torch.nn.Module``.
        verdict: what `check` said of it.
        to: the file to write; by default ``NAME.repaired.SUFFIX`` beside the candidate.

    Returns:
        The path of the corrected file; for a `Graph` or a module the corrected `Graph`.

    Raises:
        InputError: nothing is wrong, it is not the file that is wrong, or there is a file of that name already.
        ConversionError: nothing that was tried passes; no file is written then.
    """
    return repaired(candidate, verdict, to=to).result


def repaired(
    candidate: object,
    verdict: Verdict,
    *,
    to: str | os.PathLike[str] | None = None,
    asked: Again | None = None,
) -> Repaired:
    """As `repair`, with how it was done; ``asked`` is the question where the verdict does not hold it."""
    question = asked or again(verdict)
    _refuse(verdict, question)
    assert question is not None
    path = Path(candidate) if isinstance(candidate, str | os.PathLike) else None
    if path is None and to is not None:
        raise InputError(
            "a graph is no file, and is repaired as a graph",
            fix="leave to= out, and write what comes back: mp.convert(graph, path)",
        )
    target = None if path is None else Path(to) if to is not None else _beside(path)
    if target is not None:
        _free(target)
    tried = _Tried()
    try:
        both = sides(question, candidate, verdict)
    except ModelparityError as error:
        raise ConversionError(
            f"not repaired: {error.what}", where=path, found=error.found, fix=error.fix or _CONVERT
        ) from error
    if path is None or target is None:
        found = _graph(both, verdict, replace(question, runtime=None), tried)
    else:
        found = _file(path, target, both, verdict, question, tried)
    if found is None:
        raise ConversionError(
            "not repaired, and nothing is written",
            where=path or verdict.candidate,
            found="; ".join(tried.lines) or "no cause that says which numbers or nodes are wrong",
            expected=f"a result that is {verdict.expected} or better",
            fix=_next(verdict),
        )
    return found


#: What is left to do where nothing here helps.
_CONVERT = "convert the reference anew: mp.convert(reference, path)"


def _refuse(verdict: Verdict, question: Again | None) -> None:
    """Raise `InputError` where there is nothing to repair in the candidate."""
    if verdict.ok:
        raise InputError(
            "nothing to repair: the candidate is within its band",
            where=verdict.candidate,
            found=f"{verdict.band}, {verdict.expected} was expected",
            fix="for a closer one ask with expect=",
        )
    if question is None:
        raise InputError(
            "this verdict does not hold its question",
            where=verdict.candidate,
            expected="what mp.check returned in this process",
            fix="run mp.check again, or modelparity repair REFERENCE CANDIDATE",
        )
    if not verdict.judged:
        raise InputError(
            "nothing is known to be wrong: no case could tell", where=verdict.candidate, found=verdict.reason
        )
    place = verdict.located
    if place is not None and place.side in ("runtime", "interface"):
        raise InputError(
            f"the file is not what is wrong, but the {place.side}",
            where=verdict.candidate,
            found="; ".join(place.said) or None,
            fix=place.asked or _next(verdict),
        )


def _next(verdict: Verdict) -> str:
    return "; ".join(cause.repair for cause in verdict.causes if cause.repair) or _CONVERT


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.repaired{path.suffix}")


def _free(target: Path) -> None:
    if os.path.lexists(target):
        raise InputError(
            "there is a file of that name already, and it is not overwritten",
            where=target,
            fix="name another one: to= in Python, --to on the command line",
        )


def _graph(both: Sides, verdict: Verdict, question: Again, tried: _Tried) -> Repaired | None:
    """The candidate's graph corrected, without a file."""
    for how, text, graph in _graphs(both, verdict, tried, values=True):
        try:
            came = _judged(question, graph)
        except ModelparityError as error:
            tried.note(text, error)
            continue
        if came.ok:
            return Repaired(graph, how, text, came)
        tried.note(text, came)
    return None


def _file(
    path: Path, target: Path, both: Sides, verdict: Verdict, question: Again, tried: _Tried
) -> Repaired | None:
    """The candidate's file corrected as ``target``."""
    format = sniff(path)
    if format.patch is not None:
        for text, change in _changes(both, verdict):
            done = _written(target, "values", text, question, tried, _patching(path, format, change))
            if done is not None:
                return done
    if format.write is None:
        tried.lines.append(f"other nodes: {format.name} is not written here")
        return None
    for how, text, graph in _graphs(both, verdict, tried, values=False):
        if format.splice is not None and how != "anew":
            kept = f"{text}; all other nodes are as they were"
            done = _written(
                target, how, kept, question, tried, _splicing(path, format, both.candidate, graph)
            )
            if done is not None:
                return done
        done = _written(target, how, text, question, tried, _converting(graph, format, both.candidate.native))
        if done is not None:
            return done
    return None


def _patching(path: Path, format: Format, change: Values) -> Callable[[Path], None]:
    def write(draft: Path) -> None:
        assert format.patch is not None
        with attributed(format, "writing", path):
            count = format.patch(path, draft, change)
        if not count:
            raise ConversionError("the file has no array with these numbers")

    return write


def _splicing(path: Path, format: Format, was: Graph, wanted: Graph) -> Callable[[Path], None]:
    def write(draft: Path) -> None:
        assert format.splice is not None
        with attributed(format, "writing", path):
            format.splice(path, draft, was, wanted)

    return write


def _converting(graph: Graph, format: Format, native: str) -> Callable[[Path], None]:
    precision = native if native in format.precisions else "float32"

    def write(draft: Path) -> None:
        convert(graph, draft, format=format.name, precision=precision)

    return write


#: Asked too where the input that showed a mistake does not tell of all that is right without it.
FURTHER = ("noise_small", "impulse")


def _judged(question: Again, corrected: object) -> Verdict:
    """What the question says of a corrected candidate, and where its input tells too little, that of others too.

    A wrong verdict needs no input on which the whole network does its work; one that is right does.
    """
    came, asked = question.ask(corrected), question.question
    if came.judged or asked.recipes is None or asked.inputs is not None or asked.golden is not None:
        return came
    more = replace(asked, recipes=tuple(dict.fromkeys((*asked.recipes, *FURTHER))))
    return replace(question, question=more).ask(corrected)


def _written(
    target: Path, how: str, text: str, question: Again, tried: _Tried, write: Callable[[Path], None]
) -> Repaired | None:
    """What ``write`` makes, under its name if it passes; else no file."""
    try:
        with replacing(target, ConversionError, suffix=target.suffix) as draft:
            write(draft)
            came = _judged(question, draft)
            if not came.ok:
                tried.note(text, came)
                raise _NotYet
            _free(target)
    except _NotYet:
        return None
    except InputError:
        raise
    except ModelparityError as error:
        tried.note(text, error)
        return None
    return Repaired(target, how, text, replace(came, candidate=str(target)))


def _changes(both: Sides, verdict: Verdict) -> Iterator[tuple[str, Values]]:
    """Right numbers for the arrays of a file, by the mistakes that are known."""
    wrong = mistaken(both.reference, verdict)
    if wrong is None:
        return
    whole = Values(wrong, both.reference)
    if not whole.changed:
        return
    names = ", ".join(map(repr, whole.changed[:4]))
    yield f"the values of {names} put right", whole
    count = 0
    for name in whole.changed:
        for place in dict.fromkeys(whole.unsure):
            if (count := count + 1) > WAYS:
                return
            yield f"the values of {name!r} put right at {place}", Values(wrong, both.reference, name, place)


def _graphs(
    both: Sides, verdict: Verdict, tried: _Tried, *, values: bool
) -> Iterator[tuple[str, str, Graph]]:
    """(how, what was done, graph) of corrected graphs, the least change first."""
    for text, change in _changes(both, verdict) if values else ():
        graph = patched(both.candidate, change)
        if graph is not both.candidate:
            yield "values", text, graph
    try:
        for graph, copied in grafts(both):
            more = f" and {len(copied) - 6} more" if len(copied) > 6 else ""
            what = f"{', '.join(copied[:6])}{more} of the reference put in place of what departs"
            yield "nodes", what if copied else "nodes given other tensors, that they should have read", graph
        graph_anew = anew(both)
    except ModelparityError as error:
        tried.note("other nodes", error)
        return
    if graph_anew is not None:
        yield "anew", "all between inputs and outputs written anew from the reference", graph_anew
