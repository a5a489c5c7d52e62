"""List pipelines, run one on sound, or compare what somebody else computed of it, stage by stage

Imports stand inside functions, so that ``modelparity --help`` loads no engine.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ._given import pair

EPILOG = (
    "Values on disk: sound (.wav, .flac, .mp3, .ogg and others; needs modelparity[audio]), numbers (.npy, .npz, "
    ".safetensors), events as text (.txt, .csv, .lab). "
    "Exit codes: 0 all is well, 2 bad input or usage, or something that is needed is not here."
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
    from ._pipeline_run import run as run_it

    return run_it(args)
