"""Sentences that a reader of the report should not miss: where references came from, what has no anchor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..family import families
from ..goldens.folder import Wanted, status
from ..report.document import Case
from ..runtimes.registry import runtime
from .candidates import APPLE, COREML
from .cases import ANCHOR
from .findings import FINDINGS
from .options import Options


def notes(cases: Sequence[Case], options: Options) -> list[str]:
    """Notes on this run's references, anchors and goldens."""
    return [
        *_origins(cases),
        *_remarks(cases),
        *_interpreted(cases),
        *_ill(cases),
        *_open(cases),
        *_orphans(options),
    ]


def _origins(cases: Sequence[Case]) -> Iterator[str]:
    pairs = {
        (case["model"], case["recipe"]): case["reference"]
        for case in cases
        if case["backend"] != ANCHOR and case["recipe"] != FINDINGS
    }
    words = {
        "golden": "from goldens",
        "recorded": "recorded as goldens now",
        "live": "computed live (no golden)",
    }
    counted = [f"{n} {words[o]}" for o in words if (n := list(pairs.values()).count(o))]
    if counted:
        yield f"references: {', '.join(counted)}"


def _remarks(cases: Sequence[Case]) -> Iterator[str]:
    """What families and the models that took part have to say themselves."""
    models = {case["model"] for case in cases}
    names = {model.partition("/")[0] for model in models}
    for name, family in families().items():
        if name in names:
            yield from family.remarks()
            for model in family.models():
                if f"{name}/{model.key}" in models:
                    yield from model.remarks()


def _interpreted(cases: Sequence[Case]) -> Iterator[str]:
    """That a Core ML file was read and computed here says nothing of what Apple's runtime makes of it."""
    ran = {case["backend"] for case in cases if case["verdict"] is not None}
    if COREML not in ran or APPLE in ran:
        return
    why = runtime("coreml").missing() or "it was not among the backends"
    yield f"Core ML: files were interpreted by this package's engine; Apple's runtime did not run ({why})"


def _ill(cases: Sequence[Case]) -> Iterator[str]:
    ill = sorted({case["model"] for case in cases if (case["verdict"] or {}).get("conditioning") == "ill"})
    if ill:
        shown = ", ".join(ill[:4]) + (f" and {len(ill) - 4} more" if len(ill) > 4 else "")
        yield f"ill-conditioned (rounding is amplified, floors are wide): {shown}"


def _open(cases: Sequence[Case]) -> Iterator[str]:
    """What files leave open, if nothing settled it."""
    for case in cases:
        if case["recipe"] == FINDINGS and case["outcome"] == "passed" and case["reason"]:
            yield case["reason"]


def _orphans(options: Options) -> Iterator[str]:
    """Goldens that belong to no model of their family. Judged by what is listed, not by what ran."""
    if options.golden == "live" or not options.golden_dir.is_dir():
        return
    entries = status(options.golden_dir, families(), Wanted(select=lambda family, key: False))
    lost = [entry.path for entry in entries if entry.state == "orphan"]
    if lost:
        first = lost[0].relative_to(options.golden_dir.parent).as_posix()
        yield f"{len(lost)} goldens belong to a model that its family no longer lists, first {first}"
