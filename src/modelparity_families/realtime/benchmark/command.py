"""``modelparity realtime bench``: latency of a call and memory in every runtime, against the budget."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from modelparity.errors import InputError, near
from modelparity.family import Command, progress

from ..models import NAME
from ..stack import stack, stacks

RUNTIMES = ("onnxruntime", "torch", "rtneural", "engine")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME", action="append", help="only this model; repeatable")
    parser.add_argument(
        "--runtime",
        metavar="NAME",
        action="append",
        help=f"only this runtime ({', '.join(RUNTIMES)}); repeatable",
    )
    parser.add_argument("--frames", type=int, default=5000, help="calls that are timed (default: 5000)")
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="write the figures as JSON ('-': standard output)"
    )
    parser.add_argument(
        "--picture",
        metavar="FILE.svg",
        type=Path,
        default=Path(f"bench-{NAME}.svg"),
        help=f"write the picture there (default: bench-{NAME}.svg)",
    )


def _run(args: Namespace) -> int:
    """Measure, print the table, draw the picture."""
    if args.frames < 1:
        raise InputError("too few calls", where="--frames", found=args.frames, expected="at least 1")
    for name in args.runtime or ():
        if name not in RUNTIMES:
            raise InputError(f"runtime {name!r} is not measured", expected=near(name, RUNTIMES))
    models = [stack(name).name for name in args.model or stacks()]
    from modelparity.report import to_json, write_text

    from .measure import measure
    from .show import picture, table

    with progress(f"measuring {NAME}") as advance:
        done = measure(models, args.runtime or RUNTIMES, frames=args.frames, progress=advance)
    write_text(args.picture, picture(done))
    data = to_json(done.to_json())
    if args.json is not None and str(args.json) != "-":
        write_text(args.json, data)
    print(data if str(args.json) == "-" else f"{table(done)}\n\n{args.picture}")
    return int(not done.kept)


BENCH = Command(
    "bench",
    "measure latency of a call and memory in every runtime, against the budget: 10 ms a call of one frame, 4 MB",
    _arguments,
    _run,
    "exit codes: 0 every model keeps the budget (by its median call), 1 one does not, 2 bad input or usage. "
    "Times are this machine's; the slowest of many calls is often the system's doing.",
)
