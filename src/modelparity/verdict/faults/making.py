"""How faults at one node are said and made: another attribute, another array, other nodes for it or behind it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ...graph import Array, Graph, Node
from .edit import ArrayChange, ArrayEdit, Edit, NodeChange, OnResult, joined
from .fault import Application, Fault
from .view import At, places, view


@dataclass(frozen=True)
class Way:
    """One way of making a fault at a node: what it is called, the sentence that says it, and what is changed.

    ``nodes`` are the names of the changed nodes where they are more than the one that was asked about.
    """

    variant: str
    text: str
    edit: Edit
    nodes: tuple[str, ...] = ()


class NodeFault(Fault):
    """A fault that is made at one node; ``ops`` are the operators that it is looked for at, all if there are none."""

    ops: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def ways(self, at: At) -> Iterator[Way]:
        """Every way in which it can be made at this node, likelier ones first."""

    def applications(self, graph: Graph) -> Iterator[Application]:
        for at in places(graph, self.ops):
            yield from self._made(graph, at)

    def at(self, graph: Graph, nodes: Container[str]) -> Iterator[Application]:
        for at in places(graph, self.ops):
            if at.node.name in nodes:
                yield from self._made(graph, at)

    def _made(self, graph: Graph, at: At) -> Iterator[Application]:
        for way in self.ways(at):
            yield Application(self.id, way.nodes or (at.node.name,), way.variant, way.text, graph, way.edit)


class Written:
    """Nodes and constants that a fault puts in, each under a name of its own."""

    def __init__(self, prefix: str) -> None:
        self.prefix, self.nodes, self.constants = prefix, list[Node](), dict[str, Array]()

    def __call__(self, op: str, *inputs: str, **attrs: Any) -> str:
        """Put a node in, and return its (first) result."""
        name = f"{self.prefix}.{len(self.nodes)}"
        self.nodes.append(Node(name, op, inputs, (name,), attrs))
        return name

    def constant(self, array: Array) -> str:
        """Put a constant in."""
        name = f"{self.prefix}.c{len(self.constants)}"
        self.constants[name] = array
        return name

    @property
    def arrays(self) -> dict[str, ArrayEdit]:
        """Its constants as parts of an edit."""
        return {name: ArrayEdit(array, _as_it_is) for name, array in self.constants.items()}

    def ending(self, result: str, to: str) -> tuple[Node, ...]:
        """The nodes, of which the one that makes ``result`` makes ``to``."""

        def named(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(to if name == result else name for name in names)

        return tuple(
            replace(node, inputs=named(node.inputs), outputs=named(node.outputs)) for node in self.nodes
        )


def with_attrs(at: At, **new: Any) -> Edit:
    """Other attributes."""
    return Edit({at.key: lambda node: (replace(node, attrs={**node.attrs, **new}),)})


def with_operator(at: At, op: str, *parameters: str, **attrs: Any) -> Edit:
    """Another operator, on the arrays given for ``parameters``, or on all of them if none is named."""
    given = tuple(at.tensors[parameter] for parameter in parameters)

    def change(node: Node) -> tuple[Node, ...]:
        return (replace(node, op=op, inputs=given or node.inputs, attrs=attrs),)

    return Edit({at.key: change})


def without(at: At, *parameters: str) -> Edit:
    """Some optional arrays left out."""
    gone = {at.tensors[parameter] for parameter in parameters if parameter in at.tensors}
    return Edit(
        {
            at.key: lambda node: (
                replace(node, inputs=tuple("" if name in gone else name for name in node.inputs)),
            )
        }
    )


def with_inputs(at: At, change: Mapping[str, str]) -> Edit:
    """Other tensors in the place of some that it reads."""
    return Edit(
        {at.key: lambda node: (replace(node, inputs=tuple(change.get(name, name) for name in node.inputs)),)}
    )


def exchanged(at: At, one: str, other: str) -> Edit:
    """What is given for two parameters, each in the place of the other."""
    a, b = at.tensors[one], at.tensors[other]
    return with_inputs(at, {a: b, b: a})


def with_array(at: At, parameter: str, change: ArrayChange) -> Edit:
    """Another array for a parameter of this node alone, also where others read the same constant.

    What is given must be constant, or worked out of constants.
    """
    name = at.tensors[parameter]
    array = at.view.constants.get(name)
    alone = array is not None and len(at.view.users[name]) == 1 and at.node.inputs.count(name) == 1
    if alone and name not in at.view.outputs:
        return Edit(arrays={name: ArrayEdit(name, change)})
    own = f"{name}@{at.key}"
    source: str | Array | None = name if array is not None else at.view.array(name)
    if source is None:
        raise ValueError(f"{name!r} is not constant")
    place = at.node.inputs.index(name)

    def instead(node: Node) -> tuple[Node, ...]:
        return (
            replace(
                node,
                inputs=tuple(own if k == place else given for k, given in enumerate(node.inputs)),
            ),
        )

    return Edit({at.key: instead}, {own: ArrayEdit(source, change)})


def with_arrays(at: At, changes: Mapping[str, ArrayChange]) -> Edit:
    """Other arrays for several parameters: those that are given."""
    return joined(
        [with_array(at, one, change) for one, change in changes.items() if at.array(one) is not None]
    )


def behind(at: At, fault: str, write: Callable[[Written, str], str], place: int = 0) -> Edit:
    """More nodes behind a result: ``write`` is given it and returns what everybody reads instead."""
    name = at.node.outputs[place]
    return Edit(*_behind(at.key, name, fault, write))


def _behind(
    key: str, name: str, fault: str, write: Callable[[Written, str], str]
) -> tuple[dict[str, NodeChange], dict[str, ArrayEdit]]:
    raw = f"{name}~{fault}"
    written = Written(f"{raw}.then")
    result = write(written, raw)

    def change(node: Node) -> tuple[Node, ...]:
        new = replace(node, outputs=tuple(raw if one == name else one for one in node.outputs))
        return (new, *written.ending(result, name))

    return {key: OnResult(name, change)}, written.arrays


def ahead(at: At, fault: str, parameter: str, write: Callable[[Written, str], str]) -> Edit:
    """More nodes before what is given for a parameter: ``write`` is given it and returns what the node reads."""
    name = at.tensors[parameter]
    written = Written(f"{at.key}~{fault}.first")
    result = write(written, name)
    place = at.node.inputs.index(name)

    def change(node: Node) -> tuple[Node, ...]:
        given = tuple(result if k == place else one for k, one in enumerate(node.inputs))
        return (*written.nodes, replace(node, inputs=given))

    return Edit({at.key: change}, written.arrays)


def instead(at: At, fault: str, write: Callable[[Written, At], str]) -> Edit:
    """Other nodes in its place, of which ``write`` returns the result; for nodes of one result.

    The last of them has the node's name.
    """
    written = Written(f"{at.key}~{fault}.for")
    result = write(written, at)

    def change(node: Node) -> tuple[Node, ...]:
        made = list(written.ending(result, node.outputs[0]))
        made[-1] = replace(made[-1], name=node.name, origin=node.origin)
        return tuple(made)

    return Edit({at.key: change}, written.arrays)


def dropped(at: At, parameter: str = "x") -> Edit:
    """The node left out: what it was given goes on."""
    return with_operator(at, "identity", parameter)


def on_input(graph: Graph, name: str, fault: str, write: Callable[[Written, str], str]) -> Edit:
    """More nodes before everything: ``write`` is given an input of the graph and returns what nodes read instead."""
    written = Written(f"{name}~{fault}")
    result = write(written, name)

    def change(node: Node) -> tuple[Node, ...]:
        return (replace(node, inputs=tuple(result if one == name else one for one in node.inputs)),)

    readers = {node.outputs[0]: change for node in view(graph).users.get(name, []) if node.outputs}
    return Edit(readers, written.arrays, tuple(written.nodes))


def on_tensor(graph: Graph, name: str, fault: str, write: Callable[[Written, str], str]) -> Edit | None:
    """More nodes behind a tensor, for all who read it; ``None`` if it is neither an input nor made by a node."""
    seen = view(graph)
    if name in seen.inputs:
        return on_input(graph, name, fault, write)
    maker = seen.makers.get(name)
    return None if maker is None else behind(At.at(graph, maker), fault, write, maker.outputs.index(name))


def on_output(graph: Graph, name: str, fault: str, write: Callable[[Written, str], str]) -> Edit | None:
    """More nodes before an output alone: ``write`` is given it and returns what goes out instead.

    Nodes that read it go on reading what it was; ``None`` if no node makes it.
    """
    seen = view(graph)
    maker = seen.makers.get(name)
    if maker is None:
        return None
    raw = f"{name}~{fault}"
    made, arrays = _behind(maker.outputs[0], name, fault, write)

    def read(node: Node) -> tuple[Node, ...]:
        return (replace(node, inputs=tuple(raw if one == name else one for one in node.inputs)),)

    readers = {node.outputs[0]: read for node in seen.users.get(name, []) if node.outputs}
    return Edit({**readers, **made}, arrays)


def crossed(graph: Graph, one: str, other: str, fault: str) -> Edit:
    """Two outputs in each other's place; nodes that read them go on reading what they were."""
    seen = view(graph)
    raw = {name: f"{name}~{fault}" for name in (one, other)}
    later = max((seen.makers[name] for name in raw), key=lambda node: seen.places[node.outputs[0]])
    ends = tuple(
        Node(f"{name}~{fault}.then", "identity", (raw[given],), (name,))
        for name, given in ((one, other), (other, one))
    )

    def change(node: Node) -> tuple[Node, ...]:
        inputs, outputs = (
            tuple(raw.get(name, name) for name in names) for names in (node.inputs, node.outputs)
        )
        new = replace(node, inputs=inputs, outputs=outputs)
        return (new, *ends) if node.name == later.name else (new,)

    readers = [node for name in raw for node in seen.users.get(name, []) if node.outputs]
    edits: dict[str, NodeChange] = {node.outputs[0]: change for node in readers}
    edits.update({seen.makers[name].outputs[0]: OnResult(name, change) for name in raw})
    return Edit(edits)


def _as_it_is(array: Array) -> Array:
    return array
