"""PyTorch: reads modules and exported programs; builds a graph as a module of native layers."""

from __future__ import annotations

from importlib.util import find_spec
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


FORMAT = Format(
    name="torch", suffixes=(), build=build, is_object=is_object, read_object=read_object,
    settings=("example", "dynamic_shapes"),
)  # fmt: skip
