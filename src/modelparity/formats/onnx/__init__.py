"""ONNX: writes a graph as an ``.onnx`` file that any ONNX runtime computes without knowing modelparity."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ...errors import Unavailable
from ...graph import Graph
from ..registry import Format


def write(graph: Graph, path: Path) -> None:
    """Write ``graph`` to ``path``: opset 17, weights in float32, free axes kept free, same graph same bytes.

    Raises `ConversionError` for an operator or a form of one that ONNX does not have, and
    `Unavailable` without the onnx package.
    """
    if find_spec("onnx") is None:
        raise Unavailable("onnx is not installed: pip install 'modelparity[onnx]'")
    from .model import model

    path.write_bytes(model(graph).SerializeToString(deterministic=True))


def sniff(head: bytes, path: Path) -> bool:
    """An ONNX file is a bare protocol buffer without a magic number; only its suffix tells."""
    return path.suffix.lower() == ".onnx" and head[:1] == b"\x08"


FORMAT = Format(name="onnx", suffixes=(".onnx",), sniff=sniff, read=None, write=write, build=None)
