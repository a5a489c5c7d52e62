"""One trial: a mistake is made in a network, the result written as a file, and the file checked as a user would."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..conversion.convert import convert
from ..engine.run import run
from ..errors import ConversionError, GraphError, ModelparityError, Unavailable
from ..graph import Array, Graph
from ..inputs import make
from ..repairing import repaired
from ..verdict.bands import LIMIT
from ..verdict.cause import Cause
from ..verdict.checking import check
from ..verdict.faults import Application, fault, together
from ..verdict.model import Verdict
from .foreign import spoilt
from .model import Result, Trial
from .naming import allowed
from .variations import VARIATIONS

#: A mistake must move an output by so many times what float32 costs there, to be one that must be seen.
YARDSTICK = 10.0


@dataclass(frozen=True)
class _Made:
    """The network of a trial, the faults that were made, and the nodes of the original at which they are in place."""

    graph: Graph
    applications: tuple[Application, ...] = ()
    places: frozenset[str] = frozenset()


def attempt(trial: Trial, graph: Graph, *, seconds: float = 30.0, repair: bool = False) -> Result:
    """What becomes of ``trial`` on the network that it names.

    Args:
        trial: what to make, and as which kind of file.
        graph: the network.
        seconds: what explaining one verdict may take.
        repair: whether the file is really repaired, in place of asking what undoing the first cause leaves.
    """
    about: dict[str, Any] = {
        "trial": trial.id,
        "kind": trial.kind,
        "target": trial.target,
        "network": trial.network,
        "faults": trial.faults,
    }
    made = _made(trial, graph)
    graph, made = allowed(graph), replace(made, graph=allowed(made.graph))
    feeds = make(graph, "noise", seed=trial.seed)
    if trial.kind != "sound":
        try:
            moved = moves(graph, made.graph, feeds)
        except (GraphError, MemoryError) as error:
            return Result(**about, state="not run", reason=str(error).partition("\n")[0])
        if not moved:
            return Result(**about, state="quiet")
    try:
        with _written(made.graph, trial.target) as candidate:
            started = time.process_time()
            try:
                verdict = check(graph, candidate, recipe="noise", seed=trial.seed, explain=seconds)
            except ModelparityError as error:
                reason = str(error).partition("\n")[0]
                return Result(**about, state="refused", caught=trial.kind != "sound", reason=reason)
            took = time.process_time() - started
            how = _repaired(candidate, verdict) if repair and not verdict.ok else ""
    except (ConversionError, Unavailable) as error:
        return Result(**about, state="not written", reason=str(error).partition("\n")[0])
    except GraphError as error:  # what a writer runs to know a size does not run there
        return Result(**about, state="not run", reason=str(error).partition("\n")[0])
    state = "fitted" if trial.kind != "sound" and verdict.ok and not verdict.fit.identity else "judged"
    seen = _seen(verdict, made)
    if repair:
        seen |= {"repaired": bool(how), "how": how}
    return Result(**about, state=state, seconds=round(took, 3), **seen)


def _repaired(candidate: object, verdict: Verdict) -> str:
    """How the candidate was repaired; "" where it was not."""
    try:
        return repaired(candidate, verdict).how
    except ModelparityError:
        return ""


def candidate(trial: Trial, graph: Graph) -> Graph:
    """The network of a trial, as a graph."""
    return _made(trial, graph).graph


def _made(trial: Trial, graph: Graph) -> _Made:
    if trial.kind == "sound":
        return _Made(VARIATIONS[trial.makes[0]](graph))
    if trial.kind == "foreign":
        kind, _, constant = trial.makes[0].partition("@")
        return _Made(spoilt(graph, kind, constant))
    found = tuple(_application(key, graph) for key in trial.makes)
    changed = together(found).changed()
    return _Made(
        changed, found, frozenset(_places(graph, changed, {name for one in found for name in one.nodes}))
    )


def _places(graph: Graph, changed: Graph, nodes: set[str]) -> Iterator[str]:
    """The nodes that a mistake is in; where it stands behind a node that computes what it did, those that read it."""
    now = {node.name: node for node in changed.nodes}
    yield from nodes
    for node in graph.nodes:
        same = now.get(node.name)
        if node.name not in nodes or same is None:
            continue
        arrays = [name for name in node.inputs if name in graph.constants]
        if (same.op, same.attrs, same.inputs) == (node.op, node.attrs, node.inputs) and all(
            np.array_equal(graph.constants[name], changed.constants[name]) for name in arrays
        ):
            yield from (other.name for other in graph.nodes if set(node.outputs) & set(other.inputs))


def _application(key: str, graph: Graph) -> Application:
    """The application of that key. Raises `GraphError` if the graph has none."""
    id = key.partition("@")[0].partition("[")[0]
    for one in fault(id).applications(graph):
        if one.key == key:
            return one
    raise GraphError(f"this network has no place for {key!r}", where=graph.name)


def moves(graph: Graph, wrong: Graph, feeds: Mapping[str, Array]) -> bool:
    """Whether an output moves by more than the yardstick, shapes that differ included."""
    truth, other, single = run(graph, feeds), run(wrong, feeds), run(graph, feeds, arithmetic="float32")
    for name, want in truth.items():
        got = other[name]
        if got.shape != want.shape:
            return True
        if want.dtype.kind != "f":
            if not np.array_equal(got, want):
                return True
            continue
        with np.errstate(invalid="ignore"):
            cost = np.nanmax(np.abs(single[name].astype(np.float64) - want), initial=0.0)
            away = np.nanmax(np.abs(got - want), initial=0.0)
        if away > YARDSTICK * cost or not np.array_equal(np.isfinite(got), np.isfinite(want)):
            return True
    return False


@contextmanager
def _written(graph: Graph, target: str) -> Iterator[Any]:
    """The graph as it is, as an object of the format of that name, or as a file of that suffix."""
    if target == "engine":
        yield graph
        return
    if not target.startswith("."):
        yield convert(graph, format=target)
        return
    with tempfile.TemporaryDirectory(prefix="modelparity-audit-") as folder:
        yield convert(graph, Path(folder) / f"candidate{target}")


def _seen(verdict: Verdict, made: _Made) -> dict[str, Any]:
    located, causes = verdict.located, verdict.causes
    nodes = made.places
    place = (located.reference or "") if located is not None else ""
    region = {place, *(located.region if located is not None else ())}
    named = [_is(causes, one) for one in made.applications]
    after = causes[0].after if causes else None
    fits = located is not None and located.side == "interface"
    # A mistake that is the same as one elsewhere is there too; one of inputs and outputs is in no node.
    same = {node for at in named if at is not None for node in causes[at].nodes}
    there = place in nodes | same or (fits and all(fault(one.fault).interface for one in made.applications))
    return {
        "band": verdict.band,
        "floors": float(verdict.floors),
        "caught": not verdict.ok,
        "placed": there,
        "nearby": there or bool(region & nodes),
        "named": bool(named) and (named[0] == 0 if len(named) == 1 else all(at is not None for at in named)),
        "repaired": after is not None and after <= LIMIT,
        "causes": tuple(cause.fault for cause in causes),
        "place": place,
        "side": (located.side or "") if located is not None else "",
    }


def _is(causes: tuple[Cause, ...], made: Application) -> int | None:
    """At which place among the causes the mistake stands, or one that is the same on this network."""
    for at, cause in enumerate(causes):
        if cause.fault == "interface" and fault(made.fault).interface:
            return at
        if made.fault in (cause.fault, *(one.partition("@")[0].partition("[")[0] for one in cause.alike)):
            return at
    return None
