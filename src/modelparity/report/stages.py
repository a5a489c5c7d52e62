"""Pipelines in a report: a table of stages for each case, as far as its verdict has one for each stage."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from .document import Case, short

#: What a verdict's inputs say of a pipeline, and of each of its stages: its name, whether its value was given or is
#: computed from the candidate's, and the earlier stage whose difference it passes on.
PIPELINE, STAGE, VALUE, FOLLOWS = "pipeline", "recipe", "value", "follows"
COLUMNS = ("Stage", "Value", "Verdict", "Times rounding", "What")


def render(cases: Iterable[Case]) -> Iterable[str]:
    """The section of a page: what did not pass first."""
    found = [case for case in cases if is_pipeline(case)]
    if not found:
        return
    yield "<h2>Pipelines, stage by stage</h2>"
    for case in sorted(found, key=lambda case: (case["outcome"] == "passed", case["id"])):
        verdict = case["verdict"] or {}
        inputs = verdict["inputs"]
        notes = "".join(f"; {escape(str(one))}" for one in inputs.get("sound", ()))
        yield (
            f'<h3>{escape(case["id"])} <span class="{escape(case["outcome"])}">{escape(case["outcome"])}</span></h3>'
            f"<p class=soft>{escape(str(inputs[PIPELINE]))}{notes}</p><div class=wide><table><thead><tr>"
        )
        yield "".join(f"<th scope=col>{one}</th>" for one in COLUMNS)
        yield "</tr></thead><tbody>"
        yield from map(_row, verdict.get("cases", ()))
        for one in verdict.get("unjudged", ()):
            yield (
                f"<tr><th scope=row>{escape(str(one['case']))}</th><td></td><td class=unjudged>unjudged</td><td></td>"
                f"<td class=place>{escape(str(one['reason']))}</td></tr>"
            )
        yield "</tbody></table></div>"
        for stage, path in inputs.get("pictures", {}).items():
            if _beside(str(path)):
                name = escape(str(stage))
                yield f"<details><summary>{name} as a picture</summary>"
                yield f'<img loading=lazy style="max-width:100%" alt="{name}" src="{escape(str(path))}"></details>'


def _beside(path: str) -> bool:
    """Whether a picture is a file beside the page: nothing is loaded from anywhere else."""
    return path.endswith(".svg") and ":" not in path and not path.startswith(("/", "\\"))


def is_pipeline(case: Case) -> bool:
    """Whether a case is of a pipeline that was judged."""
    return case["verdict"] is not None and PIPELINE in case["verdict"].get("inputs", {})


def _row(stage: dict[str, Any]) -> str:
    inputs = stage["inputs"]
    band = str(stage["band"])
    shown = f"follows from {inputs[FOLLOWS]}" if FOLLOWS in inputs else band
    kind = "soft" if FOLLOWS in inputs else band
    return (
        f"<tr><th scope=row>{escape(str(inputs[STAGE]))}</th><td>{escape(str(inputs[VALUE]))}</td>"
        f'<td class="{escape(kind)}">{escape(shown)}</td><td class=number>{short(float(stage["floors"]))}</td>'
        f"<td class=place>{escape(str(stage['where'] or ''))}</td></tr>"
    )
