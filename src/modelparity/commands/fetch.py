"""Fetch a family's networks into the cache, verified by their checksums

What is there already is verified and kept.
"""

from __future__ import annotations

import argparse

from ..family.progress_bar import progress
from ._selection import chosen


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("families", metavar="FAMILY", nargs="+", help="a family's name; see modelparity list")


def run(args: argparse.Namespace) -> int:
    """Fetch, and say where the networks lie."""
    for family in chosen(args.families):
        with progress(f"fetching {family.name}") as advance:
            place = family.fetch(advance)
        count = len(family.models())
        print(f"{family.name}: {count} models" + (f" in {place}" if place else "; nothing is to be fetched"))
        if family.notice:
            print(family.notice)
    return 0
