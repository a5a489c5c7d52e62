"""Whether a reference can tell a right candidate from a wrong one, on the input that it is given.

It cannot where its output has no finite value, does not depend on the input, holds random numbers, or leaves most of
the network's parameters out: then whatever agrees with it is no proof. Each question costs a plain run at most, and
several share one pass, a lane each.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from ..engine.inner_graphs import every_node, graphs
from ..engine.limits import TooMuch
from ..engine.operator import find
from ..engine.run import run, run_variants
from ..errors import GraphError, InputError
from ..graph import Array, Graph, Node
from ..inputs import Generator
from ..inputs.integers import whole_below

#: How much larger weights become, by turns: all alike would pass unseen through what normalises.
NUDGES = (1.01, 1.02)
#: And in a network that holds weights in bytes: a step of these is a hundredth of the largest weight, four of a usual
#: one, and numbers are rounded as coarsely on their way, so that the floor covers less.
COARSE = (1.04, 1.08)
#: Weight tensors that are nudged at most, the largest first, and so many in one pass.
MOST, TOGETHER = 32, 4
#: What all these runs may cost, in multiplications.
WORK = 5e9
#: Numbers in a network's weights beyond which none is nudged.
LARGE = 30_000_000
#: What these runs are made in: rounding moves nothing by more than the floor, and takes half of the time.
PRECISION = "float32"
#: What helps where an input does not tell.
OTHERWISE = "give inputs on which the network does its work, by another recipe or as arrays"
#: Names of idle weights that a verdict shows.
SHOWN = 8


@dataclass(frozen=True)
class Telling:
    """``reason``: why the reference cannot tell, else ``None``; ``random``: because it draws numbers.

    ``idle`` names weight tensors that were nudged and moved nothing; ``unasked`` counts those that were nudged in no
    case of the question; ``note`` says what was not asked, and why.
    """

    reason: str | None = None
    random: bool = False
    idle: tuple[str, ...] = ()
    unasked: int = 0
    note: str | None = None


@dataclass
class Asked:
    """What the cases of one question found of weight tensors so far: which were nudged, and which moved an output."""

    nudged: set[str] = field(default_factory=set)
    exercised: set[str] = field(default_factory=set)


def telling(
    graph: Graph,
    feeds: Mapping[str, Array],
    truth: Mapping[str, Array],
    floor: Mapping[str, Array],
    *,
    cost: float = 0.0,
    asked: Asked | None = None,
    further: int = TOGETHER,
) -> Telling:
    """What can be told of ``graph`` on ``feeds``; ``truth`` and ``floor`` by output are those of that input.

    ``cost`` is that of a run, in multiplications; what takes much is asked of fewer weights. Once half of the
    parameters took part, ``further`` tensors at most are nudged that no case of the question is known to exercise;
    ``asked`` remembers, from case to case.
    """
    asked = Asked() if asked is None else asked
    if drawn := _drawing(graph, feeds, truth, floor):
        return Telling(
            f"random numbers reach its output, drawn by {', '.join(drawn[:SHOWN])}: give them as an input, or set "
            "their scale to 0",
            random=True,
        )
    if not any(np.isfinite(y).any() for y in truth.values()):
        what = "is empty" if not any(y.size for y in truth.values()) else "has no finite value"
        return Telling(f"the reference's output {what} on this input; {OTHERWISE}")
    weights, note = _weights(graph)
    other = _unlike(graph, feeds)
    if other and _moved(_ran_on(graph, other), truth, floor) is False:
        return Telling(
            f"the reference's output is the same for this input and another, unlike one; {OTHERWISE}"
        )
    if not any(y.dtype.kind == "f" for y in truth.values()):
        # What is chosen among few answers need not change by a hundredth.
        return Telling(unasked=len(set(weights) - asked.nudged))
    moved: dict[str, bool | None] = {}
    most = WORK / max(cost, 1.0)
    found = _share(graph, feeds, truth, floor, weights[:MOST], moved, note, most)
    if found.reason is not None:
        return found
    rest = [name for name in weights if name not in moved and name not in asked.exercised]
    _nudge(graph, feeds, truth, floor, rest[: max(min(further, int(most) - len(moved)), 0)], moved)
    asked.nudged |= moved.keys()
    asked.exercised |= {name for name, moves in moved.items() if moves is not False}
    return replace(found, idle=_idle(moved), unasked=len(set(weights) - asked.nudged))


def _share(
    graph: Graph,
    feeds: Mapping[str, Array],
    truth: Mapping[str, Array],
    floor: Mapping[str, Array],
    weights: Sequence[str],
    moved: dict[str, bool | None],
    note: str | None,
    most: float,
) -> Telling:
    """Nudge weights until half of the parameters took part, or no longer can; ``moved`` gets what was found.

    Of ``most`` tensors, and of one pass's, as long as those that took part are more than those that did not.
    """
    sizes = {name: graph.constants[name].size for name in weights}
    total = sum(sizes.values())
    for names in _chunks(weights, max(1, min(int(most), TOGETHER))):
        _nudge(graph, feeds, truth, floor, names, moved)
        idle = _idle(moved)
        part = sum(sizes[name] for name, moves in moved.items() if moves is not False)
        if 2 * part >= total:
            return Telling(idle=idle, note=note)
        if 2 * sum(sizes[name] for name in idle) > total:
            return Telling(
                f"{1 - sum(sizes[name] for name in idle) / total:.0%} of the parameters at most take part on this "
                f"input; without effect: {_listed(idle)}; {OTHERWISE}",
                idle=idle,
            )
        if len(moved) >= max(most, TOGETHER) and part > sum(sizes[name] for name in idle):
            asked = f"which parameters take part was asked of the {len(moved)} largest tensors: {part / total:.0%} do"
            return Telling(idle=idle, note=asked)
    return Telling(note=note)


def _nudge(
    graph: Graph,
    feeds: Mapping[str, Array],
    truth: Mapping[str, Array],
    floor: Mapping[str, Array],
    names: Sequence[str],
    moved: dict[str, bool | None],
) -> None:
    """Nudge these weights, and put into ``moved`` whether an output moved."""
    by = COARSE if any(_bytes(array) for array in graph.constants.values()) else NUDGES
    for some in _chunks(names):
        found = _ran(graph, feeds, [{name: _nudged(graph.constants[name], by)} for name in some])
        moved |= zip(some, (_moved(one, truth, floor) for one in found), strict=True)


def _idle(moved: Mapping[str, bool | None]) -> tuple[str, ...]:
    return tuple(name for name, moves in moved.items() if moves is False)


def _weights(graph: Graph) -> tuple[list[str], str | None]:
    """Names of the weight tensors to nudge, the largest first, and what is to be said if not all are."""
    read = {name for node in graph.nodes for name in node.inputs}
    found = [name for name, array in graph.constants.items() if name in read and _weight(array)]
    found.sort(key=lambda name: (-graph.constants[name].size, name))
    total = sum(graph.constants[name].size for name in found)
    if total > LARGE:
        return [], f"which of the {total:,} parameters take part was not asked: more than {LARGE:,}"
    return found, None


def _weight(array: Array) -> bool:
    """Whether it is of numbers that may have been learned: a mask or a fill has two values at most."""
    if not (array.dtype.kind == "f" or _bytes(array)) or array.size < 3:
        return False
    sample = array.reshape(-1)[:: max(1, array.size // 4096)]
    finite = np.sort(sample[np.isfinite(sample)])
    return int(np.count_nonzero(finite[1:] != finite[:-1])) > 1


def _bytes(array: Array) -> bool:
    """Whether it holds whole numbers of eight bits, as quantised weights are: places and sizes have more."""
    return array.dtype.kind in "iu" and array.dtype.itemsize == 1 and array.size > 2


def _nudged(array: Array, by: tuple[float, float]) -> Array:
    """The array, larger by these factors in turn; bytes go away from what stands for zero, and are floats then.

    Of bytes without a sign that is about the middle one.
    """
    factors = np.empty(array.size, array.dtype if array.dtype.kind == "f" else np.float32)
    factors[::2], factors[1::2] = by
    zero = np.median(array).astype(factors.dtype) if array.dtype.kind == "u" else factors.dtype.type(0)
    moved: Array = (array.reshape(-1) - zero) * factors + zero
    return moved.reshape(array.shape)


def _chunks(names: Sequence[str], size: int = TOGETHER) -> list[list[str]]:
    return [list(names[start : start + size]) for start in range(0, len(names), size)]


def _unlike(graph: Graph, feeds: Mapping[str, Array]) -> dict[str, Array] | None:
    """Inputs of the same shapes, types and size of values, unlike these; ``None`` where there are none.

    Numbers are drawn anew; whole ones change places, so that they mean something wherever the others do.
    """
    other = {}
    floats = {
        spec.name
        for spec in graph.inputs
        if np.dtype(spec.dtype).kind == "f" and whole_below(graph, spec) is None
    }
    for name, array in feeds.items():
        flat = array.reshape(-1)
        if name in floats:
            finite = flat[np.isfinite(flat)].astype(np.float64)
            spread = float(np.sqrt(np.mean(finite * finite))) if finite.size else 0.0
            drawn = Generator("modelparity", "unlike", name).normal(flat.size) * (spread or 1.0)
            other[name] = drawn.astype(np.float32).astype(array.dtype).reshape(array.shape)
        else:
            other[name] = np.roll(flat[::-1], 1).reshape(array.shape)
    same = all(
        np.array_equal(other[name], array, equal_nan=array.dtype.kind == "f") for name, array in feeds.items()
    )
    return None if same else other


def _ran_on(graph: Graph, feeds: Mapping[str, Array]) -> dict[str, Array] | None:
    """The outputs; ``None`` if it does not run."""
    try:
        return run(graph, feeds, arithmetic=PRECISION)
    except TooMuch:
        raise
    except (GraphError, InputError):
        return None


def _ran(
    graph: Graph, feeds: Mapping[str, Array], variants: Sequence[Mapping[str, Array]]
) -> list[dict[str, Array] | None]:
    """The outputs with each of these constants in place of the graph's; ``None`` for one that does not run."""
    if not any(find(node.op).control for node in graph.nodes):  # branches and turns may differ by lane
        try:
            return [*run_variants(graph, feeds, variants, arithmetic=PRECISION)]
        except (GraphError, InputError):
            pass  # one of them alone may be to blame
    return [_ran_on(graph.changed(constants={**graph.constants, **own}), feeds) for own in variants]


def _moved(
    outputs: Mapping[str, Array] | None, truth: Mapping[str, Array], floor: Mapping[str, Array]
) -> bool | None:
    """Whether an output is elsewhere by more than its floor; ``None`` if that is not known."""
    if outputs is None:
        return None
    for name, y in truth.items():
        own = outputs[name]
        if own.shape != y.shape:
            return True
        with np.errstate(invalid="ignore"):
            away = np.abs(own.astype(np.float64) - y.astype(np.float64)) > floor[name]
        if away.any() or (np.isfinite(own) != np.isfinite(y)).any():
            return True
    return False


def _drawing(
    graph: Graph, feeds: Mapping[str, Array], truth: Mapping[str, Array], floor: Mapping[str, Array]
) -> list[str]:
    """Nodes that draw numbers, if these reach an output: with other seeds it is another one."""
    drawing = [node.origin or node.name for node, _ in every_node(graph) if _draws(node)]
    if not drawing:
        return []
    try:
        other = run(_reseeded(graph), feeds)
    except TooMuch:
        raise
    except GraphError:
        return drawing
    return drawing if _moved(other, truth, floor) else []


def _draws(node: Node) -> bool:
    return _seeded(node.op)


@cache
def _seeded(op: str) -> bool:
    return "seed" in inspect.signature(find(op).kernel).parameters


def _reseeded(graph: Graph) -> Graph:
    """The graph with another seed in every node that draws, also in the graphs inside its nodes."""
    nodes = []
    for number, node in enumerate(graph.nodes):
        attrs = (
            {key: _reseeded_in(value) for key, value in node.attrs.items()}
            if graphs(node)
            else dict(node.attrs)
        )
        if _draws(node):
            attrs["seed"] = int(attrs.get("seed", 0)) + 7919 + number
        nodes.append(Node(node.name, node.op, node.inputs, node.outputs, attrs, node.origin, node.dtype))
    return graph.changed(nodes=tuple(nodes))


def _reseeded_in(value: Any) -> Any:
    if isinstance(value, Graph):
        return _reseeded(value)
    if isinstance(value, Mapping):
        return {key: _reseeded_in(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_reseeded_in(one) for one in value)
    return value


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
