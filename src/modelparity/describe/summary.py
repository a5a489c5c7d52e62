"""A graph as a table for a person: what goes in and out, what every node is, holds and came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.limits import limited
from ..engine.run import filed
from ..errors import ModelparityError
from ..graph import Graph, Node
from .shapes import free_axes, symbolic, zeros
from .text_table import layout
from .walk import walked

#: Longest text of an attribute or a name that a table cell shows.
WIDEST = 40
#: Elements of one array that are made to find a shape, unless there are more weights.
MOST = 1 << 23


def summary(graph: Graph) -> str:
    """The graph as text: source, inputs, outputs, one line a node, totals, and arrays left unused with why.

    Output shapes are written in terms of the free input axes, as `shapes.symbolic` finds them. Those that could
    not be found, because the graph does not run or a run would hold more than a file of this size warrants, are "?"
    and the reason stands below the table.
    """
    known, problem = _shapes(graph)
    found = {name: f"({', '.join(map(str, shape))})" for name, shape in known.items()}
    lines = [graph.name]
    if graph.source is not None:
        seed = "" if graph.source.seed is None else f", weights made from seed {graph.source.seed}"
        lines.append(
            f"  source   {graph.source.format} {graph.source.path} sha256:{graph.source.sha256[:12]}{seed}"
        )
    lines.append(f"  graph    sha256:{graph.hash[:12]}, declared {graph.native}")
    lines += [f"  input    {spec}" for spec in graph.inputs]
    lines += [f"  output   {name} {found.get(name, '?')}" for name in graph.outputs]
    lines += ["", *layout(_rows(graph, found)), ""]
    reused = _reused(graph)
    shared = f", {reused} of the arrays read more than once" if reused else ""
    lines.append(
        f"{len(graph.nodes)} nodes, {graph.parameters:,} parameters in {len(graph.constants)} arrays{shared}"
    )
    if problem is not None:
        which = "shapes marked ?" if found else "shapes"
        lines.append(f"{which} are unknown: {problem}")
    return "\n".join([*lines, *_unused(graph)])


def _shapes(graph: Graph) -> tuple[Mapping[str, Sequence[int | str]], str | None]:
    """The shapes as far as they are found, and why others are not; no array is made that is out of proportion."""
    most = max(MOST, graph.parameters)
    try:
        with limited(elements=most):
            if free_axes(graph):
                return symbolic(graph), None
            ran = walked(graph, zeros(graph, {}), most_alive=2 * most)
            return ran.shapes, None if ran.refusal is None else filed(ran.refusal, graph).what
    except ModelparityError as error:
        return {}, error.what


def _rows(graph: Graph, found: Mapping[str, str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("node", "op", "output", "parameters", "attributes", "origin")]
    counted: set[str] = set()
    for node in graph.nodes:
        own = [name for name in dict.fromkeys(node.inputs) if name in graph.constants and name not in counted]
        counted.update(own)
        count = sum(graph.constants[name].size for name in own if graph.constants[name].dtype.kind == "f")
        rows.append(
            (
                _short(node.name),
                node.op,
                found.get(node.outputs[0], "?") if node.outputs else "-",
                f"{count:,}" if count else "-",
                _attributes(node),
                node.origin,
            )
        )
    return rows


def _attributes(node: Node) -> str:
    return ", ".join(f"{key}={_short(_value(value))}" for key, value in sorted(node.attrs.items())) or "-"


def _value(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array {value.shape}"
    if isinstance(value, Graph):
        return f"graph of {len(value.nodes)} nodes"
    if isinstance(value, list | tuple):
        return "(" + ",".join(map(_value, value)) + ")"
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."


def _reused(graph: Graph) -> int:
    """How many constants more than one node reads."""
    reads = Counter(name for node in graph.nodes for name in set(node.inputs) if name in graph.constants)
    return sum(count > 1 for count in reads.values())


def _unused(graph: Graph) -> list[str]:
    """One line a reason, naming the arrays (or the first few of many)."""
    read = {name for node in graph.nodes for name in node.inputs} | set(graph.outputs)
    idle = dict.fromkeys(set(graph.constants) - read, "no node reads it")
    reasons: dict[str, list[str]] = {}
    for name, why in sorted({**idle, **graph.unused}.items()):
        reasons.setdefault(why, []).append(name)
    if not reasons:
        return []
    return ["unused arrays:", *(f"  {_listed(found)}: {why}" for why, found in reasons.items())]


def _listed(found: Sequence[str]) -> str:
    more = f" and {len(found) - 2} more" if len(found) > 3 else ""
    return ", ".join(found[:2] if more else found) + more
