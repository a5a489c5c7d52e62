"""List pipelines, run one on sound, record it, or compare what somebody else computed of it, stage by stage

Imports stand inside functions, so that ``modelparity --help`` loads no engine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..verdict.bands import ACCEPTABLE
from ._given import pair

EPILOG = (
    "Values on disk: sound (.wav, .flac, .mp3, .ogg and others; needs modelparity[audio]), numbers (.npy, .npz, "
    ".safetensors), events as text (.txt, .csv, .lab). "
    "Exit codes: 0 all is well, 2 bad input or usage, or something that is needed is not here."
)
CHECK_EPILOG = (
    "AUDIO and --given are what the reference starts from and what the candidate computed of it: "
    "modelparity pipeline check NAME song.wav --given features=theirs.npz. "
    "Exit codes: 0 every stage is within its band or only follows from another, 1 one departs by itself, "
    "2 something that was given could not be judged, or bad input or usage."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's verbs and their arguments."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    lists = verbs.add_parser(
        "list", help="pipelines with their stages; of one, what each stage needs and may be set"
    )
    lists.add_argument("name", metavar="NAME", nargs="?", help="a pipeline, such as madmom/onsets_brnn")
    runs = verbs.add_parser(
        "run", help="compute every stage and write the values into a folder", epilog=EPILOG
    )
    _shared(runs)
    runs.add_argument(
        "--to",
        metavar="DIR",
        type=Path,
        required=True,
        help="the folder that is made, or made anew by a later run",
    )
    runs.add_argument("--picture", action="store_true", help="draw each stage, as SVG files in that folder")
    records = verbs.add_parser(
        "golden",
        help="record every stage with its floor, to judge by where the networks are not",
        epilog=EPILOG,
    )
    _shared(records)
    records.add_argument(
        "--to", metavar="FILE", type=Path, required=True, help="the golden, *.pipeline.safetensors"
    )
    records.add_argument("--update", action="store_true", help="record anew what is there already")
    records.add_argument(
        "--halves",
        action="store_true",
        help="floors at half precisions too, so that these are told as reduced",
    )
    checks = verbs.add_parser(
        "check", help="compare what somebody else computed, stage by stage", epilog=CHECK_EPILOG
    )
    _shared(checks)
    checks.add_argument(
        "--networks",
        metavar="STAGE=PATH",
        action="append",
        type=pair,
        default=[],
        help="a file, or a folder of files, in place of a stage's networks; repeatable, in their order",
    )
    checks.add_argument(
        "--golden",
        metavar="FILE",
        type=Path,
        help="judge by what is recorded in it, in place of AUDIO: no network is needed",
    )
    checks.add_argument(
        "--runtime", metavar="NAME", help="what runs those networks (default: by their format)"
    )
    checks.add_argument(
        "--expect",
        default="rounding",
        choices=ACCEPTABLE,
        help="the worst band that is accepted (default: rounding)",
    )
    checks.add_argument(
        "--no-explain",
        dest="explain",
        action="store_false",
        help="do not find out where a wrong network departs",
    )
    checks.add_argument(
        "--json", metavar="FILE", type=Path, help="write the result as JSON ('-': standard output)"
    )
    checks.add_argument("--html", metavar="FILE", type=Path, help="write a report as an HTML page")
    checks.add_argument(
        "--picture",
        metavar="DIR",
        type=Path,
        help="draw each stage into that folder: reference, candidate, and what lies between them",
    )


def _shared(parser: argparse.ArgumentParser) -> None:
    """What running and checking have in common."""
    parser.add_argument("name", metavar="NAME", help="a pipeline; `modelparity pipeline list` shows them")
    parser.add_argument(
        "audio", metavar="AUDIO", type=Path, nargs="?", help="what the first stage takes: a sound file"
    )
    parser.add_argument(
        "--given",
        metavar="STAGE=FILE",
        action="append",
        type=pair,
        default=[],
        help="the value of a stage, or what else is given (beats=beats.txt); repeatable",
    )
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", type=pair, default=[], help="a setting; repeatable"
    )
    parser.add_argument("--until", metavar="STAGE", help="the last stage that is looked at")
    parser.add_argument(
        "--rate", metavar="HZ", type=int, help="the rate of samples that come without one (.npy)"
    )
    parser.add_argument(
        "--resample",
        metavar="HZ",
        type=int,
        help="bring sound of another rate to this one; the result says so. Without it another rate is refused",
    )


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    if args.verb == "list":
        from ._pipeline_list import listed

        print(listed(args.name))
        return 0
    if args.verb == "check":
        from ._pipeline_check import run as check_it

        return check_it(args)
    if args.verb == "golden":
        from ._pipeline_golden import run as record_it

        return record_it(args)
    from ._pipeline_run import run as run_it

    return run_it(args)
