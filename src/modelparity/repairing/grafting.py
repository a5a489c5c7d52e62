"""The reference's nodes put into a candidate's graph, in place of what departs; names and axes at its edges stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import InputError, ModelparityError
from ..graph import Array, Graph, Node
from ..verdict.locate.live import Live
from .layouts import Way, way
from .sides import Sides


@dataclass(frozen=True)
class Target:
    """A tensor of the candidate that should be one of the reference's, laid out by ``way``.

    ``reader`` is the place of the only node that reads it so; None: everybody does. ``last``: it is an output, and
    nodes that read it go on reading what it was.
    """

    candidate: str
    reference: str
    way: Way
    reader: int | None = None
    last: bool = False


@dataclass
class Graft:
    """A graph in the making: nodes of the candidate, and copies of the reference's."""

    sides: Sides
    #: {the reference's tensor: (the candidate's, way from it)}
    there: dict[str, tuple[str, Way]]
    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    #: Names of the reference's nodes that were copied.
    copied: list[str] = field(default_factory=list)

    def graph(self, targets: Iterable[Target]) -> Graph | None:
        """The candidate with these targets as they should be; None where that is no graph."""
        wanted = list(targets)
        candidate = self.sides.candidate
        makers = {name for node in candidate.nodes for name in node.outputs}
        for one in wanted:
            if one.reader is None and one.candidate in makers:
                self.renamed[one.candidate] = f"{one.candidate}~before"
        keep = {one.candidate for one in wanted if one.last}
        nodes = [self._old(node, keep) for node in candidate.nodes]
        for one in wanted:
            source = self._tensor(one.reference)
            if one.reader is None:
                self.nodes += one.way.nodes(source, one.candidate)
                continue
            name = self._name(f"{one.candidate}~right")
            self.nodes += one.way.nodes(source, name)
            node = nodes[one.reader]
            given = tuple(name if n == one.candidate else n for n in node.inputs)
            nodes[one.reader] = replace(node, inputs=given)
        try:
            return _alive(candidate, [*nodes, *self.nodes], {**candidate.constants, **self.constants})
        except ModelparityError:
            return None

    def _old(self, node: Node, keep: set[str]) -> Node:
        """A node of the candidate, its results under the names that they have now."""
        given = tuple(self.renamed[n] if n in keep and n in self.renamed else n for n in node.inputs)
        return replace(
            node, inputs=given, outputs=tuple(self.renamed.get(name, name) for name in node.outputs)
        )

    def _tensor(self, name: str) -> str:
        """The name that the reference's tensor has in the new graph, made as far as it is not there."""
        live, ends = Live(self.sides.reference, (name,)), {*self.there, *self.made}
        for at in [] if name in ends else live.back([name], ends):
            self._copy(live.graph.nodes[at])
        return self._given(name)

    def _copy(self, node: Node) -> None:
        if any(name in self.made for name in node.outputs if name):
            return
        given = tuple(self._given(name) if name else "" for name in node.inputs)
        results = tuple(self._name(f"{name}~right") if name else "" for name in node.outputs)
        self.made |= dict(zip(node.outputs, results, strict=True))
        self.nodes.append(replace(node, name=self._name(node.name), inputs=given, outputs=results))
        self.copied.append(node.name)

    def _given(self, name: str) -> str:
        if name in self.made:
            return self.made[name]
        graph = self.sides.reference
        if name in graph.constants:
            self.made[name] = own = self._name(name)
            self.constants[own] = graph.constants[name]
        elif name in self.there:
            source, how = self.there[name]
            source = self.renamed.get(source, source)
            if how.steps:
                own = self._name(f"{source}~as {name}")
                self.nodes += how.nodes(source, own)
                source = own
            self.made[name] = source
        else:  # what is worked out of constants alone
            maker = next((node for node in graph.nodes if name in node.outputs), None)
            if maker is None:
                raise InputError(f"the candidate has no {name!r}")
            self._copy(maker)
        return self.made[name]

    def _name(self, wish: str) -> str:
        taken = self._taken
        name, count = wish, 1
        while name in taken:
            count += 1
            name = f"{wish}_{count}"
        taken.add(name)
        return name

    def __post_init__(self) -> None:
        candidate = self.sides.candidate
        self._taken = {spec.name for spec in candidate.inputs} | set(candidate.constants)
        self._taken |= {name for node in candidate.nodes for name in (node.name, *node.outputs)}


def grafts(sides: Sides) -> Iterator[tuple[Graph, tuple[str, ...]]]:
    """(graph, names of the reference's nodes that were put in) with what departs replaced, the least first."""
    followed = sides.followed
    if followed is None:
        return
    there = dict(_there(sides))
    off = list(_departed(sides))
    ends = [one for one in _outputs(sides) if one.reference in sides.wrong]
    for targets in (off, [*off, *ends], ends):
        if targets and (made := _made(sides, there, targets)) is not None:
            yield made


def anew(sides: Sides) -> Graph | None:
    """All that leads to the compared outputs as the reference has it, between the candidate's inputs and outputs."""
    there = dict(_inputs(sides))
    made = _made(sides, there, list(_outputs(sides)))
    return None if made is None else made[0]


def _made(
    sides: Sides, there: dict[str, tuple[str, Way]], targets: list[Target]
) -> tuple[Graph, tuple[str, ...]] | None:
    graft = Graft(sides, dict(there))
    try:
        graph = graft.graph(targets)
    except InputError:
        return None
    return None if graph is None else (graph, tuple(graft.copied))


def _there(sides: Sides) -> Iterator[tuple[str, tuple[str, Way]]]:
    """The reference's tensors that the candidate has whole, each where it comes first."""
    followed = sides.followed
    assert followed is not None
    seen: set[str] = set()
    for name, match in followed.matched.items():
        known = match.known
        if (
            known.name in seen
            or not match.move.whole
            or name not in sides.shapes
            or "negated" in match.move.text
        ):
            continue
        shape = known.values.shape
        places = match.move.view(np.arange(known.values.size).reshape(shape)).reshape(-1)
        back = np.argsort(places).reshape(shape)
        if (found := way(back, sides.shapes[name])) is not None:
            seen.add(known.name)
            yield known.name, (name, found)


def _inputs(sides: Sides) -> Iterator[tuple[str, tuple[str, Way]]]:
    for pair in sides.fit.inputs:
        if pair.pixels is not None or pair.reference not in sides.feeds or pair.candidate not in sides.given:
            continue
        shape = sides.given[pair.candidate].shape
        places = np.arange(sides.given[pair.candidate].size).reshape(shape)
        want = np.shape(sides.feeds[pair.reference])
        try:
            back = places if pair.layout is None else pair.layout.to_reference(places, want)
        except InputError:
            continue
        if back.shape == want and (found := way(back, shape)) is not None:
            yield pair.reference, (pair.candidate, found)


def _departed(sides: Sides) -> Iterator[Target]:
    """What should be one of the reference's tensors inside the candidate's graph."""
    followed = sides.followed
    assert followed is not None
    for name, known in followed.instead.items():
        if name in sides.shapes and (found := _plain(known.values.shape, sides.shapes[name])) is not None:
            yield Target(name, known.name, found)
    for blame in followed.blames:
        for given, wanted in blame.instead:
            if given in followed.instead or given not in sides.shapes or wanted not in sides.truth:
                continue
            found = _plain(np.shape(sides.truth[wanted]), sides.shapes[given])
            if found is not None:
                yield Target(given, wanted, found, blame.node)


def _plain(shape: tuple[int, ...], wanted: tuple[int, ...]) -> Way | None:
    """The elements in the reference's own order, in the shape that the candidate has; its own where sizes differ."""
    if np.prod(shape) != np.prod(wanted):
        return Way() if len(shape) == len(wanted) else None
    return way(np.arange(int(np.prod(shape))).reshape(wanted), shape)


def _outputs(sides: Sides) -> Iterator[Target]:
    for pair in sides.fit.outputs:
        truth = np.shape(sides.truth[pair.reference])
        places = np.arange(int(np.prod(truth))).reshape(truth)
        try:
            laid = (
                places
                if pair.layout is None
                else pair.layout.to_candidate(places, sides.shapes[pair.candidate])
            )
        except InputError:
            continue
        if (found := way(laid, truth)) is not None:
            yield Target(pair.candidate, pair.reference, found, last=True)


def _alive(candidate: Graph, nodes: list[Node], constants: dict[str, Array]) -> Graph | None:
    """These nodes in an order in which they run, without those that nothing is computed from; None for a circle."""
    known = {spec.name for spec in candidate.inputs} | set(constants) | {""}
    left, placed = list(nodes), list[Node]()
    while left:
        ready = [node for node in left if known.issuperset(node.inputs)]
        if not ready:
            return None
        placed += ready
        known.update(name for node in ready for name in node.outputs)
        gone = {id(node) for node in ready}
        left = [node for node in left if id(node) not in gone]
    whole = candidate.changed(nodes=tuple(placed), constants=constants, source=None, native="float32")
    live = Live(whole, whole.outputs)
    kept = tuple(placed[at] for at in live.nodes)
    read = {name for node in kept for name in node.inputs} | set(whole.outputs)
    used = {name: array for name, array in constants.items() if name in read}
    return whole.changed(nodes=kept, constants=used, unused={})
