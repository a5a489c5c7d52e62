"""A verb that a family adds to the command line, such as ``modelparity realtime train``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """``modelparity FAMILY name``; nothing heavy is imported before ``run``.

    ``arguments`` declares what it takes on an `argparse.ArgumentParser`; ``run`` does it and returns the exit code
    (0 all is well, 1 something is wrong, 2 bad input), and may raise any `ModelparityError`, which is printed and
    exits 2. ``summary`` is its line of help, ``epilog`` stands below its help.
    """

    name: str
    summary: str
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    epilog: str = ""
