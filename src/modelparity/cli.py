"""``modelparity``: the command line. Each command is a module of `modelparity.commands`, or a verb of a family's.

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
from typing import TYPE_CHECKING, Any

from . import commands
from .errors import FamilyError, InputError, ModelparityError, near
from .version import __version__

if TYPE_CHECKING:
    from .family import Family

WELL, WRONG, BAD = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors made on purpose are printed without a traceback."""
    words = sys.argv[1:] if argv is None else list(argv)
    said = "modelparity"
    try:
        args = parser(words).parse_args(words)
        said = " ".join(["modelparity", args.command, *filter(None, [args.verb])])
        code = int(args.run(args))
        sys.stdout.flush()
        return code
    except ModelparityError as error:
        print(f"{said}: {error}", file=sys.stderr)
        return BAD
    except MemoryError as error:
        print(
            f"{said}: there is not enough memory\n  found:    {error or 'no more to be had'}\n"
            "  next:     give smaller sizes (--length, --size), or run it where there is more memory",
            file=sys.stderr,
        )
        return BAD
    except BrokenPipeError:
        # The reader has gone, as in `modelparity list madmom | head`: nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WELL
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser for a line that begins with ``words``: of that command alone, or with every one.

    Importing what declares the others takes longer than a small network's verdict. No family is asked where that is
    a command of this package, and where it is a family, no other; so a plugin that is broken is in the way of its own
    commands only. Raises `FamilyError` for those, and `InputError` for a word that
    is no command, saying which family has one of that name.
    """
    own = [name for _, name, _ in pkgutil.iter_modules(commands.__path__) if name[0] != "_"]
    first = words[0] if words and words[0][:1] != "-" else None
    found: list[Family] = []
    broken: list[str] = []
    if first not in own:
        found, broken = _families(first, own)
    top = argparse.ArgumentParser(
        prog="modelparity",
        description="Does the converted network compute what the original computes, and if not, where and why?",
        epilog="exit codes: 0 all is well, 1 something is wrong, 2 bad input or usage"
        + "".join(f"; {reason}" for reason in broken),
    )
    top.add_argument("--version", action="version", version=f"modelparity {__version__}")
    top.set_defaults(verb=None)
    known = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in [name for name in own if name == first] or sorted(own):
        module = importlib.import_module(f"{commands.__name__}.{name}")
        summary = (module.__doc__ or "").partition("\n")[0]
        _add(known, name, summary, vars(module).get("EPILOG"), module.arguments, module.run)
    for family in found:
        _add_family(known, family)
    return top


def _families(first: str | None, own: Sequence[str]) -> tuple[list[Family], list[str]]:
    """The families whose commands belong into the parser, and why others give no answer."""
    from .family import family, family_names

    names = family_names()
    if first in names:
        found = family(first)
        if not found.commands():
            raise InputError(
                f"the family {first!r} has no commands of its own",
                fix=f"modelparity list {first} shows its models, modelparity fetch {first} gets them",
            )
        return [found], []
    asked: list[Family] = []
    broken = []
    for name in names:
        try:
            found = family(name)
        except FamilyError as error:
            broken.append(f"left out: {error.where}: {error.what}")
            continue
        if found.commands() and name in own:
            broken.append(f"left out: the commands of the family {name!r}, which has the name of a command")
        elif found.commands():
            asked.append(found)
    if first is not None:
        verbs = [one.name for one in asked if first in {command.name for command in one.commands()}]
        raise InputError(
            f"there is no command {first!r}",
            expected=" or ".join(f"modelparity {name} {first}" for name in verbs)
            or near(first, [*own, *(one.name for one in asked)]),
            fix="modelparity --help lists them",
        )
    return asked, broken


def _add_family(known: Any, family: Family) -> None:
    """``modelparity FAMILY VERB``."""
    verbs = ", ".join(command.name for command in family.commands())
    about = f"commands of the family {family.name}: {verbs}"
    under = known.add_parser(family.name, help=about, description=about).add_subparsers(
        dest="verb", metavar="VERB", required=True
    )
    for command in family.commands():
        _add(under, command.name, command.summary, command.epilog, command.arguments, command.run)


def _add(known: Any, name: str, summary: str, epilog: str | None, arguments: Any, run: Any) -> None:
    sub = known.add_parser(name, help=summary, description=summary, epilog=epilog)
    arguments(sub)
    sub.set_defaults(run=run)


if __name__ == "__main__":
    sys.exit(main())
