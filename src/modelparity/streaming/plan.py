"""How every node of a graph moves along the time axis, or why it cannot run block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..describe.shapes import Shapes, free_axes, shapes, two_lengths
from ..engine.operator import Step, find
from ..errors import ModelparityError, NotCausalError
from ..graph import Graph, Node

#: Lengths for graphs whose windows are longer than the usual ones, or whose hops are.
LONGER = ((3000, 6000), (24_000, 48_000), (192_000, 384_000))


@dataclass(frozen=True)
class Plan:
    """The time axis of every tensor, the step of every node (``None``: free of time), and a length that runs."""

    times: Mapping[str, int | None]
    steps: Sequence[Step | None]
    length: int


class _Still(Exception):
    """At two lengths a node gave as many frames: a hop is longer than what they differ by."""

    def __init__(self, refusal: NotCausalError) -> None:
        super().__init__()
        self.refusal = refusal


def plan(graph: Graph, axis: str) -> Plan:
    """How every node moves along a free axis.

    Raises `NotCausalError`, naming node, origin and reason, if any output needs frames of the future.
    """
    times: dict[str, int | None] = dict.fromkeys(graph.constants)
    for spec in graph.inputs:
        found = [i for i, one in enumerate(spec.axes) if one.name == axis and one.size is None]
        if len(found) > 1:
            raise NotCausalError(
                f"input {spec.name!r} has {len(found)} free axes called {axis!r}",
                where=graph.name,
                found=spec,
                expected="one at most, along which blocks come",
            )
        times[spec.name] = found[0] if found else None
    refusal: NotCausalError | None = None
    for length, few, many in _lengths(graph, axis):
        try:
            return _planned(graph, dict(times), length, few, many)
        except _Still as still:
            refusal = refusal or still.refusal
    assert refusal is not None
    raise refusal


def _lengths(graph: Graph, axis: str) -> Iterator[tuple[int, Shapes, Shapes]]:
    """(length, shapes at it, shapes at a larger one), the usual ones first. Raises the first error if none runs."""
    failure: ModelparityError | None = None
    try:
        length, few, _, many = two_lengths(graph, axis)
        yield length, few, many
    except ModelparityError as error:
        failure = error
    others = free_axes(graph)
    for short, long in LONGER:
        try:
            few, many = (shapes(graph, {**others, axis: max(n, others[axis])}) for n in (short, long))
        except ModelparityError:
            continue
        failure = None
        yield short, few, many
    if failure is not None:
        raise failure


def _planned(
    graph: Graph,
    times: dict[str, int | None],
    length: int,
    few: Shapes,
    many: Shapes,
) -> Plan:
    # Ranks and lengths come from runs on zeros, so that what operators say of themselves is compared with them;
    # a fixed tensor with a value for every frame runs at one length only, and fails here.
    late: dict[str, Node] = {}  # tensors that are complete only when the last frame came
    steps: list[Step | None] = []
    for node in graph.nodes:
        _refuse_late(graph, node, late)
        given = [times[name] if name else None for name in node.inputs]
        if all(time is None for time in given):
            steps.append(None)
            times.update(dict.fromkeys(node.outputs))
            continue
        step = find(node.op).streaming(given, [few.get(name) for name in node.inputs], node.attrs)
        if isinstance(step, str):
            raise _refusal(graph, node, step)
        states = {output for _, output in step.carry}
        for index, name in enumerate(node.outputs):
            grew = [i for i, (a, b) in enumerate(zip(few[name], many[name], strict=True)) if a != b]
            if index in states:
                times[name], late[name] = None, node
                continue
            times[name] = step.time
            if grew != [step.time] or not all(
                seen[name][step.time] == results_of(_frames(node, given, seen) + step.before, step)
                for seen in (few, many)
            ):
                refusal = _refusal(
                    graph, node, "its number of frames is not what its window gives: it pads time"
                )
                raise refusal if grew else _Still(refusal)
        steps.append(step)
    for name in graph.outputs:
        if name in late:
            raise _refusal(
                graph, late[name], f"output {name!r} is its last state, known after the last frame"
            )
    return Plan(times, steps, length)


def results_of(frames: int, step: Step) -> int:
    """How many results a node gives for so many frames."""
    return max(0, (frames - step.extent) // step.hop + 1)


def _frames(node: Node, times: Sequence[int | None], seen: Shapes) -> int:
    return min(seen[name][time] for name, time in zip(node.inputs, times, strict=True) if time is not None)


def _refusal(graph: Graph, node: Node, why: str) -> NotCausalError:
    return NotCausalError(
        f"{node.op} {node.name!r} cannot run block by block: {why}",
        where=node.origin or graph.name,
        fix="use run() on the whole sequence",
    )


def _refuse_late(graph: Graph, node: Node, late: Mapping[str, Node]) -> None:
    for name in node.inputs:
        if name in late:
            raise _refusal(graph, node, f"it reads {name!r}, the last state of {late[name].name!r}")
