"""Models given as bytes, as files for a process that is handed paths: the last few, while this one lives."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from ..errors import ArtefactError
from ..files import replace_file

#: Files kept at a time.
KEPT = 4


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
