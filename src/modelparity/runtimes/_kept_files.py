"""Files for a process that is handed paths: what tells a changed one, and models given as bytes, the last few."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from ..errors import ArtefactError
from ..files import replace_file

#: Files kept at a time.
KEPT = 4


def stamped(path: str | os.PathLike[str]) -> tuple[str, str]:
    """The path from the root, and a text that changes if the file does. Raises `ArtefactError` without a file."""
    try:
        state = os.stat(path)
    except OSError as error:
        raise ArtefactError(
            "not readable", where=os.fspath(path), found=error.strerror, fix="check the path"
        ) from error
    return os.path.abspath(path), f"{state.st_mtime_ns} {state.st_size}"


class KeptFiles:
    """Files with ``suffix`` in a temporary folder, named by their content."""

    def __init__(self, *, suffix: str) -> None:
        self.suffix = suffix
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._kept: dict[Path, None] = {}

    def of(self, content: bytes) -> Path:
        """The file with this content. Raises `ArtefactError` if it is not writable."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="modelparity-", ignore_cleanup_errors=True)
        path = Path(self._folder.name) / f"{hashlib.sha256(content).hexdigest()}{self.suffix}"
        self._kept.pop(path, None)
        self._kept[path] = None  # the last is asked for again soonest
        while len(self._kept) > KEPT:
            oldest = next(iter(self._kept))
            del self._kept[oldest]
            oldest.unlink(missing_ok=True)
        if not path.is_file():
            replace_file(path, content, ArtefactError)
        return path
