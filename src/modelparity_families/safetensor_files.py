"""Arrays of safetensors files, each bounded by its file and none executed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelparity.errors import ArtefactError
from modelparity.graph import Array


def arrays(path: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, Array]:
    """{name: array} of those that are ``wanted`` by their names; the others are not read.

    Raises `ArtefactError` for a file that is none, or whose numbers numpy has no type for.
    """
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys() if wanted(name)}  # noqa: SIM118 - it is no dict


def names(path: Path) -> list[str]:
    """Names of all that a file holds. Raises `ArtefactError` as `arrays` does."""
    with _opened(path) as file:
        return list(file.keys())


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise ArtefactError(
            "not a safetensors file that numpy can hold",
            where=path,
            found=(str(error) or type(error).__name__).splitlines()[0][:200],
            expected="float32 or float16 arrays",
        ) from error
