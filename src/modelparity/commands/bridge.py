"""Build the bridge to Core ML, or say what it lacks here and what to type

`build` compiles the Swift sources into the cache; `doctor` looks at everything that the bridge needs.
"""

from __future__ import annotations

import argparse

from ..family.progress_bar import progress

EPILOG = "exit codes: 0 it is built and can be called, 1 something is missing (doctor), 2 it does not build"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "action", choices=("build", "doctor"), help="build the library, or look what is missing"
    )


def run(args: argparse.Namespace) -> int:
    """Build or examine."""
    if args.action == "doctor":
        from ..runtimes.bridge.doctor import examine

        found = examine()
        for one in found:
            print(one)
        return int(any(one.state == "missing" for one in found))
    from ..runtimes.bridge.building import build

    with progress("building the bridge") as advance:
        path = build(advance)
    print(path)
    return 0
