"""Judge what somebody else computed of a pipeline, and say it as text, JSON, a page and pictures."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from ..errors import InputError, ModelparityError
from ..family.pipelines import pipeline
from ..family.progress_bar import progress
from ..report import document, html
from ..report.document import Case
from ..report.writing import to_json, write_text
from ..stages import Checked, Given, Pipeline, PipelineGolden
from ..stages.on_disk import advised
from ..stages.reporting import outcome, verdict
from ._pipeline_given import Asked, asked

#: Exit codes by outcome.
CODES = {"passed": 0, "failed": 1, "unjudged": 2}


def run(args: argparse.Namespace) -> int:
    """Check, and say what was found; see the command's exit codes."""
    started = time.perf_counter()
    found, checked = _live(args) if args.golden is None else _by_golden(args)
    if args.json is not None and str(args.json) != "-":
        write_text(args.json, to_json(checked.to_json()))
    if args.html is not None:
        beside = "live" if args.golden is None else "golden"
        case = _case(found, checked, beside, time.perf_counter() - started, _beside(args, checked))
        write_text(args.html, html.render(document([case])))
    if args.picture is not None:
        checked.plot().save(args.picture)
    if str(args.json) == "-":
        print(to_json(checked.to_json()), end="")
    else:
        print("\n".join([str(checked), *found.notes]))
    return CODES[outcome(checked)]


def _live(args: argparse.Namespace) -> tuple[Asked, Checked]:
    """What was asked, and the result beside the pipeline, which runs on what was given."""
    found = asked(args)
    networks = _networks(args)
    if not networks and all(isinstance(found.pipeline.stage(name), Given) for name in found.files):
        last = next((name for name in found.pipeline.stages if found.pipeline.stage(name).takes), "STAGE")
        raise InputError(
            "nothing is to be compared",
            found=", ".join(f"{name} {one['file']}" for name, one in found.files.items()),
            fix=f"give what somebody else computed of it: --given {last}=FILE, or --networks STAGE=PATH",
        )
    with progress(f"checking {found.pipeline.name}") as advance:
        try:
            checked = found.pipeline.check(
                networks=networks,
                expect=args.expect,
                explain=args.explain,
                runtime=args.runtime,
                until=args.until,
                progress=advance,
                **found.values,
            )
        except ModelparityError as error:
            raise advised(error, found.values, "--resample HZ") from error
    return found, checked


def _by_golden(args: argparse.Namespace) -> tuple[Asked, Checked]:
    """What was asked, and the result beside what is recorded in a golden."""
    others = (args.audio, args.networks, args.set, args.until, args.rate, args.runtime)
    if any(one for one in others):
        raise InputError(
            "a golden has what it was recorded of, with its settings",
            where=f"--golden {args.golden}",
            fix="give what somebody else computed alone: --given STAGE=FILE",
        )
    gold = PipelineGolden.load(args.golden)
    if gold.pipeline != args.name:
        raise InputError(
            "it is a golden of another pipeline", where=args.golden, found=gold.pipeline, expected=args.name
        )
    found = Asked(pipeline(args.name, **gold.chosen))
    for stage, path in args.given:
        found.pipeline.stage(stage)
        found.add(stage, Path(path), args.resample)
    values = {name: value for name, value in found.values.items() if name in found.files}
    known: Pipeline | None = found.pipeline
    try:
        gold.expect_fresh(found.pipeline)
    except ModelparityError:  # the record is judged by as it stands; why, the pipeline of today does not tell
        known = None
    return found, gold.check(expect=args.expect, explain=args.explain, pipeline=known, **values)


def _networks(args: argparse.Namespace) -> dict[str, object]:
    """{stage: a path, or several in order}."""
    found: dict[str, list[Path]] = {}
    for stage, path in args.networks:
        if not Path(path).exists():
            raise InputError("no such file", where=path, fix="check the path")
        found.setdefault(stage, []).append(Path(path))
    return {stage: paths[0] if len(paths) == 1 else paths for stage, paths in found.items()}


def _beside(args: argparse.Namespace, checked: Checked) -> dict[str, str]:
    """{stage: its picture, from the page that shows it}."""
    if args.picture is None:
        return {}
    folder = os.path.relpath(args.picture.resolve(), args.html.resolve().parent)
    return {name: (Path(folder) / f"{name}.svg").as_posix() for name in checked.sides}


def _case(found: Asked, checked: Checked, reference: str, seconds: float, pictures: dict[str, str]) -> Case:
    """The result as reports have it, whose ``reference`` was computed live or is a golden."""
    names = [name for name, one in checked.items() if one.given]
    files = [Path(found.files[name]["file"]).name for name in names if name in found.files]
    candidate = ", ".join(files) or "networks"
    heard = next((Path(one["file"]).name for name, one in found.files.items() if name not in names), "given")
    judged = verdict(checked, candidate, {"recipe": heard, "sound": found.notes, "pictures": pictures})
    ended = outcome(checked)
    return Case(
        id=f"{checked.pipeline}[{candidate}-{heard}]",
        model=checked.pipeline,
        group=checked.pipeline,
        backend=candidate,
        recipe=heard,
        outcome=ended,
        reference=reference,
        reason=judged.reason,
        message=None if ended == "passed" else str(checked),
        verdict=judged.to_json(),
        seconds=round(seconds, 4),
    )
