"""Train a model of a family on a data set's folder, from seeded weights to a checkpoint

Of the families here, realtime is trained: see docs/realtime.md for what each model learns from.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ..errors import FamilyError, InputError
from ..family.progress import progress
from ._selection import chosen

EPILOG = "Settings that are not given have the defaults that --show-config prints, each with what it means."


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("family", metavar="FAMILY", help="a family whose models are trained here: realtime")
    parser.add_argument("--model", metavar="NAME", help="which of its models")
    parser.add_argument("--data", metavar="FOLDER", type=Path, help="the data set, as it was unpacked")
    parser.add_argument(
        "--config", metavar="FILE.toml", type=Path, help="settings that differ from the defaults"
    )
    parser.add_argument(
        "--to", metavar="DIR", type=Path, help="where checkpoints, log and result go (default: FAMILY/NAME)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the training in DIR")
    parser.add_argument("--seed", type=int, help="instead of the config's")
    parser.add_argument("--epochs", type=int, help="at most; instead of the config's")
    parser.add_argument(
        "--show-config", action="store_true", help="print every setting with its default, and stop"
    )


def run(args: argparse.Namespace) -> int:
    """Train, and say what came of it."""
    family: Any = chosen([args.family])[0]
    if not hasattr(family, "train"):
        raise FamilyError(
            "models of this family are not trained here", where=args.family, expected="realtime"
        )
    if args.show_config:
        print(family.settings(), end="")
        return 0
    if args.model is None or args.data is None:
        names = ", ".join(dict.fromkeys(model.group or model.key for model in family.models()))
        raise InputError(
            "what to train, and on what?", expected=f"--model NAME --data FOLDER; NAME is one of {names}"
        )
    try:
        with progress(f"training {args.model}") as advance:
            result = family.train(
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
    _say(result)
    return 0


def _say(result: Any) -> None:
    from ..describe.text_table import layout

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
