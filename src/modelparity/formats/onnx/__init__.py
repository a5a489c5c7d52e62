"""ONNX: writes a graph as an ``.onnx`` file that any ONNX runtime computes without knowing modelparity."""

from __future__ import annotations

from pathlib import Path

from ...graph import Graph
from ..registry import Format


def write(graph: Graph, path: Path) -> None:
    """Write ``graph`` to ``path``: opset 17, weights in float32, free axes kept free, same graph same bytes.

    Raises `ConversionError` for an operator or a form of one that ONNX does not have.
    """
    from .model import model

    path.write_bytes(model(graph).SerializeToString(deterministic=True))


def sniff(head: bytes, path: Path) -> bool:
    """An ONNX file is a bare protocol buffer without a magic number; only its suffix tells."""
    return path.suffix.lower() == ".onnx" and head[:1] == b"\x08"


FORMAT = Format(name="onnx", suffixes=(".onnx",), sniff=sniff, read=None, write=write, build=None)
