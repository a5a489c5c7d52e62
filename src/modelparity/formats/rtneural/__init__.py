"""RTNeural: the JSON that audio plug-ins load, read as the C++ library reads it, checked, and written.

Source: RTNeural, ``RTNeural/model_loader.h`` and the layers' headers, STL backend.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...graph import Graph
from ..finding import Finding
from ..registry import Format, Patch


def read(path: Path) -> Graph:
    """The network in a file; see `network.read`."""
    from .network import read as read_network

    return read_network(path)


def write(graph: Graph, path: Path) -> None:
    """Write a graph; see `writing.writer.write`."""
    from .writing.writer import write as write_network

    write_network(graph, path)


def examine(path: Path) -> Sequence[Finding]:
    """Everything to be said of a file; see `network.examine`."""
    from .network import examine as examine_network

    return examine_network(path)


def patch(path: Path, draft: Path, change: Patch) -> int:
    """Write a file again with other numbers in some arrays; see `patching.patch`."""
    from .patching import patch as patch_file

    return patch_file(path, draft, change)


def sniff(head: bytes, path: Path) -> bool:
    """A JSON object that speaks of layers or of an input shape, early on or (in a ``.json`` file) anywhere."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not start.startswith(b"{"):
        return False
    if b'"in_shape"' in head or b'"layers"' in head:
        return True
    if path.suffix.lower() not in FORMAT.suffixes:
        return False
    from .document import MAX_BYTES

    try:
        if path.stat().st_size > MAX_BYTES:
            return False
        text = path.read_bytes()
    except OSError:
        return False
    return b'"in_shape"' in text or b'"layers"' in text


FORMAT = Format(
    "rtneural",
    (".json",),
    sniff,
    read=read,
    write=write,
    examine=examine,
    silent=True,
    shared=True,
    patch=patch,
)
