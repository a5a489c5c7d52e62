"""The first thing that a runtime computes otherwise than the file says, found without disturbing what it fuses.

Asked for what a node gives, a runtime does not fuse that node with others, and so runs something else. What its
optimiser has made of the file is another file, though: run with the optimiser off, it gives the same bits, and its
nodes can be asked. Tensors that it kept have kept their names, and are compared with what the file says of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...engine.run import run
from ...errors import ModelparityError
from ...graph import Array, Graph
from ...runtimes import Runtime
from ..bands import BANDS
from ..compare import compare
from ..floor import measure

#: Numbers in all tensors that are compared, above which none is: each is held once for every perturbed run.
MOST = 20_000_000


@dataclass(frozen=True)
class Departure:
    """The first result that departs: its name, what makes it, how far it is off in floors, what is known of it."""

    result: str
    maker: str
    floors: float
    known: str = ""


def departure(
    runtime: Runtime, artefact: object, graph: Graph, feeds: Mapping[str, Array]
) -> Departure | str | None:
    """Where ``runtime`` departs from ``graph``, which is what ``artefact`` says.

    A reason where that does not tell the place; None where it is not known what steps give, or none departs.
    """
    try:
        ran, plain = _undisturbed(runtime, artefact, feeds)
        taps = plain.taps(ran, feeds)
    except ModelparityError as error:
        return f"its steps could not be looked at: {error.what}"
    if not taps:
        return None
    if not _same(runtime.outputs(artefact, feeds), taps):
        return "looked at step by step, it gives other bits than in a plain run"
    truth = run(graph, feeds, taps=True)
    names = [
        name
        for name, array in taps.items()
        if name in truth and truth[name].shape == array.shape and truth[name].dtype.kind == array.dtype.kind
    ]
    if sum(truth[name].size for name in names) > MOST:
        return "it is too large to be compared step by step"
    wider = graph.changed(outputs=tuple(dict.fromkeys((*names, *graph.outputs))), states={})
    floors = measure(wider, feeds, {name: truth[name] for name in wider.outputs}).outputs
    known = runtime.known(ran, {**feeds, **taps})
    makers = plain.makers(ran)
    for name in names:
        found = compare(name, taps[name], truth[name], floors[name], dtypes=(str(taps[name].dtype),))
        if found.band == BANDS[-1]:
            return Departure(name, makers.get(name, ""), found.floors, known.get(name, ""))
    return None


def _undisturbed(runtime: Runtime, artefact: object, feeds: Mapping[str, Array]) -> tuple[object, Runtime]:
    """What to ask for its steps, and the runtime to ask."""
    others = runtime.variants(artefact)
    if runtime.optimiser is None or not others:
        return artefact, runtime
    rewritten = runtime.optimiser.rewritten(artefact)
    return (artefact, runtime) if rewritten is None else (rewritten, others[0].runtime)


def _same(outputs: Mapping[str, Array], taps: Mapping[str, Array]) -> bool:
    return all(
        np.array_equal(array, taps[name], equal_nan=array.dtype.kind == "f")
        for name, array in outputs.items()
        if name in taps
    )
