"""A check of a pipeline as the text that a person reads, and as a table of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from textwrap import wrap

from ..describe.text_table import layout
from ..verdict.bands import BANDS, UNJUDGED
from ..verdict.judgement import Output
from ..verdict.message import multiple, place
from ..verdict.model import Verdict
from .result import Judged, Results, StageVerdict

#: Characters of what is said of a stage in a line.
WIDTH = 100


def sentences(found: Judged) -> list[str]:
    """What one comparison found."""
    if not found.judged:
        return [found.reason or "not judged"]
    told = list(found.notes)
    if found.compared is not None:
        return [*told, str(found.compared)]
    if not found.outputs:
        return told
    worst = max(found.outputs, key=lambda one: (bool(one.problems), one.floors))
    name = f"{worst.name}: " if len(found.outputs) > 1 else ""
    return [*told, *(name + line for line in _numbers(worst, found))]


def _numbers(worst: Output, found: Judged) -> Iterator[str]:
    if worst.problems:
        yield "; ".join(problem.text for problem in worst.problems)
        return
    if found.band == "exact":
        yield "equal, bit for bit"
        return
    yield multiple(found.floors) + (f", explained by {found.explained_by}" if found.explained_by else "")
    if found.band == "wrong" and worst.got is not None and worst.want is not None:
        share = f"; {worst.share_above:.1%} is beyond rounding" if worst.share_above > 0 else ""
        yield f"most at {place(worst)}: {worst.got:.6g}, but should be {worst.want:.6g}{share}"


def text(results: Results) -> str:
    """A line that says it all, a line for each stage, and the verdicts on networks that are not well."""
    lines = [headline(results), ""]
    rows = [["stage", "value", "verdict", "what"], *_rows(results)]
    lines += layout(rows, indent="  ")
    for one in results.failed:
        lines += [f"\n{_indented(str(verdict))}" for verdict in one.verdict if not verdict.ok]
    return "\n".join(lines)


def headline(results: Results) -> str:
    """All of it in a line."""
    changed = ", ".join(f"{name}={value!r}" for name, value in results.chosen.items())
    name = f"{results.pipeline} ({changed})" if changed else results.pipeline
    if failed := results.failed:
        first, rest = failed[0], failed[1:]
        more = f", and by themselves {', '.join(one.name for one in rest)}" if rest else ""
        return f"{name}: {first.name} is {first.band}, expected {results.expected}{more}"
    if not results.ok:
        return f"{name}: {UNJUDGED}"
    left = ", ".join(one.name for one in results.unjudged)
    return f"{name}: ok, {results.worst}{f'; not judged: {left}' if left else ''}"


def _rows(results: Results) -> list[list[str]]:
    rows = []
    for one in results.verdicts:
        first, *more = [part for line in one.lines for part in wrap(line, WIDTH) or [""]]
        rows.append([one.name, "given" if one.given else "computed", _band(one), first])
        rows += [["", "", "", line] for line in more]
        rows += [["", "", "", line] for cause in one.causes for line in wrap(f"cause: {cause.text}", WIDTH)]
        rows += [
            [f"  {verdict.candidate}", "", verdict.band, _network(verdict.floors, verdict.explained_by)]
            for verdict in one.verdict
        ]
    return rows


def _band(one: StageVerdict) -> str:
    if one.follows is not None:
        return f"follows from {one.follows}"
    return one.band


def _network(floors: float, explained: str | None) -> str:
    return f"{multiple(floors)}{f', explained by {explained}' if explained else ''}"


def _indented(lines: str) -> str:
    return "\n".join(f"  {line}" for line in lines.splitlines())


def page(results: Results) -> str:
    """The same as HTML that a notebook shows."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        + "".join(f"<td style='text-align:left'>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in _rows(results)
    )
    more = "".join(
        f"<pre>{escape(str(verdict))}</pre>"
        for one in results.failed
        for verdict in one.verdict
        if not verdict.ok
    )
    head = "".join(f"<th style='text-align:left'>{one}</th>" for one in ("stage", "value", "verdict", "what"))
    return (
        f"<div><p><b>{escape(headline(results))}</b></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}</div>"
    )


def networks_in_a_line(verdicts: Sequence[Verdict]) -> str:
    """How several networks compare."""
    bands = [one.band for one in verdicts]
    counts = [f"{bands.count(band)} {band}" for band in dict.fromkeys((*BANDS, UNJUDGED)) if band in bands]
    return f"{len(bands)} network{'s' * (len(bands) != 1)}: {', '.join(counts)}"
