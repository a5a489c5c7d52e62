"""The file of a model and the files beside it that hold its weights, each mapped once."""

from __future__ import annotations

import hashlib
import mmap
import os
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from ....errors import ArtefactError
from ....graph import Array


class Files:
    """Bytes of ``path`` and of external data in its folder, as read-only views of the mapped files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.main = mapped(path, path)
        self._beside: dict[Path, Array] = {}

    def beside(self, location: str, where: str) -> Array:
        """The bytes of a file that the model names as the place of its weights.

        Raises `ArtefactError` for one that is missing or that lies outside the model's own folder.
        """
        plain = PurePosixPath(location)
        if (
            not location
            or "\0" in location
            or "\\" in location
            or plain.is_absolute()
            or PureWindowsPath(location).drive
            or ".." in plain.parts
        ):
            raise _outside(location, where)
        folder = self.path.parent
        target = folder / plain
        if not os.path.lexists(target):
            raise ArtefactError(
                f"the external data {location!r} is missing",
                where=where,
                expected=f"a file {target}",
                fix="copy it beside the model: the two belong together",
            )
        real = Path(os.path.realpath(target))
        if not real.is_relative_to(os.path.realpath(folder)):
            raise _outside(location, where)
        if not real.is_file():
            raise ArtefactError(f"the external data {location!r} is no file", where=where)
        if real not in self._beside:
            self._beside[real] = mapped(real, where)
        return self._beside[real]

    def sha256(self) -> str:
        """SHA-256 of the model's bytes; of its digest and theirs if it has external data."""
        digests = [hashlib.sha256(self.main.data).digest()]
        digests += [hashlib.sha256(self._beside[path].data).digest() for path in sorted(self._beside)]
        return digests[0].hex() if len(digests) == 1 else hashlib.sha256(b"".join(digests)).hexdigest()


def mapped(path: Path, where: object) -> Array:
    """A file's bytes (read-only); an empty file has none."""
    try:
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return np.zeros(0, np.uint8)
            held: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise ArtefactError(f"not readable: {error}", where=where) from error
    return np.frombuffer(held, np.uint8)


def _outside(location: str, where: str) -> ArtefactError:
    return ArtefactError(
        "external data outside the model's folder",
        where=where,
        found=repr(location[:200]),
        expected="a relative path that stays in the folder, links included",
        fix="put the data beside the model and name it by a plain file name",
    )
