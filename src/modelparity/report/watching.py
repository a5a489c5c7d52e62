"""Waits beside a run, and writes its report if the run dies.

It ends as its input does, which its parent holds open. A run that ended well has deleted its journal.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ..errors import ModelparityError
from ..journal import read
from ..runtimes.process import surroundings
from .document import document
from .unfinished import cases_of, sentence
from .writing import write

MODULE = "modelparity.report.watching"


class Watcher:
    """A process that writes the report on ``journal`` into ``folder`` if this one ends before `dismiss`."""

    def __init__(self, journal: Path, folder: Path) -> None:
        command = [sys.executable, "-P", "-m", MODULE, str(journal.absolute()), str(folder.absolute())]
        try:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                command, stdin=subprocess.PIPE, env=surroundings(), start_new_session=True
            )
        except OSError:  # then the journal alone tells
            self._process = None

    def dismiss(self) -> None:
        """The run tells all by itself."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()


def main(journal: Path, folder: Path) -> None:
    """Wait, and write what there is to tell."""
    while os.read(0, 4096):
        pass
    told = read(journal)
    if not told.planned:
        return
    cases = cases_of(told)
    print(f"modelparity: {sentence(told).replace('a run before this one', 'the run')}", file=sys.stderr)
    try:
        print(
            "report: " + ", ".join(map(str, write(document(cases, [sentence(told)]), folder))),
            file=sys.stderr,
        )
    except ModelparityError as error:
        print(f"modelparity: {error}", file=sys.stderr)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
