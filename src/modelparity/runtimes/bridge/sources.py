"""Where the bridge's Swift sources are: in the checkout, or inside the installed package."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from ...errors import Unavailable

HEADER = Path("swift", "Sources", "CModelParity", "include", "modelparity.h")
#: Where a wheel has them; setup.py puts them there.
PACKED = Path(__file__).parent / "package"


def root() -> Path:
    """The folder of Package.swift. Raises `Unavailable` if this installation came without the sources."""
    here = Path(__file__).resolve().parents
    for folder in (*here[4:5], PACKED):  # the checkout, if the package lies in one
        if (folder / "Package.swift").is_file() and (folder / HEADER).is_file():
            return folder
    raise Unavailable(
        "the Swift sources of the bridge are not here",
        where=PACKED,
        fix="install modelparity again, from a wheel or a checkout",
    )


def header() -> Path:
    """The C interface: what Swift implements and Python declares."""
    return root() / HEADER


def digest(folder: Path) -> str:
    """A hash of what the library is built from: the manifest and every file of ``swift/Sources``."""
    files = [folder / "Package.swift", *sorted((folder / "swift" / "Sources").rglob("*"))]
    found = [(path, path.stat()) for path in files if path.is_file()]
    return _digest(folder, tuple((str(p.relative_to(folder)), s.st_mtime_ns, s.st_size) for p, s in found))


@lru_cache(maxsize=8)
def _digest(folder: Path, files: tuple[tuple[str, int, int], ...]) -> str:
    total = hashlib.sha256()
    for name, _, _ in files:
        total.update(f"{Path(name).as_posix()}\0".encode())
        total.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return total.hexdigest()[:16]
