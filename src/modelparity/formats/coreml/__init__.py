"""Core ML files: read into graphs, and written from them."""

from __future__ import annotations

from pathlib import Path

from ...graph import Graph
from ..registry import Format, Patch

__all__ = ["FORMAT"]


def _sniff(head: bytes, path: Path) -> bool:
    """A package has a manifest; a model file starts with its specification version and description."""
    if path.is_dir():
        return (path / "Manifest.json").is_file() or path.suffix == ".mlpackage"
    return len(head) > 3 and head[0] == 0x08 and head[1] < 0x80 and head[2] == 0x12


def _read(path: Path, *, function: str | None = None) -> Graph:
    from .model import read

    return read(path, function=function)


def _write(graph: Graph, path: Path, *, precision: str = "float32") -> None:
    from .write import write

    write(graph, path, precision=precision)


def _patch(path: Path, draft: Path, change: Patch) -> int:
    from .patching import patch

    return patch(path, draft, change)


FORMAT = Format(
    "coreml",
    (".mlpackage", ".mlmodel"),
    _sniff,
    _read,
    _write,
    functions=True,
    precisions=("float32", "float16"),
    lacks={"int64": ("int32",), "bool": ("int32", "float32"), "float64": ("float32",)},
    patch=_patch,
)
