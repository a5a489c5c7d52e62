"""madmom's model pickles: networks and conditional random fields, read without executing anything.

Source: madmom 0.16.1, ``madmom.ml.nn.layers``, ``madmom.ml.nn.activations`` and ``madmom.ml.crf``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from ...errors import ArtefactError
from ...graph import Graph, Source
from ..registry import Format

__all__ = ["FORMAT", "parse", "read"]

#: First bytes of a pickle: a protocol marker, or what protocols 0 and 1 begin with.
_STARTS = (b"\x80", b"c", b"(", b"]", b"}")


def read(path: Path, *, name: str | None = None, frequency: int | None = None) -> Graph:
    """The network or CRF in a madmom pickle; input "x", output "y".

    ``frequency`` fixes the size of a frequency axis that the file leaves open. Raises `UnsafePickleError`
    for a pickle that asks for anything a model does not need, and `ArtefactError` for a damaged one or for
    a layer or activation that is not known.
    """
    from .opcodes import MAX_BYTES

    try:
        size = path.stat().st_size
        if not path.is_file() or size > MAX_BYTES:
            raise ArtefactError("too large for a madmom model, or no file", where=path, found=f"{size} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"not readable: {error.strerror}", where=path) from error
    source = Source("madmom", str(path), hashlib.sha256(data).hexdigest())
    return parse(data, name=name or path.stem, source=source, frequency=frequency)


def parse(data: bytes, *, name: str, source: Source | None = None, frequency: int | None = None) -> Graph:
    """As `read`, from bytes."""
    from .network import graph
    from .pickle_sandbox import load

    try:
        return graph(load(data), name, source, frequency)
    except ArtefactError as error:
        file = source.path if source is not None else name
        where = file if error.where in (None, name, file) else f"{file}, {error.where}"
        raise error.changed(where=where) from None


def _sniff(head: bytes, path: Path) -> bool:
    if not head.startswith(_STARTS):
        return False
    return b"madmom.ml" in head or path.suffix.lower() in FORMAT.suffixes


FORMAT = Format("madmom", (".pkl", ".pickle"), _sniff, read=read, settings=("name", "frequency"))
