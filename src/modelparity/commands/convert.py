"""Write a model in another format, every weight accounted for

Raises `ConversionError` where the format cannot express the model or a weight went missing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

EPILOG = (
    "What lives in memory, such as a torch module, is built in Python: mp.convert(graph, format='torch')."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("source", metavar="SRC", type=Path, help="the model's file")
    parser.add_argument(
        "target", metavar="DST", type=Path, help="the file to write; its suffix says the format"
    )
    parser.add_argument(
        "--from", dest="read_as", metavar="FORMAT", help="format of SRC, if its content does not tell"
    )
    parser.add_argument(
        "--to", dest="write_as", metavar="FORMAT", help="format of DST, if its suffix does not tell"
    )
    parser.add_argument(
        "--weights",
        default="float32",
        choices=("float32", "float16", "bfloat16"),
        help="precision that weights are rounded to (default: float32)",
    )


def run(args: argparse.Namespace) -> int:
    """Convert, and say what was written."""
    from ..conversion.convert import convert
    from ..formats import load

    graph = load(args.source, format=args.read_as)
    written = convert(graph, args.target, format=args.write_as, weights=args.weights)
    size = Path(str(written)).stat().st_size
    print(
        f"{written}: {size:,} bytes, {graph.parameters:,} parameters, every weight of {args.source.name} is in it"
    )
    return 0
