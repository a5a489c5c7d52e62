"""The whole file: a graph walked node by node as a chain, and what this package says beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any

from ....engine.bound_node import call
from ....engine.run import run
from ....errors import ConversionError
from ....graph import Graph, Node
from ....version import __version__
from ..inputs_outputs import KEY
from .chain import Chain, Role, refusal, roles_of
from .lowering import lowers

#: The file's own format version, under `KEY`.
VERSION = 1


def write(graph: Graph, path: Path) -> None:
    """Write ``graph`` to ``path``. Same graph, same bytes.

    Weights are float32, as the numbers that they are; what RTNeural does not read (names of input and output, axes,
    provenance) stands under one key of the top level. Raises `ConversionError` naming the operator that RTNeural
    lacks, or what about it.
    """
    path.write_text(json.dumps(document(graph), separators=(",", ":"), allow_nan=False) + "\n", "ascii")


def document(graph: Graph) -> dict[str, Any]:
    """``graph`` as RTNeural's JSON, in Python's terms."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise ConversionError(
            "RTNeural's models have one input and one output",
            where=graph.name,
            found=f"{len(graph.inputs)} inputs, {len(graph.outputs)} outputs",
        )
    refused: ConversionError | None = None
    for roles in roles_of(graph):
        try:
            return _document(graph, roles)
        except ConversionError as error:
            refused = refused or error
    assert refused is not None
    raise refused


def _document(graph: Graph, roles: Sequence[Role]) -> dict[str, Any]:
    chain = Chain(graph, roles)
    _finite(graph)
    for node in _merged(graph):
        _step(chain, node)
    if chain.standing() != chain.order:
        raise ConversionError(
            "the numbers of the output's frames stand in another order than RTNeural holds them",
            where=graph.name,
        )
    if chain.zeros:
        raise ConversionError(
            "zeros in front of time are left over: no convolution takes them in", where=graph.name
        )
    if not chain.layers:
        raise ConversionError("no layer is left: RTNeural's models have at least one", where=graph.name)
    about: dict[str, Any] = {
        "version": VERSION,
        "by": f"modelparity {__version__}",
        "name": graph.name,
        "graph": graph.hash,
        "input": chain.input.described(),
        "output": chain.framed(graph.outputs[0]).described(),
        "layers": chain.made,
    }
    if graph.source is not None:
        about["source"] = {
            "format": graph.source.format,
            "file": PurePath(graph.source.path).name,
            "sha256": graph.source.sha256,
        }
    shape = [None, None, chain.input.width]
    first = chain.layers[0]
    if first["type"] in ("conv2d", "batchnorm2d"):
        shape = [None, None, first["num_features_in"], first["num_filters_in"]]
    return {"in_shape": shape, "layers": chain.layers, KEY: about}


def _step(chain: Chain, node: Node) -> None:
    """One node: a constant of constants, or the next of the chain."""
    bound = call(node)
    if all(name in chain.constants for name in node.inputs if name):
        values = run(
            Graph("constants", (), node.outputs, (node,), {n: chain.constants[n] for n in node.inputs if n}),
            {},
        )
        chain.constants.update(values)
        return
    if chain.tensor not in node.inputs:
        raise refusal(
            bound,
            "it reads what an earlier layer gave",
            "RTNeural's models are chains without branches",
            found=", ".join(node.inputs),
            expected=chain.tensor,
        )
    lowers.of(node)(chain, bound)
    chain.tensor, chain.given = chain.given or node.outputs[0], None


def _merged(graph: Graph) -> Iterator[Node]:
    """The nodes in order, with a softmax that is written out as one node, and without what nobody reads."""
    nodes = [node for node in graph.nodes if node.outputs]
    readers: dict[str, list[Node]] = {}
    for node in nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    skip: set[str] = set()
    for node in nodes:
        if node.name in skip:
            continue
        group = _softmax(node, readers)
        if group is None:
            yield node
            continue
        skip |= {one.name for one in group}
        last, axis = group[-1], int(group[1].attrs["axes"][0])
        yield Node(last.name, "softmax", node.inputs, last.outputs, {"axis": axis}, node.origin)


def _softmax(node: Node, readers: dict[str, list[Node]]) -> list[Node] | None:
    """exp, its sum along an axis, and their quotient: the nodes, if that is what begins here."""
    if node.op != "exp":
        return None
    exponentials = node.outputs[0]
    total = next((one for one in readers.get(exponentials, []) if one.op == "reduce_sum"), None)
    if total is None or len(total.attrs["axes"]) != 1 or not total.attrs.get("keepdims"):
        return None
    after = readers.get(total.outputs[0], [])
    middle = after[0] if len(after) == 1 and after[0].op == "reciprocal" else None
    divisor = middle.outputs[0] if middle is not None else total.outputs[0]
    last = readers.get(divisor, [])
    if len(last) != 1 or len(readers[exponentials]) != 2 or exponentials not in last[0].inputs:
        return None
    if last[0].op != ("mul" if middle is not None else "div"):
        return None
    if middle is None and last[0].inputs[0] != exponentials:
        return None
    return [node, total, *([middle] if middle is not None else []), last[0]]


def _finite(graph: Graph) -> None:
    """JSON has no NaN and no infinity."""
    import numpy as np

    for name, array in graph.constants.items():
        if array.dtype.kind == "f" and not np.isfinite(array.astype(np.float32)).all():
            raise ConversionError(
                f"weights of {name!r} are not finite, and JSON has no such numbers", where=graph.name
            )
