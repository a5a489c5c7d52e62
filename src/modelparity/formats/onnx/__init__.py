"""ONNX: reads ``.onnx`` files, and writes graphs as files that any ONNX runtime computes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from ...errors import Unavailable
from ...graph import Graph
from ..finding import Finding
from ..registry import Format, Patch


def write(graph: Graph, path: Path) -> None:
    """Write ``graph`` to ``path``: opset 17, weights in float32, free axes kept free, same graph same bytes.

    Raises `ConversionError` for an operator or a form of one that ONNX does not have, and
    `Unavailable` without the onnx package.
    """
    if find_spec("onnx") is None:
        raise Unavailable("onnx is not installed: pip install 'modelparity[onnx]'")
    from .model import model

    path.write_bytes(model(graph).SerializeToString(deterministic=True))


def read(path: Path) -> Graph:
    """What the file at ``path`` computes: every operator of ONNX on numbers, opset 7 and later.

    Raises `ArtefactError` for a file that is damaged, hostile or beyond that, and `Unavailable` without onnx.
    """
    if find_spec("onnx") is None:
        raise Unavailable("onnx is not installed: pip install 'modelparity[onnx]'")
    from .read.reader import read as read_file

    return read_file(path)


def examine(path: Path) -> Sequence[Finding]:
    """What is good to know of a file that runs: nodes in an order in which they cannot run as they stand."""
    if find_spec("onnx") is None:
        return []
    from .read.order import findings

    return findings(path)


def patch(path: Path, draft: Path, change: Patch) -> int:
    """Write a file again with other numbers in some tensors; see `patching.patch`. Raises `Unavailable`."""
    if find_spec("onnx") is None:
        raise Unavailable("onnx is not installed: pip install 'modelparity[onnx]'")
    from .patching import patch as patch_file

    return patch_file(path, draft, change)


def splice(path: Path, draft: Path, was: Graph, wanted: Graph) -> int:
    """Write a file again with some tensors computed otherwise; see `splicing.splice`. Raises `Unavailable`."""
    if find_spec("onnx") is None:
        raise Unavailable("onnx is not installed: pip install 'modelparity[onnx]'")
    from .splicing import splice as splice_file

    return splice_file(path, draft, was, wanted)


#: What a ModelProto can begin with: the key of one of its fields.
_KEYS = b"\x08\x12\x1a\x22\x28\x32\x3a\x42\x72\xa2\xca"


def sniff(head: bytes, path: Path) -> bool:
    """An ONNX file is a bare protocol buffer without a magic number; only its suffix tells."""
    return path.suffix.lower() == ".onnx" and head[:1] != b"" and head[0] in _KEYS


FORMAT = Format(
    name="onnx",
    suffixes=(".onnx",),
    sniff=sniff,
    read=read,
    write=write,
    examine=examine,
    patch=patch,
    splice=splice,
)
