"""What float16 does not hold: the cause of infinities and NaN in a candidate whose file says float16."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from ...errors import ModelparityError
from ...graph import Graph, Node
from ..cause import Cause
from ..float16.headroom import overflowing
from ..float16.keeping import TimeIsUp, Trial
from ..float16.lines import lines
from ..float16.model import LARGEST
from ..locate.model import Located
from ..message import digits
from .proof import Observed

#: The name under which a cause says it.
FAULT = "float16-overflow"
#: Which converter writes files of a format.
CONVERTERS = {"coreml": "coremltools", "onnx": "onnxruntime"}


def overflow(seen: Observed, candidate: Graph, format: str | None, seconds: float) -> Cause | None:
    """The cause, if the reference run in float16 has no number where the candidate has none, and agrees elsewhere.

    It is proven the other way round too: with the fewest operators in float32 the reference is within the floor of
    float16. None where the candidate does not say float16, has a number everywhere, or time is up.
    """
    if not _says_half(candidate, seen.held) or not _lacks_numbers(seen):
        return None
    trial = Trial(seen.reference, time.monotonic() + seconds)
    try:
        if not _alike(seen, trial):
            return None
        keep = trial.fewest()
        after = trial.keeping(keep)
    except (ModelparityError, TimeIsUp):
        return None
    over = overflowing(seen.reference.graph, trial.truth, trial.half)
    if not keep or not over:
        return None
    first, kept = seen.reference.graph.nodes[over[0]], [seen.reference.graph.nodes[place] for place in keep]
    names = ", ".join(f"'{node.name}'" for node in kept)
    left = f"infinitely many times the floor becomes {digits(after)} times that of float16"
    line = lines(seen.reference.graph, kept).get(CONVERTERS.get(format or "", ""), "")
    return Cause(
        fault=FAULT,
        nodes=tuple(node.name for node in kept),
        before=float("inf"),
        after=after,
        text=f"{_reaches(first, trial)}; with {names} in float32, {left}",
        repair=f"Keep {names} in float32" + (f": {line}" if line else "."),
    )


def placed(located: Located, cause: Cause, reference: Graph) -> Located:
    """``located`` at the first of the nodes of the ``reference`` whose results float16 does not hold.

    Node by node the candidate is compared in float64, which holds them: what departs there departs by less.
    """
    first = cause.nodes[0]
    own = next((one for one in located.nodes if one.reference == first), None)
    return replace(
        located,
        reference=first,
        reference_origin=next((node.origin for node in reference.nodes if node.name == first), ""),
        candidate=None if own is None else own.node,
        origin="" if own is None else own.origin,
        region=cause.nodes,
        departed=() if own is None else (own.node,),
        note="run in float64 it agrees there: float16 does not hold its result",
    )


def _says_half(candidate: Graph, held: str | None) -> bool:
    return "float16" in (held, candidate.native) or any(node.dtype == "float16" for node in candidate.nodes)


def _lacks_numbers(seen: Observed) -> bool:
    truth = seen.reference.truth
    return any(
        got.dtype.kind == "f"
        and got.shape == truth[name].shape
        and (~np.isfinite(got) & np.isfinite(truth[name])).any()
        for name, got in ((name, np.asarray(array)) for name, array in seen.outputs.items())
    )


def _alike(seen: Observed, trial: Trial) -> bool:
    """Whether candidate and reference in float16 lack numbers at the same places, and agree everywhere else."""
    allowed = seen.reference.floor("float16").outputs
    for name, array in seen.outputs.items():
        got, half = np.asarray(array), trial.half[name]
        if got.dtype.kind != "f":
            continue
        if got.shape != half.shape or not np.array_equal(np.isfinite(got), np.isfinite(half)):
            return False
        # Infinities inside move finite results too, such as a softmax over -inf: so not compared with float64.
        there = np.isfinite(got)
        if (np.abs(got[there].astype(np.float64) - half[there]) > allowed[name][there]).any():
            return False
    return True


def _reaches(node: Node, trial: Trial) -> str:
    """What overflows there, in words: a result, what is given, or a sum inside."""
    most = f"the largest number of float16, {LARGEST:,.0f}"
    for what, names in (("gives", node.outputs), ("is given", node.inputs)):
        sizes = [_largest(trial, name) for name in names if name in trial.floats]
        if max(sizes, default=0.0) > LARGEST:
            return f"'{node.name}' {what} {max(sizes):.3g}, beyond {most}"
    return f"'{node.name}' goes beyond {most} inside"


def _largest(trial: Trial, name: str) -> float:
    array = trial.truth[name]
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
