"""From outputs to a verdict: compare, and where rounding does not explain it, try reduced precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..arithmetic import arithmetic
from ..engine import run
from ..errors import InputError
from ..graph import Array, Graph
from .compare import LIMIT, compare
from .model import BANDS, Output, Verdict
from .reference import Reference


def judge(
    reference: Reference,
    outputs: Mapping[str, Array],
    *,
    candidate: str,
    runtime: str,
    expect: str = "rounding",
    settings: Mapping[str, str] | None = None,
) -> Verdict:
    """The verdict on a candidate's ``outputs`` ({output: array}) for the reference's inputs."""
    if expect not in BANDS:
        raise InputError(f"unknown band {expect!r}", expected=", ".join(BANDS))
    floor = reference.floor("float32")
    compared = _compare(reference, outputs, reference.truth, floor.outputs)
    explained = None
    if any(output.band == "wrong" and not output.problems for output in compared):
        compared, explained = _reduced(reference, outputs, compared)
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
        settings=dict(settings or {}),
    )


def _compare(
    reference: Reference,
    outputs: Mapping[str, Array],
    truth: Mapping[str, Array],
    floors: Mapping[str, Array],
) -> tuple[Output, ...]:
    wanted = reference.graph.outputs
    if set(outputs) != set(wanted):
        raise InputError(
            "the candidate's outputs have other names",
            where=reference.graph.name,
            found=", ".join(sorted(outputs)) or "none",
            expected=", ".join(wanted),
            fix="name the outputs of the candidate as the reference names them",
        )
    declared = reference.graph.native
    return tuple(
        compare(
            name,
            outputs[name],
            truth[name],
            floors[name],
            dtypes=(declared,) if truth[name].dtype.kind == "f" else (str(truth[name].dtype),),
        )
        for name in wanted
    )


def _reduced(
    reference: Reference, outputs: Mapping[str, Array], compared: tuple[Output, ...]
) -> tuple[tuple[Output, ...], str | None]:
    """The first reduced precision that accounts for every output, strictest hypothesis first."""
    for precision in ("float16", "bfloat16"):
        weights = run(rounded_weights(reference.graph, precision), reference.feeds)
        found = _compare(reference, outputs, weights, reference.floor("float32").outputs)
        if all(output.band != "wrong" for output in found):
            return _as_reduced(compared), f"{precision} weights"
    for precision in ("float16", "bfloat16"):
        floors = reference.floor(precision).outputs
        found = _compare(reference, outputs, reference.truth, floors)
        if all(output.band != "wrong" for output in found):
            return _as_reduced(compared), f"{precision} arithmetic"
    return compared, None


def _as_reduced(compared: tuple[Output, ...]) -> tuple[Output, ...]:
    return tuple(replace(o, band="reduced") if o.band == "wrong" and not o.problems else o for o in compared)


def rounded_weights(graph: Graph, precision: str) -> Graph:
    """The graph with every floating-point constant rounded to ``precision``, as a shrunken file holds it."""
    ar: Any = arithmetic(precision)
    constants = {
        name: ar.cast(a).astype(np.float32) if a.dtype.kind == "f" else a
        for name, a in graph.constants.items()
    }
    return graph.changed(constants=constants, source=None)


__all__ = ["LIMIT", "judge", "rounded_weights"]
