"""A network and its states over several steps as one graph: its truth and floor are those of the carried chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..describe.initial_states import states_of
from ..engine.operator import find
from ..engine.run import run
from ..errors import ModelparityError
from ..graph import Array, Graph, Node
from ..inputs import Generator

#: Steps at least, and at most where a cache reaches further back.
STEPS, MOST = 3, 17
#: A share of the results that is no more than what is left of a state that fades.
FADED = 1e-6
#: Nodes of a network beyond which nobody asks how far back it reaches.
SMALL = 200


def at(name: str, step: int) -> str:
    """What a tensor is called at a step, from 1 on."""
    return f"{name} at step {step}"


def unrolled(
    graph: Graph, states: Mapping[str, str], steps: int, outputs: Sequence[str], growing: Sequence[str] = ()
) -> Graph:
    """``steps`` copies of ``graph`` behind each other, ``states`` {input: output} carried from each to the next.

    Every input of every step is one, but for states, which are inputs at step 1; so are ``outputs`` of every step.
    Axes that are ``growing`` have a size of their own at each step.
    """
    inputs, nodes = [], []
    for step in range(1, steps + 1):
        names = {
            spec.name: at(states[spec.name], step - 1)
            for spec in graph.inputs
            if spec.name in states and step > 1
        }

        def here(name: str, step: int = step, names: Mapping[str, str] = names) -> str:
            return names.get(name, name if not name or name in graph.constants else at(name, step))

        for spec in graph.inputs:
            if spec.name not in names:
                axes = (
                    replace(a, name=at(a.name, step)) if step > 1 and a.name in growing else a
                    for a in spec.axes
                )
                inputs.append(replace(spec, name=here(spec.name), axes=tuple(axes)))
        for node in graph.nodes:
            given = tuple(map(here, node.inputs))
            made = tuple(at(name, step) if name else "" for name in node.outputs)
            nodes.append(replace(node, name=at(node.name, step), inputs=given, outputs=made))
        passed = {*states.values(), *outputs} & {*names, *graph.constants}
        nodes += [
            Node(at(name, step), "identity", (here(name),), (at(name, step),)) for name in sorted(passed)
        ]
    shown = tuple(at(name, step) for step in range(1, steps + 1) for name in outputs)
    return graph.changed(
        inputs=tuple(inputs),
        nodes=tuple(nodes),
        outputs=shown,
        states={},
        defaults={},
        unused={},
        source=None,
    )


def turns(
    graph: Graph, feeds: Mapping[str, Array], states: Mapping[str, str], fixed: Sequence[str], steps: int
) -> list[dict[str, Array]]:
    """The inputs of every step, by the graph's own names: those of the first are ``feeds``.

    Later ones have the same shapes and kinds of values, and no states; inputs that are ``fixed`` stay as they are.
    """
    return [dict(feeds), *(_turn(feeds, states, fixed, step) for step in range(2, steps + 1))]


def _turn(
    feeds: Mapping[str, Array], states: Mapping[str, str], fixed: Sequence[str], step: int
) -> dict[str, Array]:
    """The inputs of one step, from 2 on."""
    return {
        name: array if name in fixed else _another(name, array, step)
        for name, array in feeds.items()
        if name not in states
    }


def _another(name: str, array: Array, step: int) -> Array:
    """Numbers of the same size drawn anew; whole ones change places, so that they mean something."""
    flat = array.reshape(-1)
    if array.dtype.kind != "f":
        return np.roll(flat[::-1], step - 1).reshape(array.shape)
    finite = flat[np.isfinite(flat)].astype(np.float64)
    spread = float(np.sqrt(np.mean(finite * finite))) if finite.size else 0.0
    drawn = Generator("modelparity", "step", step, name).normal(flat.size) * (spread or 1.0)
    return drawn.astype(np.float32).astype(array.dtype).reshape(array.shape)


def reach(graph: Graph, states: Mapping[str, str], feeds: Mapping[str, Array], fixed: Sequence[str]) -> int:
    """So many steps that what the states began with is forgotten, if that is at most `MOST`; else `STEPS`.

    Two runs that begin differently go side by side, until nothing, or next to nothing, tells one from the other.
    """
    outputs = [name for name in graph.outputs if name not in states.values()]
    if len(graph.nodes) > SMALL or not outputs or _fades(graph, states):
        return STEPS
    ways = [{name: feeds[name] for name in states}, {name: _another(name, feeds[name], 1) for name in states}]
    last, far = 0, 0.0
    try:
        for step in range(1, MOST + 1):
            given = dict(feeds) if step == 1 else _turn(feeds, states, fixed, step)
            one, two = (run(graph, {**given, **way}) for way in ways)
            if away := max(_away(one[name], two[name]) for name in outputs):
                last, far = step, away
            before = ways
            ways = [{name: ran[to] for name, to in states.items()} for ran in (one, two)]
            if all(np.array_equal(b[name], a[name]) for b, a in zip(before, ways, strict=True) for name in b):
                return STEPS  # they are handed on as they are, and never forgotten
            apart = max((_away(ways[0][name], ways[1][name]) for name in states), default=0.0)
            if not apart:
                break
            if max(apart, away) <= FADED:
                return STEPS
    except ModelparityError:
        return STEPS
    # What fades in a recurrence is never gone at once, as what leaves a register is.
    return max(STEPS, last + 1) if 0 < last < MOST and far > FADED else STEPS


def _fades(graph: Graph, states: Mapping[str, str]) -> bool:
    """Whether all states begin layers with gates, which let go of what they hold little by little."""
    facts = [find(node.op).facts for node in graph.nodes]
    gated = all(len(one.gates) > 1 for one in facts if one.recurrent)
    return gated and set(states) <= states_of(graph)


def _away(one: Array, other: Array) -> float:
    """How far two results are from each other, as a share of the larger one."""
    if one.shape != other.shape:
        return 1.0
    pair = [np.nan_to_num(array.astype(np.float64), posinf=0.0, neginf=0.0) for array in (one, other)]
    size = max(float(np.max(np.abs(array), initial=0.0)) for array in pair)
    return float(np.max(np.abs(pair[0] - pair[1]), initial=0.0)) / size if size else 0.0
