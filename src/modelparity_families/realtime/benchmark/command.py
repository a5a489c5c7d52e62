"""Measure a family's models: latency of a call and memory in every runtime, against the family's budget

Of the families here, realtime has a budget: 10 ms a call of one frame, 4 MB.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..errors import FamilyError, InputError, near
from ..family.progress import progress
from ._selection import chosen

EPILOG = (
    "exit codes: 0 every model keeps the budget (by its median call), 1 one does not, 2 bad input or usage. "
    "Times are this machine's; the slowest of many calls is often the system's doing."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("family", metavar="FAMILY", help="a family with a budget: realtime")
    parser.add_argument("--model", metavar="NAME", action="append", help="only this model; repeatable")
    parser.add_argument("--runtime", metavar="NAME", action="append", help="only this runtime; repeatable")
    parser.add_argument("--frames", type=int, default=5000, help="calls that are timed (default: 5000)")
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="write the figures as JSON ('-': standard output)"
    )
    parser.add_argument(
        "--picture", metavar="FILE.svg", type=Path, help="write the picture there (default: bench-FAMILY.svg)"
    )


def run(args: argparse.Namespace) -> int:
    """Measure, print the table, draw the picture."""
    family: Any = chosen([args.family])[0]
    if not hasattr(family, "bench"):
        raise FamilyError(
            "this family has no budget to be measured against", where=args.family, expected="realtime"
        )
    if args.frames < 1:
        raise InputError("too few calls", where="--frames", found=args.frames, expected="at least 1")
    for name in args.runtime or ():
        if name not in family.measured:
            raise InputError(f"runtime {name!r} is not measured", expected=near(name, family.measured))
    from ..report.writing import to_json, write_text

    with progress(f"measuring {args.family}") as advance:
        done = family.bench(args.model, args.runtime, frames=args.frames, progress=advance)
    drawn = args.picture or Path(f"bench-{args.family}.svg")
    write_text(drawn, done.picture)
    data = to_json(done.data)
    if args.json is not None and str(args.json) != "-":
        write_text(args.json, data)
    print(data if str(args.json) == "-" else f"{done.table}\n\n{drawn}")
    return int(not done.kept)
