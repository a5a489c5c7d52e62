"""A graph as a .pt2 archive: the module that is built of it, exported by PyTorch."""

from __future__ import annotations

import re
from inspect import Parameter, Signature
from keyword import iskeyword
from pathlib import Path

import torch
from torch import Tensor, nn

from ...describe.shapes import free_axes
from ...errors import ConversionError
from ...graph import Graph
from .network import Network
from .read.tracing import quiet

#: A free axis of the example that is exported is longer than its least size by so much; sizes of 1 stay fixed.
LONGER = 7


class _Named(nn.Module):
    """A network whose inputs have names that Python allows, and that gives a dict."""

    def __init__(self, net: Network) -> None:
        super().__init__()
        self.net = net

    def forward(self, *given: Tensor) -> dict[str, Tensor]:
        """Tensors in the order of the network's inputs -> {output name: tensor}."""
        found = self.net(*given)
        return found if isinstance(found, dict) else {self.net.output_names[0]: found}


def _signed(net: Network) -> _Named:
    """The network, with a parameter for each input: PyTorch names inputs by them."""
    made = _Named(net).eval()
    names: list[str] = []
    for wish in net.input_names:
        name = re.sub(r"\W", "_", wish, flags=re.ASCII)
        name = f"_{name}" if not name or name[0].isdigit() or iskeyword(name) else name
        while name in names:
            name += "_"
        names.append(name)
    call = made.forward

    def forward(*given: Tensor) -> dict[str, Tensor]:
        return call(*given)

    kind = Parameter.POSITIONAL_OR_KEYWORD
    forward.__signature__ = Signature([Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
    made.forward = forward  # type: ignore[method-assign]
    return made


def write(graph: Graph, path: Path) -> None:
    """Write ``graph`` to ``path`` as `torch.export.save` does: free axes stay free.

    Raises `ConversionError` for what PyTorch has no form of, and for what it does not export, such as loops over an
    axis that is free.
    """
    net = _signed(Network(graph))
    sizes = {name: least + LONGER for name, least in free_axes(graph).items()}
    example, free = [], []
    for spec in graph.inputs:
        shape = [sizes[axis.name] if axis.size is None else axis.size for axis in spec.axes]
        example.append(torch.zeros(shape, dtype=_TYPES.get(spec.dtype, torch.float32)))
        free.append({at: torch.export.Dim.DYNAMIC for at, axis in enumerate(spec.axes) if axis.size is None})
    try:
        with quiet(), torch.no_grad():
            shapes = tuple(free) if any(free) else None
            torch.export.save(torch.export.export(net, tuple(example), dynamic_shapes=shapes), str(path))
    except Exception as error:  # whatever of the network PyTorch stumbles over
        raise ConversionError(
            "PyTorch does not export this network",
            where=graph.name,
            found=f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}",
            fix='build the module, and export it by hand: mp.convert(graph, format="torch")',
        ) from error


_TYPES = {
    "bool": torch.bool,
    **{name: getattr(torch, name) for name in ("int8", "uint8", "int16", "int32", "int64", "float64")},
}
