"""A verdict as the text that a person reads: what, by how many floors, where, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .model import LIMIT, Output, Verdict


def explain(verdict: Verdict) -> str:
    """The assertion text of ``verdict``: one line if it is well, else several.

    Disagreements of shape, type and non-finite values come first, since no number after them means much.
    """
    if verdict.ok:
        return f"{verdict.band}: {_subject(verdict)} is within {_margin(verdict)}{_condition(verdict)}"
    lines = [f"{verdict.band}, expected {verdict.expected}: {_subject(verdict)}"]
    worst_first = sorted(verdict.outputs, key=lambda output: (not output.problems, -output.floors))
    for output in worst_first:
        lines += [f"  {_label(label)}{text}" for label, text in _facts(output, verdict)]
    lines += [f"  {_label('inputs')}{_inputs(verdict)}"] if verdict.inputs else []
    lines += [f"  {_label('names')}{verdict.settings['names']}"] if "names" in verdict.settings else []
    lines += [f"  {_label('cause')}{cause.get('text', cause.get('fault', ''))}" for cause in verdict.causes]
    lines += [f"  {_label('next' if i == 0 else '')}{step}" for i, step in enumerate(_next(verdict))]
    return "\n".join(lines)


def place(output: Output) -> str:
    """The worst element as a reader writes it: ``y[37, 0]``, with axis names where they are known."""
    return f"{output.name}[{', '.join(map(str, output.index))}]" if output.index else output.name


def multiple(floors: float) -> str:
    """A number of floors in as many digits as mean something."""
    if math.isnan(floors) or math.isinf(floors):
        return "infinitely many floors"
    if floors >= 1e6:
        return f"{floors:.1e} floors"
    return f"{floors:,.0f} floors" if floors >= 100 else f"{floors:.2g} floors"


def _label(label: str) -> str:
    return f"{label:<11}"


def _subject(verdict: Verdict) -> str:
    other = "its reference" if verdict.candidate == verdict.reference else verdict.reference
    return f"{verdict.candidate} run by {verdict.runtime}, against {other}"


def _margin(verdict: Verdict) -> str:
    text = multiple(verdict.floors)
    return f"{text}, explained by {verdict.explained_by}" if verdict.explained_by else text


def _condition(verdict: Verdict) -> str:
    return " (ill-conditioned)" if verdict.conditioning == "ill" else ""


def _facts(output: Output, verdict: Verdict) -> Iterator[tuple[str, str]]:
    for problem in output.problems:
        yield "problem", f"output {output.name!r}: {problem}"
    if output.got is None or output.want is None:
        return
    if output.band in ("exact", "rounding") and not output.problems and len(verdict.outputs) > 1:
        yield "also", f"output {output.name!r} is {output.band}, {multiple(output.floors)}"
        return
    runs = f"{verdict.floor_runs} perturbed runs{_condition(verdict)}"
    if output.difference == 0.0:
        yield "what", f"output {output.name!r}: finite values agree"
        return
    largest = output.difference / output.floor if output.floor else math.inf
    yield "what", f"output {output.name!r} is off by {multiple(largest)}; rounding explains {LIMIT:g}"
    share = f"; {output.share_above:.2%} of the elements are beyond rounding" if output.share_above else ""
    yield "where", f"{place(output)} of shape {list(output.shape)}{share}"
    yield "got", f"{output.got:.9g}"
    yield "want", f"{output.want:.9g}"
    yield "difference", f"{output.difference:.3g}"
    yield "floor", f"{output.floor:.3g}, from {runs}"
    if verdict.explained_by and output.band == "reduced":
        yield "explained", f"by {verdict.explained_by}"


def _inputs(verdict: Verdict) -> str:
    shown = ("recipe", "seed", "length", "sizes", "golden", "file", "given")
    known = [f"{key} {verdict.inputs[key]}" for key in shown if verdict.inputs.get(key) is not None]
    return ", ".join(known) or "as given"


def _next(verdict: Verdict) -> Iterator[str]:
    problems = " ".join(problem for output in verdict.outputs for problem in output.problems)
    if "shape is" in problems:
        yield "compare the shapes above: a missing squeeze or batch axis, padding, or a stride taken for a flatten"
    if "type is" in problems:
        yield "the element type differs: convert with the type that the reference declares"
        if "type is float16" in problems:
            yield "if half precision is meant, expect 'reduced'"
    if "NaN" in problems or "infinity" in problems:
        yield "look for the first node with such values: an empty mask, a division by zero, a logarithm of zero"
    if problems:
        return
    if verdict.band == "reduced":
        yield f"if {verdict.explained_by or 'reduced precision'} is meant, expect 'reduced'; else convert in float32"
        return
    if verdict.band == "rounding":
        yield "bit for bit equality was expected; expect 'rounding' unless the two must run the same instructions"
        return
    if verdict.conditioning == "ill":
        yield "this network amplifies rounding on this input: try other recipes before you look for a fault"
    worst = max(verdict.outputs, key=lambda output: output.floors)
    if worst.share_above > 0.25:
        yield "most of the output is off: look for a weight, a gate, an axis order or an activation"
    elif worst.share_above:
        yield "only a part of the output is off: look at edges, padding, masks, and the direction of time"
    yield "run again with length 1: if that agrees, the fault lies in what connects frames (state, time axis)"
