"""Record a golden of a pipeline: every stage of what it computes of files, with floors."""

from __future__ import annotations

import argparse

from ..errors import InputError, ModelparityError
from ..family.progress_bar import progress
from ..goldens.folder_layout import PIPELINES
from ..stages.on_disk import advised
from ._pipeline_given import asked


def run(args: argparse.Namespace) -> int:
    """Record, write the file, and say what it holds."""
    found = asked(args)
    if not args.to.name.endswith(PIPELINES):
        raise InputError(
            "goldens of pipelines are told by how their names end",
            where=f"--to {args.to}",
            expected=f"*{PIPELINES}",
        )
    if args.to.exists() and not args.update:
        raise InputError(
            "a golden is there already",
            where=args.to,
            fix="--update records it anew; `modelparity golden verify` compares it with what is computed today",
        )
    with progress(f"recording {found.pipeline.name}") as advance:
        advance("every stage with its floor", 0, 1)
        try:
            gold = found.pipeline.golden(until=args.until, halves=args.halves, **found.values)
        except ModelparityError as error:
            raise advised(error, found.values, "--resample HZ") from error
        gold.save(args.to)
    print("\n".join([f"{args.to}: {gold!r}", *found.notes]))
    return 0
