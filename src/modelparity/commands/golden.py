"""Record reference outputs with their floors, show what is stale, or pack them for another machine

Goldens lie under ``golden/<family>/<model>/``; those of a file given by path under ``golden/paths/<name>/``.
``modelparity golden bundle`` packs them for another machine, see `_bundling`; ``modelparity golden verify`` runs
pipelines again, see `_verifying`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, ModelparityError
from ..family import Model
from ..family.base import matches
from ..family.progress_bar import progress
from ._bundling import pack
from ._selection import chosen

if TYPE_CHECKING:
    from ..goldens.folder_layout import Entry

EPILOG = (
    "Without --update or --status, what is missing is recorded and nothing else is touched. "
    "`modelparity golden bundle FAMILY --to FILE.zip [--models coreml]` packs what is recorded for another machine: "
    "for pytest with numpy alone, and for Swift on a Mac or a phone. "
    "`modelparity golden verify FAMILY|PATH` runs pipelines again that have goldens (*.pipeline.safetensors) "
    "and says which stage departs; with --update it records those anew. "
    "Exit codes: 0 all is recorded and fresh, 1 a golden is stale, damaged or orphaned, "
    "or of a bundle's models none could be converted, 2 bad input, or a model is not here."
)
USAGE = "modelparity golden bundle"
#: States of a golden that no longer holds.
BROKEN = ("stale", "damaged", "orphan")


@dataclass(frozen=True)
class Files:
    """Models given by path, as a family."""

    members: tuple[Model, ...]
    name: str = "paths"

    def models(self) -> tuple[Model, ...]:
        """One for each path."""
        return self.members


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "targets",
        metavar="[bundle|verify] FAMILY|PATH",
        nargs="+",
        help="a family's name or a model's file; the word bundle before them packs instead of recording, "
        "verify runs pipelines again and compares",
    )
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument(
        "--update", action="store_true", help="record everything anew, stale and damaged ones too"
    )
    doing.add_argument(
        "--status", action="store_true", help="record nothing; say what is fresh, missing, stale"
    )
    parser.add_argument("--model", metavar="GLOB", action="append", help="only models that match; repeatable")
    parser.add_argument(
        "--recipe", metavar="NAME", action="append", help="instead of each model's own; repeatable"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the inputs (default: 0)")
    parser.add_argument("--length", type=int, help="frames; the recipe's own number by default")
    parser.add_argument(
        "--dir", type=Path, default=Path("golden"), help="where goldens lie (default: golden)"
    )
    bundling = parser.add_argument_group("with bundle")
    bundling.add_argument("--to", metavar="PLACE", type=Path, help="the bundle: FILE.zip, or a new folder")
    bundling.add_argument(
        "--models", choices=["coreml"], help="convert every model too, and pack it as .mlpackage"
    )


def run(args: argparse.Namespace) -> int:
    """Record, show or pack."""
    from ..goldens import folder

    if args.targets[0] == "verify":
        return _verify(args)
    packing = args.targets[0] == "bundle"
    if packing:
        _bundle_arguments(args)
    elif args.to is not None or args.models is not None:
        raise InputError(
            "--to and --models are for bundles", fix=f"{USAGE} {' '.join(args.targets)} --to FILE.zip"
        )
    asked = _families(args)
    _refuse_unmatched(asked, args.model)
    wanted = folder.Wanted(args.recipe, args.seed, args.length, partial(_selected, args.model))
    if args.status:
        return _status(_own(folder.status(args.dir, asked, wanted), asked))
    if packing:
        return pack(_own(folder.status(args.dir, asked, wanted), asked), asked, args)
    record = folder.update if args.update else folder.create_missing
    with progress("recording goldens") as advance:
        written = record(
            args.dir,
            asked,
            wanted,
            progress=lambda entry, index, total: advance(f"{entry.model} {entry.case or ''}", index, total),
        )
    print(f"{len(written)} golden{'s' * (len(written) != 1)} written to {args.dir}")
    return _left(_own(folder.status(args.dir, asked, wanted), asked))


def _verify(args: argparse.Namespace) -> int:
    """Take the word off the targets, and refuse what does not go with it."""
    from ._verifying import verify

    args.targets = args.targets[1:]
    others = (args.status, args.model, args.recipe, args.seed, args.length, args.to, args.models)
    if not args.targets or any(others):
        raise InputError(
            "verify: of which pipelines?" if not args.targets else "verify takes --dir and --update alone",
            expected="modelparity golden verify FAMILY|PATH [--update]",
        )
    return verify(args)


def _families(args: argparse.Namespace) -> list[Any]:
    """The targets as families: a registered name, else a file. Raises `FamilyError` for neither."""
    from ..family import families

    known = families()
    paths = [Path(target) for target in args.targets if target not in known and Path(target).exists()]
    names = [target for target in args.targets if Path(target) not in paths]
    found: list[Any] = list(chosen(names))
    if paths:
        found.append(Files(tuple(map(_model, paths))))
    return found


def _model(path: Path) -> Model:
    from ..formats import load

    return Model(path.name, Files.name, locate=lambda: path, reader=load, own_recipes=("noise",))


def _selected(patterns: Sequence[str] | None, family: str, key: str) -> bool:
    return not patterns or any(matches(pattern, family, key) for pattern in patterns)


def _refuse_unmatched(families: Sequence[Any], patterns: Sequence[str] | None) -> None:
    known = [(family.name, model.key) for family in families for model in family.models()]
    if patterns and not any(_selected(patterns, *names) for names in known):
        some = ", ".join("/".join(names) for names in known[:8])
        raise ModelparityError(f"--model {' '.join(patterns)} matches nothing", expected=some)


def _own(entries: Sequence[Entry], families: Sequence[Any]) -> list[Entry]:
    """The entries that this call is about: other families', and other files' given by path, are left out."""
    files = {model.key for family in families if isinstance(family, Files) for model in family.models()}
    names = {family.name for family in families}
    return [
        entry
        for entry in entries
        if entry.family in names and (entry.family != "paths" or entry.model in files)
    ]


def _status(entries: Sequence[Entry]) -> int:
    from ..describe.text_table import layout
    from ..goldens.folder_layout import STATES

    odd = [entry for entry in entries if entry.state != "fresh"]
    if odd:
        rows = [["state", "golden", "reason"]]
        rows += [
            [e.state, f"{e.family}/{e.model} {e.case or ''}".rstrip(), e.reason.partition("\n")[0]]
            for e in odd
        ]
        print("\n".join(layout(rows)), end="\n\n")
    counted = [f"{n} {s}" for s in STATES if (n := sum(entry.state == s for entry in entries))]
    print(", ".join(counted) or "no goldens")
    return int(any(entry.state in BROKEN for entry in entries))


def _bundle_arguments(args: argparse.Namespace) -> None:
    """Take the word off the targets, and refuse what does not go with it."""
    args.targets = args.targets[1:]
    if args.update or args.status:
        raise InputError("bundle packs what is recorded: it takes neither --update nor --status")
    if args.to is None or not args.targets:
        lacking = "where to" if args.targets else "what"
        raise InputError(
            f"bundle: {lacking}?", expected=f"{USAGE} FAMILY|PATH --to FILE.zip|FOLDER [--models coreml]"
        )


def _left(entries: Sequence[Entry]) -> int:
    """Say loudly which models were not here, and which goldens do not hold any more; the exit code."""
    broken = [entry for entry in entries if entry.state in BROKEN]
    for entry in broken:
        name = f"{entry.family}/{entry.model} {entry.case or ''}".rstrip()
        print(f"{entry.state}, left as it is: {name}: {entry.reason.partition(chr(10))[0]}", file=sys.stderr)
    absent = [entry for entry in entries if entry.state == "unknown"]
    for model in dict.fromkeys(f"{e.family}/{e.model}: {e.reason.partition(chr(10))[0]}" for e in absent):
        print(f"not recorded: {model}", file=sys.stderr)
    return 2 if absent else int(bool(broken))
