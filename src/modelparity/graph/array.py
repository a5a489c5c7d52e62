"""Arrays, and what vouches for their values."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def digest(array: Array) -> str:
    """SHA-256 of an array's values, as little-endian bytes in C order; its type and shape take no part."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return hashlib.sha256(little.data if little.size else b"").hexdigest()
