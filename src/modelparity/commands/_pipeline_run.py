"""Run a pipeline on files and leave every stage's value in a folder, whole or not at all."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ..describe.text_table import layout
from ..errors import InputError, ModelparityError
from ..exchange import sound
from ..family.progress_bar import progress
from ..files import replacing
from ..report.document import environment
from ..stages.on_disk import RATE, advised, store, told
from ..stages.pictures import drawn
from ..stages.running import Run
from ..stages.stage import gives
from ._pipeline_given import Asked, asked

#: What is said of a run beside its values; a folder that has it was made by a run.
RESULT = "result.json"
FORMAT = "modelparity pipeline run"


def run(args: argparse.Namespace) -> int:
    """Compute, write, and print a line a stage."""
    found = asked(args)
    _refuse_others(args.to)
    with progress(f"running {found.pipeline.name}") as advance:
        try:
            results = _run(found, args.until, advance)
        except ModelparityError as error:
            raise advised(error, found.values, "--resample HZ") from error
        advance("writing", len(results), len(results))
        with replacing(args.to, InputError, folders=True) as draft:
            draft.mkdir()
            written = _written(draft, found, results, args.picture)
    rows = [["stage", "value", "file"]]
    for name, value in results.items():
        said = told(value, found.pipeline.stage(name)).split("; ")  # one for each of several arrays
        rows.append([name, said[0], _file(name, found, written, args.to)])
        rows += [["", one, ""] for one in said[1:]]
    needs = [f"\n{found.pipeline.needs}"] if found.pipeline.needs else []
    print("\n".join([*layout(rows), *found.notes, *needs]))
    return 0


def _run(found: Asked, until: str | None, advance: Any) -> dict[str, Any]:
    return Run.of(found.pipeline, found.values, until).compute(advance).results()


def _written(folder: Path, found: Asked, results: dict[str, Any], picture: bool) -> dict[str, str]:
    """{stage: file} of what was computed, and the sound where it was resampled."""
    made: dict[str, str] = {}
    for name, value in results.items():
        part = found.pipeline.stage(name)
        if name not in found.values:
            made[name] = store(folder, name, part, value).name
        elif found.files.get(name, {}).get("resampled"):
            made[name] = f"{name}.wav"
            sound.write(folder / made[name], found.values[name], found.values[RATE])
        if picture:
            (folder / f"{name}.svg").write_text(
                drawn(found.pipeline.name, name, gives(part), value), encoding="utf-8"
            )
    document = {
        "format": FORMAT,
        "version": 1,
        "pipeline": found.pipeline.name,
        "settings": found.pipeline.settings,
        "given": found.files,
        "stages": {name: told(value, found.pipeline.stage(name)) for name, value in results.items()},
        "files": made,
        "notes": found.notes,
        "environment": environment(),
    }
    text = json.dumps(document, indent=1, sort_keys=True, default=str) + "\n"
    (folder / RESULT).write_text(text, encoding="utf-8")
    return made


def _file(name: str, found: Asked, written: dict[str, str], folder: Path) -> str:
    if name in written:
        return str(folder / written[name])
    return f"given: {found.files[name]['file']}" if name in found.files else "given"


def _refuse_others(folder: Path) -> None:
    """Raise `InputError` for a folder that no run made: what is in it would be gone."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if not folder.exists() and not folder.is_symlink():
        return
    try:
        document = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        ours = isinstance(document, dict) and document.get("format") == FORMAT
        names = (
            {RESULT, *document["files"].values(), *(f"{name}.svg" for name in document["stages"])}
            if ours
            else set()
        )
        others = sorted(one.name for one in folder.iterdir() if one.name not in names)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        others = ["what no run of a pipeline wrote"]
    if others:
        raise InputError(
            "something else is there, which is not written over",
            where=folder,
            found=", ".join(others[:5]),
            fix="name a folder that does not exist yet: --to DIR",
        )
