"""A verdict as the text that a person reads: what, how far beyond rounding, where, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .bands import UNJUDGED
from .judgement import Judgement, Output
from .locate import Located

#: Names of weights without effect that a text shows.
SHOWN = 8
#: What to do about fewer bits than were expected.
HALF = "if half precision is meant, expect 'reduced'; else convert in float32"


def explain(verdict: Judgement) -> str:
    """The assertion text of ``verdict``: one line if it is well and has the reference's interface, else several.

    Disagreements of shape, type and non-finite values come first, since no number after them means much.
    """
    if verdict.band == UNJUDGED:
        return "\n".join([f"unjudged: {_subject(verdict)}", *_why(verdict), *_cases(verdict)])
    if verdict.ok:
        off = f"{_subject(verdict)} is off by {_margin(verdict)}{_condition(verdict)}{_of(verdict)}"
        return "\n".join([f"{verdict.band}: {off}{_silent(verdict)}", *fit_lines(verdict), *_states(verdict)])
    if verdict.accepted:
        planned = len(verdict.several) + len(verdict.unjudged)
        failed = sum(one.failed for one in verdict.unjudged)
        lines = [f"{failed} of {planned} cases could not be judged: {_subject(verdict)}"]
        return "\n".join([*lines, *_cases(verdict)])
    lines = [f"{verdict.band}, expected {verdict.expected}: {_subject(verdict)}"]
    worst_first = sorted(verdict.outputs, key=lambda output: (not output.problems, -output.floors))
    for output in worst_first:
        lines += [f"  {_label(label)}{text}" for label, text in _facts(output, verdict)]
    lines += [f"  {_label('inputs')}{_inputs(verdict)}"] if verdict.inputs else []
    lines += [f"  {_label('names')}{verdict.settings['names']}"] if "names" in verdict.settings else []
    lines += [*fit_lines(verdict), *_states(verdict)]
    lines += _cases(verdict)
    lines += [f"  {_label('' if i else 'weights')}{text}" for i, text in enumerate(_unexercised(verdict))]
    lines += _located(verdict)
    lines += _causes(verdict)
    lines += [f"  {_label('next' if i == 0 else '')}{step}" for i, step in enumerate(_next(verdict))]
    return "\n".join(lines)


def fit_lines(verdict: Judgement) -> list[str]:
    """What was matched, moved and filled to compare the two, and sizes taken smaller; nothing for the identity."""
    lines = [f"  {_label('' if i else 'fit')}{text}" for i, text in enumerate(verdict.fit.describe())]
    cases = [(f"{one.case}: ", _smaller(one)) for one in verdict.several] or [("", _smaller(verdict))]
    if sizes := [name + text for name, text in cases if text]:
        lines.append(
            f"  {_label('sizes')}smaller than usual, for what a run takes or the network refuses: {'; '.join(sizes)}"
        )
    changed = [one for one in (*verdict.several, verdict) if "instead of" in one.inputs][:1]
    lines += [
        f"  {_label('recipe')}{one.case} in place of {one.inputs['instead of']}, which leaves the reference unmoved"
        for one in changed
    ]
    return lines


def _smaller(verdict: Judgement) -> str:
    found = verdict.inputs.get("smaller", {})
    return ", ".join(f"{name}={size} for {usual}" for name, (size, usual) in found.items())


def _states(verdict: Judgement) -> list[str]:
    """What was carried from step to step, and how that compared."""
    known = [kind for kind in ("states", "windows") if kind in verdict.settings]
    return [f"  {_label(kind)}{verdict.settings[kind]}" for kind in known]


def _located(verdict: Judgement) -> list[str]:
    """Where the candidate departs, if that was asked."""
    if verdict.located is None:
        return []
    return [f"  {_label('' if i else 'place')}{text}" for i, text in enumerate(verdict.located.describe())]


def _causes(verdict: Judgement) -> list[str]:
    """What explains the difference and how to repair it, or what was tried."""
    lines = []
    for cause in verdict.causes:
        lines += [f"  {_label('cause')}{cause.text or cause.fault}"]
        lines += [f"  {_label('repair')}{cause.repair}"] if cause.repair else []
    told = verdict.search.describe() if verdict.search is not None and not verdict.causes else ()
    return [*lines, *(f"  {_label('' if i else 'tried')}{text}" for i, text in enumerate(told))]


def place(output: Output) -> str:
    """The worst element as a reader writes it: ``y[37, 0]``, with axis names where they are known."""
    return f"{output.name}[{', '.join(map(str, output.index))}]" if output.index else output.name


def multiple(floors: float) -> str:
    """A distance in floors, as a person reads it, in as many digits as mean something."""
    if math.isnan(floors) or math.isinf(floors):
        return "infinitely more than rounding can explain"
    return f"{digits(floors)} times what rounding can explain"


def digits(floors: float) -> str:
    """A number of floors in as many digits as mean something."""
    if math.isnan(floors) or math.isinf(floors):
        return "infinitely many"
    return f"{floors:.1e}" if floors >= 1e6 else f"{floors:,.0f}" if floors >= 100 else f"{floors:.2g}"


def _label(label: str) -> str:
    return f"{label:<11}"


def _subject(verdict: Judgement) -> str:
    other = "its reference" if verdict.candidate == verdict.reference else verdict.reference
    own = f" ({verdict.settings['file']})" if "file" in verdict.settings else ""
    return f"{verdict.candidate}{own} run by {verdict.runtime}, against {other}"


def _margin(verdict: Judgement) -> str:
    text = multiple(verdict.floors)
    return f"{text}, explained by {verdict.explained_by}" if verdict.explained_by else text


def _condition(verdict: Judgement) -> str:
    return " (ill-conditioned)" if verdict.conditioning == "ill" else ""


def _of(verdict: Judgement) -> str:
    """Among which cases a verdict is the worst."""
    names = [one.case for one in verdict.several]
    return f", the worst of {', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else ""


def _silent(verdict: Judgement) -> str:
    """What a verdict that is well does not cover: cases that could not tell, and weights without effect."""
    silent = [f"{one.case} (it could not tell: {one.reason})" for one in verdict.unjudged if not one.failed]
    parts = [f"not judged: {'; '.join(silent)}"] if silent else []
    return "".join(f"; {part}" for part in (*parts, *_unexercised(verdict)))


def _unexercised(verdict: Judgement) -> Iterator[str]:
    """Which weights no recipe exercised, as far as that is known: a fault in them would not show."""
    if verdict.idle:
        names = ", ".join(verdict.idle[:SHOWN])
        more = f" and {len(verdict.idle) - SHOWN} more" if len(verdict.idle) > SHOWN else ""
        several = len(verdict.several) > 1
        yield f"{'no recipe exercised' if several else 'without effect on this input:'} {names}{more}"
    if verdict.unasked:
        yield f"whether {verdict.unasked} weight tensors have an effect was not asked"


def _why(verdict: Judgement) -> Iterator[str]:
    """Why nothing could be judged."""
    if not verdict.unjudged:
        yield f"  {_label('reason')}{verdict.reason}"
        yield f"  {_label('inputs')}{_inputs(verdict)}"


def _cases(verdict: Judgement) -> list[str]:
    """A line for each case, if several were planned; the reason in full where one could not be judged."""
    found = [f"{one.case}: {one.band}, {multiple(one.floors)}" for one in verdict.several]
    for one in verdict.unjudged:
        why = "not judged" if one.failed else "could not tell"
        found += f"{one.case}: {why}: {one.reason}".splitlines()
    return [f"  {_label('' if place else 'cases')}{text}" for place, text in enumerate(found)]


def _facts(output: Output, verdict: Judgement) -> Iterator[tuple[str, str]]:
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
    yield "what", f"output {output.name!r} is off by {multiple(largest)}"
    share = f"; {output.share_above:.2%} of the elements are beyond rounding" if output.share_above else ""
    yield "where", f"{place(output)} of shape {list(output.shape)}{share}"
    yield "got", f"{output.got:.9g}"
    yield "want", f"{output.want:.9g}"
    yield "difference", f"{output.difference:.3g}"
    yield "floor", f"{output.floor:.3g}, from {runs}"
    if verdict.explained_by and output.band == "reduced":
        yield "explained", f"by {verdict.explained_by}"


def _inputs(verdict: Judgement) -> str:
    shown = ("recipe", "instead of", "seed", "length", "sizes", "golden", "file", "given")
    known = [f"{key} {verdict.inputs[key]}" for key in shown if verdict.inputs.get(key) is not None]
    return ", ".join(known) or "as given"


def _next(verdict: Judgement) -> Iterator[str]:
    """What to do; where a cause is known, no guess at others."""
    if verdict.causes:
        return
    if verdict.located is not None and verdict.located.side == "runtime":
        yield from _elsewhere(verdict.located)
        if verdict.band == "reduced":
            yield HALF
        return
    problems = {problem.kind for output in verdict.outputs for problem in output.problems}
    if "shape" in problems:
        yield "compare the shapes above: a missing squeeze or batch axis, padding, or a stride taken for a flatten"
    if "type" in problems:
        yield "the element type differs: convert with the type that the reference declares"
    if problems & {"nan", "infinity"}:
        yield "look for the first node with such values: an empty mask, a division by zero, a logarithm of zero"
    if problems:
        return
    if verdict.band == "reduced":
        yield HALF
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
    yield from _frames(verdict)


def _elsewhere(located: Located) -> Iterator[str]:
    """What to do where the file is right."""
    if located.asked:
        yield f"nothing is to be changed in the file; run it so: {located.asked}"
    else:
        yield "nothing is to be changed in the file: choose other operators there, or another runtime"


def _frames(verdict: Judgement) -> Iterator[str]:
    """Whether the fault lies between frames: as the case of one frame says, or how to find out where that can be."""
    between = "the fault lies in what connects frames (state, time axis)"
    for one in verdict.several:
        if one.case == "one_frame":
            yield (
                f"on one frame it agrees: {between}" if one.band != "wrong" else "one frame alone is off too"
            )
            return
    fixed = {name for name, _ in verdict.fit.sizes}
    if verdict.settings.get("frames", "") not in ("", *fixed):
        yield f"run again with length 1: if that agrees, {between}"
