"""`float16_ranges`: one call from a network to what float16 makes of it, and what must stay in float32."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import numpy as np

from ...formats import load
from ...graph import Array, Graph, Node
from ..question import Question
from .headroom import first_that_matters, magnitudes, overflowing
from .keeping import TimeIsUp, Trial
from .lines import lines
from .model import LARGEST, Float16Ranges, Kept

#: Seconds that the search may take unless told otherwise.
SECONDS = 60.0


def float16_ranges(
    graph: Graph | str | os.PathLike[str],
    inputs: Mapping[str, Array] | Array | None = None,
    *,
    recipe: str = "noise",
    seed: int = 0,
    length: int | None = None,
    sizes: Mapping[str, int] | None = None,
    seconds: float = SECONDS,
) -> Float16Ranges:
    """What becomes of a network in float16 on one input, and the fewest operators that must stay in float32.

    Magnitudes are those of the float64 run. "It passes" is judged as a candidate in float16 is: outputs within the
    floor of float16, of the network run with the kept nodes in float32 and all others, weights too, in float16.

    Args:
        graph: a `Graph`, or a model's path.
        inputs: arrays by input name, or one array for the only input, in place of the recipe.
        recipe: a named input, see `modelparity.inputs`.
        seed: the seed of the recipe.
        length: the size of the variable axis that counts as time.
        sizes: sizes of variable axes by name.
        seconds: how long it may be looked for what to keep.

    Returns:
        The ranges, whose text is a table and sentences.

    Raises:
        ArtefactError: a file is not what it should be.
        InputError: arguments that do not fit.
        GraphError: the network does not run on that input.
    """
    if not isinstance(graph, Graph):
        graph = load(graph)
    if inputs is not None:
        question = Question(graph, inputs=inputs)
    else:
        question = Question(graph, recipes=(recipe,), seed=seed, length=length, sizes=sizes or {})
    ((_, reference),) = question.references.items()
    trial = Trial(reference, time.monotonic() + seconds)
    tensors = magnitudes(graph, trial.truth)
    over = overflowing(graph, trial.truth, trial.half)
    first = graph.nodes[over[0]] if over else None
    before = trial.keeping(())
    keep: tuple[int, ...] = ()
    under, note = None, ""
    try:
        under = first_that_matters(_small(trial), trial.without_small)
        if before > 1:
            keep = trial.fewest()
            note = "" if keep else "even in float32 throughout it is not within the floor of float16"
    except TimeIsUp:
        note = f"{seconds:g} seconds were not enough: seconds= allows more"
    kept = [graph.nodes[place] for place in keep]
    return Float16Ranges(
        graph.name,
        tensors,
        over=_told(first) if first is not None else None,
        inside=first is not None and not _beyond(first, trial.truth),
        under=None if under is None else _told(graph.nodes[under]),
        weights=tuple(name for name, array in graph.constants.items() if _large(array)),
        before=before,
        after=_after(trial, keep) if keep else None,
        keep=tuple(map(_told, kept)),
        passes=before <= 1 or bool(keep),
        lines=lines(graph, kept),
        note=note,
        inputs=dict(reference.about),
    )


def _after(trial: Trial, keep: tuple[int, ...]) -> float:
    trial.until = float("inf")  # what was found is run once more, however long the search has taken
    return trial.keeping(keep)


def _small(trial: Trial) -> list[int]:
    """Places of nodes that give values above zero and below 2^-14."""
    below = {one.name for one in magnitudes(trial.reference.graph, trial.truth) if one.below}
    nodes = trial.reference.graph.nodes
    return [place for place in trial.computing if below & {*nodes[place].outputs}]


def _told(node: Node) -> Kept:
    return Kept(node.name, node.op, node.origin)


def _beyond(node: Node, truth: Mapping[str, Array]) -> bool:
    return any(_large(truth[name]) for name in node.outputs if name in truth)


def _large(array: Array) -> bool:
    if array.dtype.kind != "f":
        return False
    return bool((np.abs(array[np.isfinite(array)]) > LARGEST).any())
