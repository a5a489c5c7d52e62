"""A graph seen by faults: who makes and who reads each tensor, and what is constant. Made once for each graph."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from ...engine.bound_node import Call, call
from ...engine.facts import Facts
from ...engine.operator import find
from ...engine.run import run
from ...errors import GraphError, ModelparityError
from ...graph import Array, Graph, Node

#: Nodes of constants alone, such as a sum of two biases, that are worked out; longer chains are left as they are.
DEEP = 8
#: Operators that give truth values, and those that look at nothing but sizes.
TRUTHS = (
    *("logical_not", "logical_and", "logical_or", "logical_xor", "is_nan", "is_inf"),
    *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
)
SIZES = ("shape", "fill_like")
#: Nodes of one operator among which another layer of the same shapes is looked for.
NEAR = 16
_VIEWS: WeakKeyDictionary[Graph, View] = WeakKeyDictionary()


class View:
    """What stands around each node of one graph. It does not hold the graph, so that it goes when that goes."""

    def __init__(self, graph: Graph) -> None:
        self.constants, self.nodes, self.outputs, self.inputs = (
            graph.constants,
            graph.nodes,
            graph.outputs,
            {spec.name: spec for spec in graph.inputs},
        )
        self.makers: dict[str, Node] = {}
        self.users: dict[str, list[Node]] = {}
        for node in graph.nodes:
            for name in node.outputs:
                self.makers[name] = node
            for name in dict.fromkeys(node.inputs):
                self.users.setdefault(name, []).append(node)
        #: Operator -> its nodes, in the order of running.
        self.by_op: dict[str, list[Node]] = {}
        for node in graph.nodes:
            if node.outputs:
                self.by_op.setdefault(node.op, []).append(node)
        self._folded: dict[str, Array | None] = {}
        #: First result of a node -> its place in the order of running.
        self.places = {node.outputs[0]: place for place, node in enumerate(graph.nodes) if node.outputs}

    def array(self, name: str) -> Array | None:
        """The value of a tensor if it is a constant, or worked out of constants alone; else ``None``."""
        found = self.constants.get(name)
        if found is not None or not name:
            return found
        if name not in self._folded:
            self._folded[name] = self._fold(name)
        return self._folded[name]

    def _fold(self, name: str) -> Array | None:
        needed: dict[str, Node] = {}
        read: set[str] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            if one in self.constants:
                read.add(one)
                continue
            maker = self.makers.get(one)
            if maker is None or len(needed) >= DEEP or facts(maker).graphs:
                return None
            needed[maker.outputs[0]] = maker
            todo += [given for given in maker.inputs if given and given not in needed]
        if not read:
            return None
        nodes = tuple(node for node in self.nodes if node.outputs and node.outputs[0] in needed)
        constants = {one: self.constants[one] for one in read}
        try:
            made = run(Graph("constants", (), (name,), nodes, constants), {})[name]
        except ModelparityError:
            return None
        kinds = [array.dtype for array in constants.values() if array.dtype.kind == "f"]
        return made.astype(np.result_type(*kinds)) if kinds and made.dtype.kind == "f" else made

    def boolean(self, name: str) -> bool:
        """Whether a tensor is known to hold truth values."""
        for _ in range(DEEP):
            if name in self.constants:
                return self.constants[name].dtype.kind == "b"
            if name in self.inputs:
                return self.inputs[name].dtype == "bool"
            maker = self.makers.get(name)
            if maker is None or not maker.inputs:
                return False
            if maker.op in TRUTHS or maker.attrs.get("to") == "bool":
                return True
            if not facts(maker).moves:
                return False
            name = maker.inputs[0]
        return False

    @cached_property
    def given(self) -> set[str]:
        """Tensors that depend on what the graph is given, and not on its sizes alone."""
        found = set(self.inputs)
        for node in self.nodes:
            if node.op not in SIZES and any(name in found for name in node.inputs):
                found.update(node.outputs)
        return found

    def rank(self, name: str) -> int | None:
        """The number of axes of a tensor, as far as operators declare it."""
        return self.ranks.get(name)

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Tensor -> number of axes, of those that inputs, constants and the facts of operators tell."""
        found = {name: array.ndim for name, array in self.constants.items()}
        found.update({name: len(spec.axes) for name, spec in self.inputs.items()})
        for node in self.nodes:
            rank = _rank(node, found)
            if rank is not None:
                found.update(dict.fromkeys(node.outputs, rank))
        return found


def _rank(node: Node, known: dict[str, int]) -> int | None:
    try:
        bound = call(node)
    except GraphError:
        return None
    stated = facts(node)
    if stated.broadcasts or stated.elementwise:
        ranks = [known.get(name) for name in node.inputs if name]
        return None if not ranks or None in ranks else max(rank for rank in ranks if rank is not None)
    if stated.recurrent or stated.rank is None:
        return known.get(node.inputs[0]) if stated.recurrent and node.inputs and not stated.graphs else None
    given = {parameter: known[name] for parameter, name in bound.tensors.items() if name in known}
    try:
        return stated.rank(given, bound.attrs)
    except (KeyError, TypeError, ValueError, IndexError):
        return None


def facts(node: Node) -> Facts:
    """What is true of a node's operator."""
    return find(node.op).facts


def view(graph: Graph) -> View:
    """What stands around each node of ``graph``."""
    found = _VIEWS.get(graph)
    if found is None:
        found = _VIEWS[graph] = View(graph)
    return found


class At:
    """One node in its graph: its arrays by the names of its operator, its attributes with defaults."""

    def __init__(self, seen: View, node: Node, bound: Call) -> None:
        self.view, self.node, self.tensors, self.attrs = seen, node, bound.tensors, bound.attrs

    def array(self, parameter: str) -> Array | None:
        """What is given for a parameter, if it is constant."""
        return self.view.array(self.tensors.get(parameter, ""))

    @classmethod
    def at(cls, graph: Graph, node: Node) -> At:
        """A node of a graph."""
        return cls(view(graph), node, call(node))

    def of(self, node: Node) -> At:
        """Another node of the same graph."""
        return At(self.view, node, call(node))

    def alike(self, *, behind: bool) -> Iterator[Node]:
        """The nearest nodes of the same operator behind it, or before it."""
        nodes, places = self.view.by_op[self.node.op], self.view.places
        here = bisect_left(nodes, places[self.key], key=lambda node: places[node.outputs[0]])
        yield from nodes[here + 1 : here + 1 + NEAR] if behind else nodes[max(0, here - NEAR) : here][::-1]

    @property
    def name(self) -> str:
        """The node's name, as sentences have it."""
        return repr(self.node.name)

    @property
    def key(self) -> str:
        """The name of its first result, by which edits find it."""
        return self.node.outputs[0]

    def maker(self, parameter: str) -> Node | None:
        """The node that makes what is given for a parameter."""
        return self.view.makers.get(self.tensors.get(parameter, ""))

    def only_user(self) -> Node | None:
        """The one node that reads its first result, if there is one and it is no output."""
        users = self.view.users.get(self.key, [])
        return users[0] if len(users) == 1 and self.key not in self.view.outputs else None

    def rank(self, tensor: str) -> int | None:
        """The number of axes of a tensor, where operators declare it."""
        return self.view.rank(tensor)


def places(graph: Graph, ops: tuple[str, ...] = ()) -> Iterator[At]:
    """Every node of these operators (of all, if none is named), in the order in which they run."""
    seen = view(graph)
    for node in graph.nodes:
        if node.outputs and (not ops or node.op in ops):
            yield At(seen, node, call(node))
