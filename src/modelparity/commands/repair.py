"""Write a corrected file beside a wrong one: its mistake undone, and judged by the question that it failed

Imports stand inside `run`, so that ``modelparity --help`` loads no engine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..verdict.bands import ACCEPTABLE
from ._given import number, pair, question, value

EPILOG = (
    "No file is overwritten, and none is written that does not pass. "
    "Exit codes: 0 there is nothing to repair, or the corrected file is within its band, 2 it could not be repaired."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("reference", metavar="REF", type=Path, help="the original model's file")
    parser.add_argument("candidate", metavar="CAND", type=Path, help="the converted model's file")
    parser.add_argument(
        "--to",
        metavar="FILE",
        type=Path,
        help="the file to write (default: NAME.repaired.SUFFIX beside CAND)",
    )
    parser.add_argument(
        "--inputs", metavar="FILE.npz", type=Path, help="arrays by input name, instead of a recipe"
    )
    parser.add_argument("--recipe", action="append", help="named inputs; repeatable")
    parser.add_argument("--seed", type=int, help="seed of the recipe (default: 0)")
    parser.add_argument("--length", type=int, help="frames; the recipe's own number by default")
    for name, metavar, type_, text in (
        ("--size", "AXIS=N", number, "the size of a free axis"),
        ("--below", "INPUT=N", number, "what the whole numbers of an input stay below"),
        ("--name", "REF=CAND", pair, "what the candidate calls an input or output of the reference"),
        ("--fill", "INPUT=VALUE", value, "the value of an input that only one side has"),
        ("--ignore", "OUTPUT|STATE", str, "what is not compared"),
        ("--limit", "elements|seconds|processor=N", value, "what one run of the reference may take"),
    ):
        parser.add_argument(name, metavar=metavar, action="append", type=type_, help=f"{text}; repeatable")
    parser.add_argument("--fit", metavar="strict|FILE.json", help="how inputs and outputs must correspond")
    parser.add_argument("--runtime", metavar="NAME", help="what runs the candidate")
    parser.add_argument(
        "--expect", default="rounding", choices=ACCEPTABLE, help="the worst band that is accepted"
    )
    parser.set_defaults(explain=True)


def run(args: argparse.Namespace) -> int:
    """Check, repair, and say what was written and how."""
    from ..formats import load
    from ..repairing import repaired
    from ..verdict.again import Again
    from ..verdict.outcomes import answer

    asked = question(load(args.reference), args)
    verdict = answer(asked.ask(args.candidate, runtime=args.runtime))
    print(verdict)
    if verdict.ok:
        print(f"{args.candidate}: nothing to repair")
        return 0
    made = repaired(args.candidate, verdict, to=args.to, asked=Again(asked, args.runtime))
    print(f"{made.result}: {made.text}; {made.verdict.band}, {made.verdict.floors:.3g} floors")
    return 0
