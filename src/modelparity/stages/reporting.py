"""What a check of a pipeline found, as reports have verdicts: one that decides, with one for each stage in it."""

from __future__ import annotations

from collections.abc import Mapping

from ..report.stages import FOLLOWS, PIPELINE, STAGE, VALUE
from ..verdict.judgement import Unjudged
from ..verdict.model import Verdict
from .outcome import Checked
from .result import StageVerdict


def verdict(found: Checked, candidate: str, inputs: Mapping[str, object]) -> Verdict:
    """The verdict on a ``candidate`` of a pipeline: that of the first stage that departs by itself, else the worst.

    ``several`` has one for each stage that was judged; those that only pass on a difference say so in their inputs.
    """
    stages = [_stage(found, candidate, one) for one in found.verdicts if one.judged]
    silent = tuple(Unjudged(one.name, one.text, failed=False) for one in found.unjudged)
    about = {PIPELINE: found.pipeline, **{name: value for name, value in inputs.items() if value}}
    decisive = _decisive(found)
    if decisive is None:
        reason = "; ".join(f"{one.name}: {one.text}" for one in found.unjudged) or "nothing of it was judged"
        return Verdict(
            found.pipeline,
            candidate,
            _by(None),
            found.worst,
            found.expected,
            0.0,
            (),
            inputs=about,
            reason=reason,
        )
    top = _stage(found, candidate, decisive)
    return Verdict(
        reference=found.pipeline,
        candidate=candidate,
        runtime=top.runtime,
        band=top.band,
        expected=found.expected,
        floors=top.floors,
        outputs=top.outputs,
        explained_by=top.explained_by,
        causes=top.causes,
        where=f"{decisive.name}: {decisive.text}",
        inputs=about,
        several=tuple(stages),
        unjudged=silent,
    )


def outcome(found: Checked) -> str:
    """What a report calls it: passed, failed or unjudged."""
    if found.failed:
        return "failed"
    silent = any(one.given and not one.judged for one in found.verdicts)
    return "unjudged" if silent or not found.ok else "passed"


def _decisive(found: Checked) -> StageVerdict | None:
    if found.failed:
        return found.failed[0]
    judged = [one for one in found.verdicts if one.judged and one.accepted]
    return next((one for one in judged if one.band == found.worst), None)


def _stage(found: Checked, candidate: str, one: StageVerdict) -> Verdict:
    judged = one.through or one.alone
    value = "given" if one.given else "computed"
    follows = {} if one.follows is None else {FOLLOWS: one.follows}
    return Verdict(
        reference=f"{found.pipeline}, {one.name}",
        candidate=candidate,
        runtime=_by(one),
        band=one.band,
        expected=one.expected,
        floors=one.floors,
        outputs=() if judged is None else judged.outputs,
        explained_by=None if judged is None else judged.explained_by,
        where=one.text,
        causes=one.causes,
        inputs={STAGE: one.name, VALUE: value, **follows},
    )


def _by(one: StageVerdict | None) -> str:
    """Who computed what was judged."""
    if one is not None and one.verdict:
        return one.verdict[0].runtime
    return "values that were given"
