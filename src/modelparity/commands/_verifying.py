"""Run pipelines again and compare them with what is recorded of them: ``modelparity golden verify``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import GoldenError, InputError, ModelparityError
from ..family.pipelines import pipeline
from ..family.progress_bar import progress
from ..goldens.folder_layout import PIPELINES
from ..stages import PipelineGolden


def verify(args: argparse.Namespace) -> int:
    """Say of each golden whether its pipeline still computes it; with ``--update`` record anew what it does not.

    Exit codes: 0 all are, 1 one is not, or is damaged, 2 a pipeline or a network of it is not here.
    """
    paths = _files(args.targets, args.dir)
    bad, absent = 0, 0
    with progress("verifying goldens") as advance:
        for index, path in enumerate(paths):
            advance(path.name, index, len(paths))
            try:
                print(f"{path}: {_verified(path, update=args.update)}")
            except GoldenError as error:
                bad += 1
                print(f"{path}: {error}", file=sys.stderr)
            except ModelparityError as error:
                absent += 1
                print(f"{path}: not verified: {error}", file=sys.stderr)
    return 1 if bad else 2 if absent else 0


def _verified(path: Path, *, update: bool) -> str:
    """What is said of a golden that is fine, or was recorded anew. Raises `GoldenError` for one that is not."""
    found = PipelineGolden.load(path)
    current = pipeline(found.pipeline, **found.chosen)
    try:
        found.verify(current)
    except GoldenError:
        if not update:
            raise
        found.anew(current).save(path)
        return f"{found.pipeline}, recorded anew"
    return f"{found.pipeline}, as recorded"


def _files(targets: Sequence[str], folder: Path) -> list[Path]:
    """The goldens of pipelines that are files, lie in folders, or are families'. Raises `InputError` for none."""
    found: list[Path] = []
    for target in targets:
        path = Path(target) if Path(target).exists() else folder / target
        if path.is_dir():
            inside = [one for one in sorted(path.rglob(f"*{PIPELINES}")) if not one.name.startswith(".")]
        else:
            inside = [path] if path.is_file() else []
        if not inside:
            raise InputError(
                "no golden of a pipeline",
                where=target,
                expected=f"a file, a folder of *{PIPELINES}, or a family that has some under {folder}",
                fix=f"record one: mp.golden(pipeline, audio=...).save('{folder}/{path.name}/NAME{PIPELINES}')",
            )
        found += inside
    return list(dict.fromkeys(found))
