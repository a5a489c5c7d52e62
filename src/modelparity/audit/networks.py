"""The networks of an audit as bytes, so that a worker on another machine reads what the asker has."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePosixPath

from ..errors import InputError
from ..formats import load
from ..graph import Graph

#: Bytes that a network may have: they are kept in memory, and sent.
MOST = 2 << 30


@dataclass(frozen=True)
class Artefact:
    """A model's file, or the files of its folder by relative path, held in memory."""

    name: str
    files: Mapping[str, bytes]
    folder: bool = False

    @classmethod
    def of(cls, path: Path) -> Artefact:
        """What stands at ``path``. Raises `InputError` if nothing does, or too much."""
        paths = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        if not paths:
            raise InputError("there is no model here", where=path)
        size = sum(one.stat().st_size for one in paths)
        if size > MOST:
            raise InputError(
                "the model is too large to be sent around",
                where=path,
                found=f"{size:,} bytes",
                expected=f"at most {MOST:,}",
            )
        if path.is_file():
            return cls(path.name, {path.name: path.read_bytes()})
        files = {one.relative_to(path).as_posix(): one.read_bytes() for one in paths}
        return cls(path.name, files, folder=True)

    @contextmanager
    def placed(self) -> Iterator[Path]:
        """The path of a copy on this machine, for as long as it is needed."""
        with tempfile.TemporaryDirectory(prefix="modelparity-audit-") as made:
            root = Path(made)
            for name, data in self.files.items():
                parts = PurePosixPath(name)
                if parts.is_absolute() or ".." in parts.parts:
                    raise InputError("a path that leaves its folder", where=self.name, found=name)
                to = root / self.name / parts if self.folder else root / parts
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(data)
            yield root / self.name

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all names and bytes."""
        found = sha256()
        for name, data in sorted(self.files.items()):
            found.update(f"{name} {len(data)} ".encode() + data)
        return found.hexdigest()

    def load(self) -> Graph:
        """The graph that it holds."""
        with self.placed() as path:
            return load(path)
