"""What the command line gives a pipeline: its settings, and values of stages from files."""

from __future__ import annotations

import argparse
import ast
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..family.pipelines import pipeline
from ..stages import Given, Pipeline
from ..stages.on_disk import RATE, first_given, given
from ..stages.running import refuse_missing, wanted_until


@dataclass
class Asked:
    """A pipeline with its settings, what is given to it by name, and what is to be said of the files."""

    pipeline: Pipeline
    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, stage: str, path: Path, resample: int | None) -> None:
        """Read the value of a stage from a file."""
        if stage in self.files:
            raise InputError(
                f"stage {stage!r} is given twice", found=f"{self.files[stage]['file']} and {path}"
            )
        found = given(self.pipeline, stage, path, resample=resample)
        self.values.update(found.values)
        self.files[stage] = {
            "file": str(path),
            "sha256": _digest(path),
            "about": found.about,
            "notes": list(found.notes),
            "resampled": found.resampled,
        }

    @property
    def notes(self) -> list[str]:
        """What was done to sound before it was given."""
        return [f"{name}: {said}" for name, one in self.files.items() for said in one["notes"]]


def asked(args: argparse.Namespace) -> Asked:
    """What the command line says. Raises `InputError`, naming what is near."""
    found = Asked(pipeline(args.name, **_settings(args)))
    if args.until is not None:
        found.pipeline.stage(args.until)
    if args.audio is not None:
        found.add(first_given(found.pipeline), args.audio, args.resample)
    for stage, path in args.given:
        found.pipeline.stage(stage)
        found.add(stage, Path(path), args.resample)
    if args.rate is not None and found.values.setdefault(RATE, args.rate) != args.rate:
        raise InputError(
            "--rate contradicts the file",
            found=f"{args.rate}, and {found.values[RATE]} in the file",
            fix="leave --rate out; --resample brings sound to another rate",
        )
    if not found.values:
        raise InputError(
            "nothing was given",
            where=args.name,
            expected=f"AUDIO, or --given {found.pipeline.stages[0]}=FILE",
        )
    _refuse_missing(found, args.until)
    return found


def _refuse_missing(found: Asked, until: str | None) -> None:
    """Raise `InputError` where something else must be given, with the option that gives it."""
    stages = {part.name for part in found.pipeline.parts}
    try:
        refuse_missing(found.pipeline, stages & found.values.keys(), wanted_until(found.pipeline, until))
    except InputError as error:
        given = [part.name for part in found.pipeline.parts if isinstance(part, Given)]
        missing = [name for name in given if name not in found.values]
        raise error.changed(fix=" ".join(f"--given {name}=FILE" for name in missing)) from error


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    """{name: value} of ``--set``: numbers, lists, True, False and None as Python writes them, else text."""
    chosen: dict[str, Any] = {}
    for name, said in args.set:
        if name in chosen:
            raise InputError(f"the setting {name!r} is given twice", found=f"{chosen[name]!r} and {said}")
        try:
            chosen[name] = ast.literal_eval(said)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            chosen[name] = {"true": True, "false": False, "none": None}.get(said.lower(), said)
    return chosen


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
