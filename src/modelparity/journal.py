"""A journal: what is planned and what came of it, on disk before the next thing happens.

A process that dies says nothing more. Its journal says what it had planned, and what it was at; each line is whole::

    {"format": "modelparity journal", "version": 1, "process": 4711}
    {"planned": {"id": ..., ...}}        once for everything that is planned
    {"begun": "an id"}                   before it is done
    {"done": "an id", "with": {...}}     after it

A journal whose process ended well is deleted: one that lies there, of a process that lives no more, tells of a death.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Journal", "Told", "left_behind", "place", "read"]

FORMAT, VERSION = "modelparity journal", 1
#: Where no signal can ask whether a process lives, one that is older than this many seconds does not.
OLD = 86400.0


def place(folder: Path) -> Path:
    """Where a journal of this process goes, in a name that no other has."""
    return folder / f"journal-{os.getpid()}-{secrets.token_hex(4)}.jsonl"


class Journal:
    """The journal at ``path``, which several processes may write at once; the first of them plans.

    Where nothing can write it, that is no reason to stop what it would have told of: then there is no journal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def plan(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Begin it with everything that is planned, each with its "id", unless another process has."""
        whole = [{"format": FORMAT, "version": VERSION, "process": os.getpid()}]
        whole += [{"planned": dict(entry)} for entry in entries]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            self._open()
        except OSError:
            return
        else:
            self._write(*whole)

    def begin(self, name: str) -> None:
        """It is done from now on."""
        self._write({"begun": name})

    def done(self, name: str, what: Mapping[str, Any] | None = None) -> None:
        """It was done, and this came of it."""
        self._write({"done": name, "with": what})

    def close(self) -> None:
        """Nothing more is written from here."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def delete(self) -> None:
        """All ended well, and was told elsewhere."""
        self.close()
        _remove(self.path)

    def _open(self) -> None:
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        except OSError:
            self._file = None

    def _write(self, *lines: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        text = "".join(f"{json.dumps(line, default=str)}\n" for line in lines)
        try:
            os.write(self._file, text.encode())  # at once, so that lines of several processes stay whole
        except OSError:
            self.close()


@dataclass
class Told:
    """What a journal says: ``planned`` {id: entry}, ``done`` {id: what came of it}, and what was ``begun`` alone."""

    process: int = 0
    planned: dict[str, dict[str, Any]] = field(default_factory=dict)
    begun: dict[str, None] = field(default_factory=dict)
    done: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> list[str]:
        """What never returned: begun, and not done."""
        return [name for name in self.begun if name not in self.done]

    @property
    def left(self) -> list[str]:
        """What was planned and never begun."""
        return [name for name in self.planned if name not in self.begun and name not in self.done]


def read(path: Path) -> Told:
    """What the journal says; nothing, if it is none. A last line that was cut off is left out."""
    told = Told()
    for line in _lines(path):
        if line.get("format") == FORMAT and isinstance(process := line.get("process"), int):
            told.process = process
        elif isinstance(entry := line.get("planned"), dict) and "id" in entry:
            told.planned[str(entry["id"])] = entry
        elif "begun" in line:
            told.begun[str(line["begun"])] = None
            told.done.pop(str(line["begun"]), None)  # it is done again
        elif "done" in line:
            told.done[str(line["done"])] = line.get("with")
    return told


def left_behind(folder: Path, *, but: Path | None = None) -> Iterator[tuple[Path, Told]]:
    """Journals in ``folder`` of processes that live no more, ``but`` one."""
    for path in sorted(folder.glob("journal-*.jsonl")):
        if path == but:
            continue
        told = read(path)
        if told.process and not _lives(told.process, path):
            yield path, told


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_bytes().decode(errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def _lives(process: int, path: Path) -> bool:
    if os.name != "posix":
        try:
            return time.time() - path.stat().st_mtime < OLD
        except OSError:
            return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
