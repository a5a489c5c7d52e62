"""Text in a graph: each word stands as one whole number, the same in every file and on every machine.

Nothing computes with text but by asking whether two words are the same one, and which rows of a table they name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from .array import Array


def numbered(words: Iterable[str]) -> Array:
    """(word) int64: of each word the first eight bytes of its SHA-256, so that no two words share a number."""
    return np.array([_number(word) for word in words], np.int64)


def _number(word: str) -> int:
    return int.from_bytes(
        hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()[:8], "little", signed=True
    )
