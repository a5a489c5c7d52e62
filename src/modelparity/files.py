"""What is written is there whole or not at all, however many processes write it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ModelparityError

__all__ = ["replace_file", "replacing"]


@contextmanager
def replacing(
    path: Path, error: type[ModelparityError], *, suffix: str = "", folders: bool = False
) -> Iterator[Path]:
    """The path of a draft beside ``path``, a file or a folder, which takes its name if the block succeeds.

    Otherwise the draft is removed and what was there stays. Readers see the old or the new file; between two
    folders there is a moment with neither. ``suffix`` is for writers that look at it; ``folders`` makes those
    that ``path`` lies in. Raises ``error`` if the file system refuses.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp{suffix}")
    try:
        if folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            if draft.is_dir() and path.exists():
                old = draft.with_name(f"{draft.name}.old")
                os.rename(path, old)
                os.rename(draft, path)
                _remove(old)
            else:
                os.replace(draft, path)
        finally:
            _remove(draft)
    except OSError as refusal:
        raise error("not writable", where=path, found=refusal.strerror or refusal) from refusal


def replace_file(path: Path, data: bytes, error: type[ModelparityError]) -> Path:
    """Write ``data`` to ``path``, its folders made as needed; see `replacing`."""
    with replacing(path, error, folders=True) as draft:
        draft.write_bytes(data)
    return path


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
