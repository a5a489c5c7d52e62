"""Files that are there whole or not at all, however many processes write them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ..errors import GoldenError


def replace_file(path: Path, data: bytes) -> Path:
    """Write ``data`` under a name of its own beside ``path``, then rename: readers see the old or the new file.

    Makes the folder if need be. Raises `GoldenError` if the file system refuses.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "xb") as file:
                file.write(data)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise GoldenError("cannot be written", where=path, found=error.strerror or error) from error
    return path
