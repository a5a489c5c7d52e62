"""PyTorch: reads modules and exported programs; builds a graph as a module of native layers."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...errors import Unavailable
from ...graph import Graph
from ..registry import Format


def build(graph: Graph) -> object:
    """``graph`` as a module in eval mode: submodules named as the nodes, every weight in its ``state_dict``.

    It takes tensors with the axes of the graph's inputs, in their order, and returns the output, or a dict of
    them if there are several. Raises `ConversionError` for what PyTorch has no form of, and `Unavailable`.
    """
    if find_spec("torch") is None:
        raise Unavailable("torch is not installed: pip install 'modelparity[torch]'")
    from .network import Network

    return Network(graph)


def is_object(source: object) -> bool:
    """A ``torch.nn.Module`` or a ``torch.export.ExportedProgram``, told without importing PyTorch."""
    kinds = {f"{kind.__module__}.{kind.__name__}" for kind in type(source).__mro__}
    return bool(kinds & {"torch.nn.modules.module.Module", "torch.export.exported_program.ExportedProgram"})


def read_object(source: object, **settings: Any) -> Graph:
    """The graph of a module or an exported program: see `modelparity.formats.torch.read`."""
    from .read import read_object as read

    return read(source, **settings)


def sniff(head: bytes, path: Path) -> bool:
    """A zip with a folder at its root, as PyTorch writes them: programs, and what only looks like one."""
    marks = (b"/data/", b"/models/", b"/data.pkl", b"/archive_format", b"/code/", b"/constants")
    return head[:4] == b"PK\x03\x04" and any(mark in head for mark in marks)


def read(path: Path, **settings: Any) -> Graph:
    """The graph of a .pt2 archive: see `modelparity.formats.torch.read.archive`."""
    if find_spec("torch") is None:
        raise Unavailable("torch is not installed: pip install 'modelparity[torch]'")
    from .read.archive import read as archived

    return archived(path, **settings)


def write(graph: Graph, path: Path) -> None:
    """Write ``graph`` as a .pt2 archive: see `modelparity.formats.torch.exporting`. Raises `Unavailable`."""
    if find_spec("torch") is None:
        raise Unavailable("torch is not installed: pip install 'modelparity[torch]'")
    from .exporting import write as export

    export(graph, path)


FORMAT = Format(
    name="torch",
    suffixes=(".pt2",),
    sniff=sniff,
    read=read,
    write=write,
    build=build,
    is_object=is_object,
    read_object=read_object,
    settings=("example", "dynamic_shapes"),
)
