"""Where the parts of a Core ML artefact lie: a single file, or a package folder with a manifest."""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ArtefactError

#: What may stand where a file should.
KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
#: A manifest is a few hundred bytes; protobuf cannot hold a message above 2 GiB.
LARGEST_MANIFEST, LARGEST_MODEL = 1 << 20, (1 << 31) - 1


@dataclass(frozen=True)
class Parts:
    """``model`` is the file with the specification; ``@model_path`` in it means ``folder``, within ``root``."""

    path: Path
    model: Path
    folder: Path
    root: Path

    def data(self) -> bytes:
        """The bytes of the specification."""
        return read(self.model, LARGEST_MODEL)

    def file(self, name: str, where: str) -> Path:
        """The file that the specification calls ``name``, at the place ``where`` in it.

        Raises `ArtefactError` if it is outside or missing.
        """
        prefix, place = "@model_path/", f"{self.path}, {where}"
        if not name.startswith(prefix):
            raise ArtefactError(
                "a weights file is not given relative to the model",
                where=place,
                found=repr(name)[:200],
                expected=f"{prefix}...",
            )
        return inside(self.root, self.folder, name[len(prefix) :], place)

    def sha256(self) -> str:
        """Over the bytes of a single file; over names and bytes of all files of a package, in order of names."""
        total = hashlib.sha256()
        if self.path.is_file():
            _feed(total, self.path)
            return total.hexdigest()
        for file in sorted(p for p in self.path.rglob("*") if p.is_file() and not p.is_symlink()):
            one = hashlib.sha256()
            _feed(one, file)
            total.update(f"{file.relative_to(self.path).as_posix()}\0{one.hexdigest()}\n".encode())
        return total.hexdigest()


def parts(path: Path) -> Parts:
    """The parts of an ``.mlmodel`` file or an ``.mlpackage`` folder."""
    if not path.is_dir():
        return Parts(path, path, path.parent, path.parent)
    data = path / "Data"
    root = _root(path, data)
    return Parts(path, root, root.parent, data)


def _root(path: Path, data: Path) -> Path:
    """What the manifest names as the model."""
    where = path / "Manifest.json"
    if not where.exists():
        raise ArtefactError(
            "a folder without a manifest is no Core ML package",
            where=path,
            found=", ".join(sorted(one.name for one in path.iterdir())[:8]) or "an empty folder",
            expected="Manifest.json in it",
        )
    for part in (where.name, data.name):  # neither may be a link to somewhere else
        inside(path, path, part, where, must=False)
    try:
        manifest: Any = json.loads(read(where, LARGEST_MANIFEST))
    except (ValueError, RecursionError) as error:
        raise ArtefactError(
            "the manifest is no JSON", where=where, found=str(error)[:200], expected="a JSON object"
        ) from None
    entries = manifest.get("itemInfoEntries") if isinstance(manifest, dict) else None
    version = manifest.get("fileFormatVersion") if isinstance(manifest, dict) else None
    if not isinstance(entries, dict):
        held = ", ".join(manifest) if isinstance(manifest, dict) else type(manifest).__name__
        raise ArtefactError(
            "the manifest lists no items", where=where, found=held[:200], expected="itemInfoEntries"
        )
    if not isinstance(version, str) or version.split(".")[0] != "1":
        found = repr(version)[:200]
        raise ArtefactError("the package is of another version", where=where, found=found, expected="1.0.0")
    identifier = manifest.get("rootModelIdentifier")
    entry = entries.get(identifier) if isinstance(identifier, str) else None
    name = entry.get("path") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise ArtefactError(
            "the manifest names no model",
            where=where,
            found=f"rootModelIdentifier {identifier!r}"[:200],
            expected=f"one of {', '.join(map(repr, entries))}, with a path"[:200],
        )
    for other in entries.values():  # every item must lie inside, whether it is read or not
        inner = other.get("path") if isinstance(other, dict) else None
        if not isinstance(inner, str):
            found = repr(other)[:200]
            raise ArtefactError(
                "an item of the manifest has no path", where=where, found=found, expected="a path"
            )
        inside(data, data, inner, where, must=False)
    return inside(data, data, name, where)


def inside(root: Path, base: Path, name: str, where: object, *, must: bool = True) -> Path:
    """``base / name``, which must not leave ``root``, by ``..`` nor by links; ``must`` says that it exists."""
    try:
        target = (base / name).resolve()
        outside = not target.is_relative_to(root.resolve())
        there = target.is_file() if must else True
    except (ValueError, OSError, RuntimeError):  # a null byte, too long a name, links in a circle
        outside = True
    if outside:
        raise ArtefactError(
            "a path points outside the package",
            where=where,
            found=repr(name)[:200],
            expected="a path within it",
        )
    if not there:
        raise ArtefactError(
            "a file of the package is missing",
            where=where,
            found=repr(name)[:200],
            expected="a file at that path in the package",
        )
    return target


def read(path: Path, most: int) -> bytes:
    """The bytes of a file that must not be larger than ``most``."""
    try:
        status = path.stat()
        size = status.st_size
        if not stat.S_ISREG(status.st_mode):
            raise ArtefactError("not a file", where=path, found=KINDS.get(stat.S_IFMT(status.st_mode)))
        if size > most:
            raise ArtefactError(
                "the file is too large", where=path, found=f"{size:,} bytes", expected=f"<= {most:,}"
            )
        return path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"not readable: {error.strerror}", where=path) from error


def _feed(total: Any, path: Path) -> None:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
