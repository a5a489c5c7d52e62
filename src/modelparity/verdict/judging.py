"""From outputs to a verdict: compare, and where rounding does not explain it, ask whether half precision does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from ..describe.output_types import output_types
from ..describe.shapes import free_axes
from ..errors import InputError
from ..graph import Array
from ..inputs.sizes import time_axis
from .bands import ACCEPTABLE, BANDS, UNJUDGED
from .compare import compare
from .judgement import Output
from .model import Verdict
from .reduced import NARROW_OUTPUTS, Elsewhere, explanation
from .reference import Reference


def judge(
    reference: Reference,
    outputs: Mapping[str, Array],
    *,
    candidate: str,
    runtime: str,
    expect: str = "rounding",
    settings: Mapping[str, str] | None = None,
    held: str | None = None,
    ignored: Sequence[str] = (),
    elsewhere: Elsewhere | None = None,
) -> Verdict:
    """The verdict on a candidate's ``outputs`` ({output: array}) for the reference's inputs.

    ``held`` is the half precision that the candidate's own weights were seen to have, if any; ``ignored`` are
    outputs that it is meant not to have. ``elsewhere`` says what the candidate's outputs show in other cases.
    Raises `InputError` for outputs that are not the reference's, or an ``expect`` that is none.
    """
    if expect not in ACCEPTABLE:
        raise InputError(
            f"{expect!r} is not a band to expect", where="expect", expected=", ".join(ACCEPTABLE)
        )
    compared_with = partial(_compare, reference, ignored=ignored)

    def within(floors: Mapping[str, Array]) -> bool:
        return all(output.band != "wrong" for output in compared_with(outputs, reference.truth, floors))

    floor = reference.floor_for(within)
    compared = compared_with(outputs, reference.truth, floor.outputs)
    explained = None
    if any(output.band == "wrong" and not output.problems for output in compared):
        explained = explanation(reference, outputs, compared_with, held, elsewhere)
        compared = _as_reduced(compared) if explained else compared
    declared = output_types(reference.graph)
    narrowed = {
        o.name
        for o in compared
        if o.dtype == "float16" and declared.get(o.name, "float16") != "float16" and not o.problems
    }
    if narrowed:
        explained = explained or NARROW_OUTPUTS
        compared = tuple(
            replace(o, band="reduced") if o.band in BANDS[:2] and o.name in narrowed else o for o in compared
        )
    worst = max(compared, key=lambda output: (BANDS.index(output.band), output.floors))
    return Verdict(
        reference=reference.graph.name,
        candidate=candidate,
        runtime=runtime,
        band=worst.band,
        expected=expect,
        floors=worst.floors,
        outputs=compared,
        conditioning=floor.conditioning,
        floor_runs=floor.runs,
        explained_by=explained,
        where=f"{worst.name}{list(worst.index)}" if worst.index or worst.problems else worst.name,
        inputs=dict(reference.about),
        settings={**(settings or {}), **_shorter(reference)},
    )


def told(reference: Reference, verdict: Verdict) -> Verdict:
    """``verdict``, or "unjudged" in place of one that is well where the reference cannot tell on its input.

    What is wrong stays so, but for numbers that differ where the reference draws some.
    """
    found = reference.telling
    settings = {**verdict.settings, **({"weights": found.note} if found.note else {})}
    verdict = replace(verdict, idle=found.idle, unasked=found.unasked, settings=settings)
    differs = not verdict.accepted and any(output.problems for output in verdict.outputs)
    if found.reason is None or differs or not (verdict.accepted or found.random):
        return verdict
    return replace(verdict, band=UNJUDGED, reason=found.reason, explained_by=None)


def _shorter(reference: Reference) -> dict[str, str]:
    """The axis of frames, where a run of one frame may be asked for to see whether a fault lies between frames."""
    time = None if reference.given else time_axis(reference.graph)
    if time is None or reference.sizes.get(time, 1) == 1 or free_axes(reference.graph)[time] > 1:
        return {}
    return {"frames": time}


def _compare(
    reference: Reference,
    outputs: Mapping[str, Array],
    truth: Mapping[str, Array],
    floors: Mapping[str, Array],
    *,
    ignored: Sequence[str],
) -> tuple[Output, ...]:
    """Each output judged; float16 where more is declared is no other kind of number, but `reduced` at best."""
    graph = reference.graph
    declared = output_types(graph)
    carried = set(graph.states.values())
    # A candidate that keeps its state to itself has no output for it.
    wanted = [name for name in graph.outputs if name in outputs or name not in carried] or graph.outputs
    wanted = [name for name in wanted if name not in ignored]
    if set(outputs) != set(wanted):
        raise InputError(
            "the candidate's outputs have other names",
            where=graph.name,
            found=", ".join(sorted(outputs)) or "none",
            expected=", ".join(wanted),
            fix="name the outputs of the candidate as the reference names them",
        )
    return tuple(
        compare(
            name,
            outputs[name],
            truth[name],
            floors[name],
            dtypes=_types(declared.get(name, "float32"), truth[name]),
        )
        for name in wanted
    )


def _types(declared: str, truth: Array) -> tuple[str, ...]:
    """The numpy types that an output may have, the declared one first: numpy has no bfloat16."""
    if truth.dtype.kind != "f":
        return (str(truth.dtype),)
    own = "float32" if declared == "bfloat16" else declared
    return (own, "float16") if own != "float16" else (own,)


def _as_reduced(compared: tuple[Output, ...]) -> tuple[Output, ...]:
    return tuple(replace(o, band="reduced") if o.band == "wrong" and not o.problems else o for o in compared)
