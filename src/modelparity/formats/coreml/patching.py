"""A Core ML file with other numbers in some of its arrays; every other field, and file of a package, stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, MutableSequence
from pathlib import Path
from typing import Any

import numpy as np

from ..registry import Patch
from .blob import HEADER, METADATA, SENTINEL, TYPES
from .package import parts
from .proto import parse

#: Element types of blobs whose numbers can be changed.
FLOATS = ("float16", "float32")


def patch(path: Path, draft: Path, change: Patch) -> int:
    """Write ``path`` at ``draft``, its arrays as ``change`` has them; how many were changed.

    Raises `ArtefactError` for a file that is damaged.
    """
    lying = parts(path)  # refuses links that lead out, before anything is copied
    data = lying.data()
    if path.is_dir():
        shutil.copytree(path, draft)
        model = draft / lying.model.resolve().relative_to(path.resolve())
    else:
        model = draft
    message = parse(path, data)
    count = 0
    for place, values in _vectors(message, ""):
        new = change(place, np.asarray(values, np.float32))
        if new is not None:
            values[:] = new.astype(np.float32).tolist()
            count += 1
    model.write_bytes(message.SerializeToString(deterministic=True) if count or not path.is_dir() else data)
    if path.is_dir():
        for file in sorted(one for one in draft.rglob("*.bin") if one.is_file()):
            count += _weights(file, change)
    return count


def _vectors(message: Any, place: str) -> Iterator[tuple[str, Any]]:
    """(place, list) of every list of floats in a message, however deep."""
    for field, value in message.ListFields():
        name = f"{place}.{field.name}"
        many = field.message_type is not None and field.message_type.GetOptions().map_entry
        if many:
            if field.message_type.fields_by_name["value"].message_type is not None:
                for key in sorted(value):
                    yield from _vectors(value[key], f"{name}[{key}]")
        elif field.message_type is not None:
            inner = value if isinstance(value, MutableSequence) else [value]
            for at, one in enumerate(inner):
                yield from _vectors(one, f"{name}[{at}]")
        elif field.cpp_type == field.CPPTYPE_FLOAT and isinstance(value, MutableSequence):
            yield name, value


def _weights(file: Path, change: Patch) -> int:
    """Change a weights file in place: blob by blob, each found by the sentinel of its metadata."""
    held = bytearray(file.read_bytes())
    count, at = 0, HEADER
    while at + METADATA.size <= len(held):
        sentinel, kind, size, start, _ = METADATA.unpack_from(held, at)
        if sentinel != SENTINEL or start < at + METADATA.size or start + size > len(held):
            at += METADATA.size
            continue
        dtype = TYPES.get(kind)
        if dtype in FLOATS:
            array = np.frombuffer(bytes(held[start : start + size]), dtype)
            new = change(f"{file.name}+{at}", array)
            if new is not None:
                held[start : start + size] = new.astype(dtype).tobytes()
                count += 1
        at = -(-(start + size) // METADATA.size) * METADATA.size
    if count:
        file.write_bytes(held)
    return count
