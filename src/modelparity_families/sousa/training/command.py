"""``modelparity sousa train``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from importlib.util import find_spec
from pathlib import Path

from modelparity.errors import Unavailable
from modelparity.family import Command, progress
from modelparity_families.training.commands import say

from ..models import NAME, VARIABLE
from ..names import TASKS

#: Packages that training needs, as they are imported.
NEEDED = ("torch", "pytorch_lightning", "torchmetrics", "pyarrow", "hydra")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "task",
        choices=tuple(TASKS),
        help="features: of strokes from raw onsets; rudiments: the rudiment from features",
    )
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="NAME=VALUE",
        help="a setting, or a group's file, as Hydra writes them: training.epochs=5, data=folder, data.folder=PATH",
    )
    parser.add_argument("--show-config", action="store_true", help="print all settings and groups, and stop")


def _run(args: Namespace) -> int:
    """Train, and say what came of it."""
    if args.show_config:
        from .settings import composed, groups, text

        print(text(composed(args.task, args.overrides)), end="")
        print("".join(f"# {group}: {', '.join(names)}\n" for group, names in groups().items()), end="")
        return 0
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        fix = "pip install 'modelparity[sousa]'"
        raise Unavailable(f"training needs {' and '.join(missing)}", where=NAME, fix=fix)
    from .fitting import train

    try:
        with progress(f"training {args.task}") as advance:
            result = train(args.task, args.overrides, progress=advance)
    except KeyboardInterrupt:
        print("if an epoch was done, the same line with resume=true goes on behind it", file=sys.stderr)
        raise
    say(result)
    print(
        f"\n{result.weights}\n{VARIABLE}={Path(result.weights).parent.resolve()} makes models and pipeline take it"
    )
    return 0


TRAIN = Command(
    "train",
    "train a network on the data set, or on performances that nobody played, and export its weights",
    _arguments,
    _run,
    f"--show-config prints every setting; what each means: docs/{NAME}.md",
)
