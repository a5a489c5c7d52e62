"""A stage of networks as a step: several side by side, and what one value is made of theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.feeds import bound
from ..engine.perturbed import Perturbed
from ..engine.program import Program, program
from ..engine.run import run, run_many
from ..errors import ModelparityError
from ..graph import Array, Graph, GraphBuilder, Node, TensorSpec, joined
from ..streaming.stream import stream
from .steps import GraphStep, Values, renamed


def _mean(names: Sequence[str], gives: str) -> Graph:
    """The mean of tensors of one shape, added up in order."""
    sums = [*names[:1], *(f"sum {place}" for place in range(1, len(names)))]
    nodes = [
        Node(made, "add", (before, one), (made,))
        for before, one, made in zip(sums[:-1], names[1:], sums[1:], strict=True)
    ]
    nodes.append(Node(gives, "div", (sums[-1], "count"), (gives,)))
    specs = tuple(TensorSpec(one, ()) for one in names)
    return Graph("mean", specs, (gives,), tuple(nodes), {"count": np.asarray(len(names), np.float32)})


def _median(names: Sequence[str], gives: str) -> Graph:
    """The median of tensors of one shape, of two in the middle their mean."""
    graph, half = GraphBuilder("median"), len(names) // 2
    together = graph.node("stack", [graph.given(name) for name in names], "together", axis=0)
    largest = graph.node("topk", together, ("largest", "places"), k=half + 1, axis=0)
    first = half - 1 if len(names) % 2 == 0 else half
    middle = graph.node("slice", largest, "middle", starts=(first,), ends=(half + 1,), axes=(0,))
    graph.node("reduce_mean", middle, gives, axes=(0,))
    return graph.graph(gives)


@dataclass(frozen=True)
class Joint:
    """How one value is made of several networks': ``of`` arrays, along a first axis, and as a ``graph``."""

    of: Callable[[Sequence[Array] | Array], Array]
    graph: Callable[[Sequence[str], str], Graph]


def _mean_of(each: Sequence[Array] | Array) -> Array:
    """In their order and type."""
    total: Array = np.asarray(sum(each) / np.asarray(len(each), each[0].dtype))
    return total


def _median_of(each: Sequence[Array] | Array) -> Array:
    middle: Array = np.median(np.asarray(each), axis=0)
    return middle


#: Frames from which on networks run one after another, and in blocks of so many where they can: what they keep of
#: longer features side by side would not fit into memory.
LONG, BLOCK = 1 << 15, 1 << 12
#: {name: how several become one}.
JOINTS = MappingProxyType({"mean": Joint(_mean_of, _mean), "median": Joint(_median_of, _median)})


def _at_length(network: Graph, fed: Array) -> Array:
    """What a network gives of long features: block by block where it needs no later frame, else of all at once.

    Networks that read both ways, or that average over time, keep what their layers hold of the whole. Blocks are cut
    along the first axis, that of the frames, whatever other axis a network has.
    """
    given, (output,) = network.inputs[0], network.outputs[:1]
    try:
        moving = (
            stream(network, axis=given.axes[0].name) if given.axes and given.axes[0].size is None else None
        )
    except ModelparityError:  # it needs what comes later
        moving = None
    if moving is None:
        return run(network, fed)[output]
    starts = range(0, len(fed), BLOCK)
    blocks = [moving.push({given.name: fed[start : start + BLOCK]})[output] for start in starts]
    return np.concatenate(blocks, axis=moving.axes[output])


@dataclass(frozen=True, eq=False)
class EnsembleStep(GraphStep):
    """A stage of one or more networks; those of one architecture run side by side, and ``graph`` is all of it."""

    members: tuple[Graph, ...] = ()
    behind: Graph | None = None
    joint: str = "mean"

    def exact(self, values: Values) -> dict[str, Any]:
        fed = values[self.takes[0]]
        try:
            if fed.ndim and len(fed) > LONG:
                return {self.name: self.joined([_at_length(one, fed) for one in self.members])}
            if len({one.structure for one in self.members}) == 1:
                return {self.name: self.joined(self._side_by_side(fed))}
            results = run_many(self.members, [fed] * len(self.members))
        except ModelparityError as error:
            raise error.changed(where=f"stage {self.name!r}, {error.where}") from error
        each = [found[one.outputs[0]] for one, found in zip(self.members, results, strict=True)]
        return {self.name: self.joined(each)}

    def _side_by_side(self, fed: Array) -> Sequence[Array]:
        """What networks of one architecture give, a lane each; the features are there once, however many they are."""
        first, ar = self.members[0], Arithmetic()
        ((name, array),) = bound(first, fed).items()
        lanes = np.broadcast_to(ar.cast(array), (len(self.members), *array.shape))
        found = program(self.members, ar)({name: lanes})[first.outputs[0]]
        return list(np.broadcast_to(found, (len(self.members), *found.shape[1:])))

    def joined(self, each: Sequence[Array]) -> Array:
        """The stage's value of what the networks give, in float64."""
        one = JOINTS[self.joint].of([np.asarray(one, np.float64) for one in each])
        return one if self.behind is None else run(self.behind, one)[self.behind.outputs[0]]

    def lanes(self, values: Values, ar: Perturbed) -> dict[str, Array]:
        if len({one.structure for one in self.members}) > 1:
            return super().lanes(values, ar)
        # Every network has lanes of its own, side by side: what numpy costs a call is paid once.
        count = len(self.members)
        wide = Perturbed(ar.name, seed=ar.seed + 7, lanes=ar.lanes * count, ulps=ar.ulps)
        members = [one for one in self.members for _ in range(ar.lanes)]
        first = self.members[0]
        fed = np.concatenate([ar.cast(values[self.takes[0]])] * count)
        found = Program(members, wide)({first.inputs[0].name: fed})[first.outputs[0]]
        ar.work += wide.work * count
        one = JOINTS[self.joint].of(found.reshape(count, ar.lanes, *found.shape[1:]))
        one = ar.rounded(one) if count > 1 else one
        if self.behind is not None:
            one = Program([self.behind], ar)({self.behind.inputs[0].name: one})[self.behind.outputs[0]]
        return {self.name: np.broadcast_to(one, (ar.lanes, *one.shape[1:]))}


def ensemble(
    name: str, takes: str, members: Sequence[Graph], behind: Graph | None, joint: str = "mean"
) -> EnsembleStep:
    """The step of ``members`` whose outputs, in their order, become one (`JOINTS`), and what stands ``behind`` it."""
    parts = [
        renamed(
            one.changed(name=f"{place} {one.name}"),
            {one.inputs[0].name: takes, one.outputs[0]: f"{name} {place}"},
        )
        for place, one in enumerate(members)
    ]
    one = name if behind is None else f"{name} {joint}"
    parts.append(JOINTS[joint].graph([part.outputs[0] for part in parts], one))
    if behind is not None:
        parts.append(renamed(behind, {behind.inputs[0].name: one, behind.outputs[0]: name}))
    whole = joined(parts, name=name)
    return EnsembleStep(name, whole, members=tuple(members), behind=behind, joint=joint)
