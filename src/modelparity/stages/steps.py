"""The steps of a run: which values are computed from which, and how each is, once or in perturbed lanes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from hashlib import sha256
from itertools import takewhile
from typing import Any

import numpy as np

from ..describe.output_types import output_types
from ..describe.ranges import output_ranges
from ..engine.facts import Range
from ..engine.inner_graphs import every_node
from ..engine.operator import find
from ..engine.perturbed import Perturbed
from ..engine.program import Program
from ..engine.run import run
from ..errors import GraphError, ModelparityError
from ..graph import Array, Graph, joined
from .blocks import FRAMES, Blocks

#: Values by the names of tensors: a stage has one of its own name, or several.
Values = Mapping[str, Any]


class Step(ABC):
    """Values from others: those that stage ``name`` ``gives``, from those that it ``takes``."""

    name: str
    takes: tuple[str, ...]

    @property
    def gives(self) -> tuple[str, ...]:
        """The names of what it computes."""
        return (self.name,)

    @abstractmethod
    def exact(self, values: Values) -> dict[str, Any]:
        """What it gives, in float64, of what the steps before it hold."""

    def stored(self, exact: Values) -> dict[str, Any]:
        """What it gives in the types that the original keeps."""
        return dict(exact)


class NumericStep(Step):
    """A step that gives numbers, of which a floor can be measured."""

    @abstractmethod
    def lanes(self, values: Values, ar: Perturbed) -> dict[str, Array]:
        """What it gives, (lane, ...), in a perturbed arithmetic, of values that have lanes."""

    @property
    def ranges(self) -> dict[str, Range]:
        """Between which numbers it lies, as far as that is known."""
        return {}

    @property
    def recurrent(self) -> bool:
        """Whether anything of it feeds on its own result."""
        return False


@dataclass(frozen=True, eq=False)
class GraphStep(NumericStep):
    """A stage that is a graph, together with the fine stages before it.

    Where what it takes is long, the first of these, ``first``, are computed block by block as ``blocks`` says, and
    the ``rest``, if any, of all that they give.
    """

    name: str
    graph: Graph
    blocks: Blocks | None = None
    first: Graph | None = None
    rest: Graph | None = None

    @cached_property
    def takes(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(spec.name for spec in self.graph.inputs)

    @property
    def gives(self) -> tuple[str, ...]:
        return self.graph.outputs

    def exact(self, values: Values) -> dict[str, Any]:
        try:
            if self._long(values, 0):
                return self._in_blocks(values, run, 0)
            return run(self.graph, {name: values[name] for name in self.takes})
        except ModelparityError as error:
            where = f"stage {self.name!r}"
            raise error.changed(where=where if error.where is None else f"{where}, {error.where}") from error

    def stored(self, exact: Values) -> dict[str, Any]:
        kinds = output_types(self.graph)
        return {
            name: array.astype(_held(kinds[name])) if name in kinds and array.dtype.kind == "f" else array
            for name, array in exact.items()
        }

    def lanes(self, values: Values, ar: Perturbed) -> dict[str, Array]:
        programs: dict[int, Program] = {}

        def compute(graph: Graph, some: Values) -> dict[str, Array]:
            program = programs.setdefault(id(graph), Program([graph], ar))
            found = program({name: ar.cast(array) for name, array in some.items()})
            return {name: np.broadcast_to(one, (ar.lanes, *one.shape[1:])) for name, one in found.items()}

        if self._long(values, 1):
            return self._in_blocks(values, compute, 1)
        return compute(self.graph, {name: values[name] for name in self.takes})

    def _long(self, values: Values, axis: int) -> bool:
        """Whether it is computed in blocks: what it takes is longer than one along ``axis``."""
        if self.blocks is None or len(self.takes) != 1:
            return False
        return bool(values[self.takes[0]].shape[axis] > self.blocks.hop * FRAMES)

    def _in_blocks(
        self, values: Values, compute: Callable[[Graph, Values], dict[str, Array]], axis: int
    ) -> dict[str, Array]:
        """What ``compute`` gives of block after block of a long signal, along ``axis``."""
        assert self.blocks is not None
        first = self.first or self.graph
        (name,) = self.takes
        whole, before = values[name], (slice(None),) * axis
        plan, at = list(self.blocks.plan(whole.shape[axis], FRAMES)), 0
        frames = sum(keep.stop - keep.start for _, keep in plan)
        joint: dict[str, Array] = {}
        for take, keep in plan:
            found = compute(first, {name: whole[(*before, take)]})
            for one, array in found.items():
                if array.shape[axis] < keep.stop:
                    raise GraphError(
                        "its blocks do not say how many frames it gives",
                        where=first.name,
                        found=array.shape[axis],
                        expected=f"{keep.stop} at least of {take.stop - take.start}",
                    )
                if one not in joint:
                    shape = (*array.shape[:axis], frames, *array.shape[axis + 1 :])
                    joint[one] = np.empty(shape, array.dtype)
                joint[one][(*before, slice(at, at + keep.stop - keep.start))] = array[(*before, keep)]
            at += keep.stop - keep.start
        return joint if self.rest is None else compute(self.rest, joint)

    @cached_property
    def ranges(self) -> dict[str, Range]:
        return output_ranges(self.graph)

    @cached_property
    def recurrent(self) -> bool:
        return any(find(node.op).facts.recurrent for node, _ in every_node(self.graph))


@dataclass(frozen=True, eq=False)
class FunctionStep(NumericStep):
    """A stage that is a plain function of numbers."""

    name: str
    takes: tuple[str, ...]
    compute: Callable[..., Array]
    variants: Callable[..., Sequence[Array]] | None = None
    dtype: str = "float64"
    #: Those of ``takes`` that carry no rounding.
    exactly: frozenset[str] = frozenset()
    _kept: dict[Any, list[Array]] = field(default_factory=dict, repr=False)

    def exact(self, values: Values) -> dict[str, Any]:
        return {self.name: np.asarray(self.compute(*(values[name] for name in self.takes)))}

    def stored(self, exact: Values) -> dict[str, Any]:
        return {name: one.astype(self.dtype) if one.dtype.kind == "f" else one for name, one in exact.items()}

    def lanes(self, values: Values, ar: Perturbed) -> dict[str, Array]:
        given = [values[name] for name in self.takes]
        fed = [
            value if name in self.exactly else ar.rounded(np.array(ar.cast(value)))
            for name, value in zip(self.takes, given, strict=True)
        ]
        # What is the same in every lane is computed once: whole numbers and exact ones carry no rounding.
        rounded = [value for name, value in zip(self.takes, fed, strict=True) if name not in self.exactly]
        shared = all(value.dtype.kind != "f" for value in rounded)
        ways = self._ways([value[0] for value in given]) if shared or self.variants is not None else []
        found = (
            ways[:1]
            if shared
            else [self.compute(*(value[lane] for value in fed)) for lane in range(ar.lanes)]
        )
        if self.variants is not None:
            away = [one - ways[0] for one in ways]
            found = [found[lane % len(found)] + away[lane % len(away)] for lane in range(ar.lanes)]
        result = np.stack([np.asarray(one, ar.dtype) for one in found])
        return {self.name: ar.rounded(np.array(np.broadcast_to(result, (ar.lanes, *result.shape[1:]))))}

    def _ways(self, given: Sequence[Array]) -> list[Array]:
        """What it gives of the same in every lane, and what its variants give; kept, for perturbed runs ask again."""
        key = tuple((one.dtype.str, one.shape, sha256(one.tobytes()).digest()) for one in given)
        if key not in self._kept:
            self._kept.clear()
            others = () if self.variants is None else self.variants(*given)
            self._kept[key] = [np.asarray(one) for one in (self.compute(*given), *others)]
        return self._kept[key]


@dataclass(frozen=True, eq=False)
class DecodeStep(Step):
    """A stage that decodes."""

    name: str
    takes: tuple[str, ...]
    compute: Callable[..., Any]

    def exact(self, values: Values) -> dict[str, Any]:
        return {self.name: self.compute(*(values[name] for name in self.takes))}


def fused(name: str, graphs: Sequence[Graph], blocks: Sequence[Blocks | None]) -> GraphStep:
    """The step of a stage's graph, the last one, and those of fine stages before it; ``blocks`` has one for each."""
    whole = graphs[0] if len(graphs) == 1 else joined(graphs)
    some = list(takewhile(lambda one: one is not None, blocks))
    if not some:
        return GraphStep(name, whole)
    composed = reduce(Blocks.then, filter(None, some))
    count = len(some)
    if count == len(graphs):
        return GraphStep(name, whole, composed)
    rest = joined(graphs[count:])
    made = {one for graph in graphs[:count] for one in graph.outputs}
    needed = [spec.name for spec in rest.inputs]
    if not set(needed) <= made:  # it takes what was given, too
        return GraphStep(name, whole)
    return GraphStep(name, whole, composed, joined(graphs[:count], outputs=needed), rest)


def chain(name: str, steps: Sequence[Step], outputs: Sequence[str]) -> Graph:
    """Steps that are graphs as one graph; what comes from any other is an input of it."""
    graphs = [step.graph for step in steps if isinstance(step, GraphStep)]
    if not graphs:
        raise GraphError("no stage of it is a graph", where=name)
    return joined(graphs, name=name, outputs=outputs)


def renamed(graph: Graph, names: Mapping[str, str]) -> Graph:
    """The graph with inputs and outputs called otherwise; a name that is free inside is taken for granted."""

    def called(name: str) -> str:
        return names.get(name, name)

    taken = {name for node in graph.nodes for name in node.outputs} | set(graph.constants)
    taken |= {spec.name for spec in graph.inputs}
    inner = {one: f"{one} of {graph.name}" for one in names.values() if one in taken and one not in names}
    names = {**inner, **names}
    return graph.changed(
        inputs=tuple(replace(spec, name=called(spec.name)) for spec in graph.inputs),
        outputs=tuple(map(called, graph.outputs)),
        nodes=tuple(
            replace(node, inputs=tuple(map(called, node.inputs)), outputs=tuple(map(called, node.outputs)))
            for node in graph.nodes
        ),
        constants={called(name): array for name, array in graph.constants.items()},
        states={},
        defaults={},
        source=None,
        unused={},
    )


def _held(kind: str) -> str:
    """The numpy type that holds a declared one: numpy has no bfloat16."""
    return "float32" if kind == "bfloat16" else kind
