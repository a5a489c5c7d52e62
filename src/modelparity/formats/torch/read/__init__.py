"""PyTorch read into graphs: a module with an example, an exported program, or the archive of one."""

from __future__ import annotations

from typing import Any

import torch
from torch.export import ExportedProgram

from ....errors import ArtefactError
from ....graph import Graph


def read_object(source: object, *, example: Any = None, dynamic_shapes: Any = None) -> Graph:
    """The graph of a module, run once on ``example``, or of an exported program.

    ``dynamic_shapes`` says which axes are free, as `torch.export` takes it; names may stand for its ``Dim``:
    ``{"x": {0: "batch", 1: "time"}}``. A TorchScript module is read with the axes that PyTorch's converter leaves
    free. The module stays as it was. Raises `ArtefactError`.
    """
    from ..copying import apart
    from .program import graph_of
    from .tracing import collected, decomposed, scripted, traced

    name = type(source).__name__
    if isinstance(source, ExportedProgram):
        return graph_of(decomposed(source, name), name, dynamic_shapes=dynamic_shapes)
    if not isinstance(source, torch.nn.Module):
        raise ArtefactError("not a module", found=name, expected="a torch.nn.Module or an ExportedProgram")
    if isinstance(source, torch.jit.ScriptModule):
        with apart(source, sharing=True) as other:
            program = decomposed(scripted(other, example), name)
        schema: Any = source.forward.schema  # type: ignore[attr-defined]
        own = [one.name for one in schema.arguments[1:]]
        return graph_of(program, name, dynamic_shapes=dynamic_shapes, inputs=own)
    with apart(source, sharing=True) as other:
        program = decomposed(traced(other, example, dynamic_shapes), name)
    first = collected(source, example)
    names = [*first, *(one for one in example if one not in first)] if first else None
    return graph_of(
        program,
        name,
        dynamic_shapes=dynamic_shapes,
        inputs=getattr(source, "input_names", names),
        outputs=getattr(source, "output_names", None),
    )
