"""Show what a model's file computes: inputs, outputs, every node with shapes, parameters and origin

Of a golden (.safetensors) it shows what was recorded and where it comes from.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a model or a golden")
    parser.add_argument("--format", help="format of FILE, if its content does not tell")


def run(args: argparse.Namespace) -> int:
    """Print the summary."""
    if args.file.suffix == ".safetensors" and args.format is None:
        from ..goldens import Golden

        found = Golden.load(args.file)
        print(found)
        width = max(map(len, found.provenance))
        for name, value in found.provenance.items():
            print(f"  {name:<{width}}  {value}")
        return 0
    from ..formats import load

    print(load(args.file, format=args.format).summary())
    return 0
