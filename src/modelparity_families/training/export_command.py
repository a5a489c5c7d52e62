"""Write a model of a family as files for every runtime, and hold each of them against the engine

Of the families here, realtime is exported: ONNX, Core ML and RTNeural files of a trained checkpoint.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..errors import FamilyError
from ..family.progress import progress
from ._selection import chosen

EPILOG = "exit codes: 0 every form is within rounding, 1 one is not, 2 bad input or usage"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("family", metavar="FAMILY", help="a family whose models are trained here: realtime")
    parser.add_argument("--model", metavar="NAME", required=True, help="which of its models")
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        type=Path,
        help="what training left; only tensors are loaded (default: one that is found, else seeded weights)",
    )
    parser.add_argument("--to", metavar="DIR", type=Path, required=True, help="where the files go")


def run(args: argparse.Namespace) -> int:
    """Export, and say what every form computes."""
    from ..describe.text_table import layout
    from ..verdict.message import explain

    family: Any = chosen([args.family])[0]
    if not hasattr(family, "export"):
        raise FamilyError(
            "models of this family are not exported as one",
            where=args.family,
            expected="realtime",
            fix="modelparity convert SRC DST writes one file",
        )
    with progress(f"exporting {args.model}"):
        done = family.export(args.model, args.to, checkpoint=args.checkpoint)
    rows = [["form", "run by", "how", "verdict (worst difference in floors)"]]
    for one in done.held:
        said = f"{one.verdict.band} {one.verdict.floors:.2g}" if one.verdict is not None else "SKIPPED"
        rows.append([one.what, one.runtime, one.how, said if one.ok else f"{said}  FAILED"])
    print("\n".join(layout(rows)), end="\n\n")
    print("\n".join(str(path) for path in done.files))
    for reason in dict.fromkeys(one.reason for one in done.held if one.reason):
        print(f"not run: {reason}")
    for one in done.held:
        if not one.ok:
            print(f"\n{explain(one.verdict)}")
    return int(not all(one.ok for one in done.held))
