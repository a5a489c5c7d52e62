"""Bundles as zips: written so that the same files give the same bytes, read so that none can do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..errors import GoldenError
from .portable import reading
from .safetensors_file import MOST_BYTES


@contextmanager
def opened(path: Path) -> Iterator[reading.Reader]:
    """A reader of a bundle's files, zip or folder; what goes wrong inside the block becomes a `GoldenError`."""
    try:
        if path.is_dir():
            yield reading.folder(path)
        else:
            with zipfile.ZipFile(path) as archive:
                yield _reader(archive)
    except reading.BundleError as error:
        raise GoldenError(
            str(error), where=path, fix="copy the bundle anew from where it was made"
        ) from error
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise GoldenError("not a bundle, or damaged", where=path, found=f"{error!s:.200}") from error


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Stored, not deflated: floats hardly shrink, and versions of zlib disagree about the bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, data)
    return file.getvalue()


def _reader(archive: zipfile.ZipFile) -> reading.Reader:
    names = archive.namelist()
    if len(names) != len(set(names)):
        raise reading.BundleError("two files of the archive share a name")
    if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
        raise reading.BundleError(f"the archive unpacks to more than {MOST_BYTES} bytes")
    for name in names:
        parts = name.replace("\\", "/").split("/")
        if name.startswith("/") or ".." in parts or ":" in name:
            raise reading.BundleError(f"{name!r} leads out of the bundle")

    def read(name: str, most: int) -> bytes:
        if name not in names:
            raise reading.BundleError(f"{name} is missing")
        with archive.open(name) as file:
            data = file.read(most + 1)  # what it unpacks to, whatever its directory says
        if len(data) > most:
            raise reading.BundleError(f"{name} is larger than the manifest says")
        return data

    return read
