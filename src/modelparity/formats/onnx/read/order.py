"""The order in which a graph's nodes can run, which some tools do not write them in.

ONNX asks for sorted nodes; onnxruntime sorts what it loads, and its own float16 converter appends Casts at the end.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from ....errors import ArtefactError
from ...finding import Finding
from .external_weights import mapped
from .protobuf_bytes import skeleton


def runnable(graph: Any) -> list[tuple[int, Any]]:
    """(place in the file, node), each node behind those that it reads from; sorted ones stay as they are.

    Nodes of a cycle come last, in the order of the file: reading them says what is wrong.
    """
    nodes = list(graph.node)
    if not misplaced(graph):
        return list(enumerate(nodes))
    makers = {name: place for place, node in enumerate(nodes) for name in node.output if name}
    waits = [{makers[name] for name in _reads(node) if name in makers} - {k} for k, node in enumerate(nodes)]
    readers: list[list[int]] = [[] for _ in nodes]
    for place, before in enumerate(waits):
        for one in before:
            readers[one].append(place)
    left = [len(before) for before in waits]
    ready = [place for place, count in enumerate(left) if not count]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        place = heapq.heappop(ready)
        order.append(place)
        for reader in readers[place]:
            left[reader] -= 1
            if not left[reader]:
                heapq.heappush(ready, reader)
    done = set(order)
    order += [place for place in range(len(nodes)) if place not in done]
    return [(place, nodes[place]) for place in order]


def misplaced(graph: Any) -> list[int]:
    """Places of nodes that stand before one that they read from."""
    later = {name for node in graph.node for name in node.output if name}
    found = []
    for place, node in enumerate(graph.node):
        if any(name in later for name in _reads(node)):
            found.append(place)
        later.difference_update(node.output)
    return found


def findings(path: Path) -> list[Finding]:
    """A note where nodes stand before what they read; nothing of a file that is not readable, which reading says."""
    model = onnx.ModelProto()
    try:
        model.ParseFromString(skeleton(mapped(path, path.name).data, path.name, ""))
    except (ArtefactError, DecodeError, ValueError):
        return []
    places = misplaced(model.graph)
    if not places:
        return []
    node = model.graph.node[places[0]]
    return [
        Finding(
            "unsorted-nodes",
            "note",
            f"{path.name}/node {places[0]}",
            f"{len(places)} of {len(model.graph.node)} nodes stand before one that they read from",
            layer=f"{node.op_type} {node.name}".strip()[:120],
            expected="sorted nodes, which ONNX asks for; onnxruntime sorts them while loading, as is done here",
            fix="other runtimes and onnx.checker may refuse the file: sort its nodes and save it again",
        )
    ]


def _reads(node: Any) -> Iterator[str]:
    """The names that a node reads, those that its inner graphs read included."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        for inner in (attribute.g, *attribute.graphs) if attribute.type in (5, 10) else ():
            own = {one.name for one in (*inner.input, *inner.initializer)}
            own.update(name for one in inner.node for name in one.output)
            yield from (name for one in inner.node for name in _reads(one) if name not in own)
            yield from (one.name for one in inner.output if one.name not in own)
