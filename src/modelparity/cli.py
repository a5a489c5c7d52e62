"""``modelparity``: the command line. Each command is a module of `modelparity.commands`.

Exit codes: 0 all is well, 1 something is wrong with a model or a golden, 2 bad input or usage, or something
that is needed is not here.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

from . import commands
from .errors import ModelparityError
from .version import __version__

WELL, WRONG, BAD = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors made on purpose are printed without a traceback."""
    args = parser().parse_args(argv)
    try:
        code = int(args.run(args))
        sys.stdout.flush()
        return code
    except ModelparityError as error:
        print(f"modelparity {args.command}: {error}", file=sys.stderr)
        return BAD
    except BrokenPipeError:
        # The reader has gone, as in `modelparity list madmom | head`: nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WELL
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """The parser with every command of `modelparity.commands`."""
    top = argparse.ArgumentParser(
        prog="modelparity",
        description="Does the converted network compute what the original computes, and if not, where and why?",
        epilog="exit codes: 0 all is well, 1 something is wrong, 2 bad input or usage",
    )
    top.add_argument("--version", action="version", version=f"modelparity {__version__}")
    known = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in sorted(module.name for module in pkgutil.iter_modules(commands.__path__)):
        if name.startswith("_"):
            continue
        module = importlib.import_module(f"{commands.__name__}.{name}")
        summary = (module.__doc__ or "").partition("\n")[0]
        sub = known.add_parser(
            name, help=summary, description=summary, epilog=getattr(module, "EPILOG", None)
        )
        module.arguments(sub)
        sub.set_defaults(run=module.run)
    return top


if __name__ == "__main__":
    sys.exit(main())
