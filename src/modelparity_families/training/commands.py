"""``modelparity FAMILY train`` and ``modelparity FAMILY export``, for every family that trains."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.errors import InputError
from modelparity.family import Command, Trained, Training, progress

if TYPE_CHECKING:
    from .exporting import Export

#: Writes a model's files into a folder, from a checkpoint if one is given.
Exporter = Callable[[str, Path, Path | None], "Export"]


def train_command(family: str, training: Training) -> Command:
    """The verb that trains a family's models."""
    return Command(
        "train",
        "train a model on a data set's folder, from seeded weights to a checkpoint",
        partial(_train_arguments, family, training.models()),
        partial(_train, training),
        "Settings that are not given have the defaults that --show-config prints, each with what it means. "
        f"What each model learns from: docs/{family}.md",
    )


def export_command(models: Sequence[str], export: Exporter) -> Command:
    """The verb that writes a family's models as files."""
    return Command(
        "export",
        "write a model as files for every runtime, and compare each of them with the engine",
        partial(_export_arguments, models),
        partial(_export, export),
        "exit codes: 0 every form is within rounding, 1 one is not, 2 bad input or usage",
    )


def _train_arguments(family: str, models: Sequence[str], parser: ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME", help=f"which model: {', '.join(models)}")
    parser.add_argument("--data", metavar="FOLDER", type=Path, help="the data set, as it was unpacked")
    parser.add_argument(
        "--config", metavar="FILE.toml", type=Path, help="settings that differ from the defaults"
    )
    parser.add_argument(
        "--to",
        metavar="DIR",
        type=Path,
        help=f"where checkpoints, log and result go (default: {family}/NAME)",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the training in DIR")
    parser.add_argument("--seed", type=int, help="instead of the config's")
    parser.add_argument("--epochs", type=int, help="at most; instead of the config's")
    parser.add_argument(
        "--show-config", action="store_true", help="print every setting with its default, and stop"
    )


def _train(training: Training, args: Namespace) -> int:
    """Train, and say what came of it."""
    if args.show_config:
        print(training.settings(), end="")
        return 0
    if args.model is None or args.data is None:
        raise InputError(
            "what to train, and on what?",
            expected=f"--model NAME --data FOLDER; NAME is one of {', '.join(training.models())}",
        )
    try:
        with progress(f"training {args.model}") as advance:
            result = training.train(
                args.model,
                args.data,
                config=args.config,
                to=args.to,
                resume=args.resume,
                seed=args.seed,
                epochs=args.epochs,
                progress=advance,
            )
    except KeyboardInterrupt:
        print("if an epoch was done, the same line with --resume goes on behind it", file=sys.stderr)
        raise
    say(result)
    return 0


def say(result: Trained) -> None:
    """Print the figures of a training, its checkpoint, and what was left out."""
    from modelparity.describe import layout

    parts: dict[str, dict[str, float]] = {}
    for name, value in result.figures.items():
        part, _, what = name.partition("_")
        parts.setdefault(what, {})[part] = value
    rows = [["figure", "validation", "test"]]
    rows += [
        [what, *(f"{own.get(part, float('nan')):.4g}" for part in rows[0][1:])] for what, own in parts.items()
    ]
    print("\n".join(layout(rows)))
    print(f"\n{result.checkpoint}: best of {result.epochs} epochs")
    if result.problems:
        key, why = next(iter(result.problems.items()))
        print(f"{len(result.problems)} pieces could not be read and were left out, first {key}: {why}")


def _export_arguments(models: Sequence[str], parser: ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME", required=True, help=f"which model: {', '.join(models)}")
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        type=Path,
        help="what training left; only tensors are loaded (default: one that is found, else seeded weights)",
    )
    parser.add_argument("--to", metavar="DIR", type=Path, required=True, help="where the files go")


def _export(export: Exporter, args: Namespace) -> int:
    """Export, and say what every form computes."""
    from modelparity.describe import layout

    with progress(f"exporting {args.model}"):
        done = export(args.model, args.to, args.checkpoint)
    rows = [["form", "run by", "how", "verdict (worst difference, times what rounding can explain)"]]
    for one in done.judged:
        said = f"{one.verdict.band} {one.verdict.floors:.2g}" if one.verdict is not None else "SKIPPED"
        rows.append([one.what, one.runtime, one.how, said if one.ok else f"{said}  FAILED"])
    print("\n".join(layout(rows)), end="\n\n")
    print("\n".join(str(path) for path in done.files))
    for reason in dict.fromkeys(one.reason for one in done.judged if one.reason):
        print(f"not run: {reason}")
    for one in done.judged:
        if not one.ok:
            print(f"\n{one.verdict}")
    return int(not all(one.ok for one in done.judged))
