"""PyTorch: builds a graph as a ``torch.nn.Module`` of native layers, with its weights as parameters."""

from __future__ import annotations

from importlib.util import find_spec

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


FORMAT = Format(name="torch", suffixes=(), build=build)
