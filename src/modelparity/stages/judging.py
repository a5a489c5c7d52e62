"""One comparison: a stage's value with what it should be, numbers by the floor, what decoders give by equality."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from ..graph import Array
from ..verdict.bands import BANDS, UNJUDGED
from ..verdict.compare import compare
from ..verdict.floor import Floor
from ..verdict.judgement import Output
from ..verdict.reduced import PRECISIONS
from ..verdict.trace import Trace, traced
from .decoded import Decoded
from .matching import common, turned
from .result import Judged


class Known(Protocol):
    """What must be known of the numbers of a pipeline: a chain that was computed, or a golden of one."""

    @property
    def truth(self) -> Mapping[str, Array]:
        """{tensor: what it is in float64}."""
        ...

    def declared(self, name: str) -> str:
        """The type in which the original keeps a tensor."""
        ...

    def floor(self) -> Floor:
        """The floor of every tensor in float32."""
        ...

    def wider(self, names: Collection[str], precision: str, wide: str) -> Mapping[str, Array] | None:
        """{tensor: floor} in fewer bits; None where that is not known."""
        ...


def numbers(chain: Known, got: Mapping[str, Array]) -> tuple[Judged, dict[str, Array]]:
    """The verdict on ``got`` {tensor: array} of one stage, and it in the axes of the reference."""
    floors = chain.floor().outputs
    outputs, notes, fitted = [], [], {}
    for name, array in got.items():
        output, told, moved = _tensor(chain, name, array, floors[name])
        outputs.append(output)
        fitted[name] = moved
        notes += [f"{name}: {one}" if len(got) > 1 else one for one in told]
    explained = None
    if any(one.band == "wrong" for one in outputs) and not any(one.problems for one in outputs):
        explained = _explained(chain, fitted)
        if explained is not None:
            outputs = [replace(one, band="reduced") if one.band == "wrong" else one for one in outputs]
    narrow = {one.name for one in outputs if one.dtype == "float16" != chain.declared(one.name)}
    if narrow and not any(one.problems for one in outputs):
        explained = explained or "float16 values"
        outputs = [
            replace(one, band="reduced") if one.name in narrow and one.band in BANDS[:2] else one
            for one in outputs
        ]
    worst = max(outputs, key=lambda one: (BANDS.index(one.band), one.floors))
    judged = Judged(worst.band, worst.floors, tuple(outputs), explained_by=explained, notes=tuple(notes))
    reason = _silent([chain.truth[name] for name in got])
    if reason is not None and worst.band != "wrong":
        judged = replace(judged, band=UNJUDGED, reason=reason)
    return judged, fitted


def decoded(gives: Decoded, got: Any, want: Any, runs: Sequence[Any]) -> Judged:
    """The verdict on what a decoder gave, beside what it should give, and gives of perturbed runs."""
    found = gives.compare(got, want, runs)
    if not found.agree:
        return Judged("wrong", float("inf"), compared=found)
    strict = gives.compare(got, want)
    if not gives.items(want) and not gives.items(gives.read(got)):
        return Judged(UNJUDGED, compared=found, reason=f"neither side has any {found.word} here")
    return Judged("exact" if strict.agree else "rounding", 0.0, compared=found)


def _tensor(chain: Known, name: str, got: Array, floor: Array) -> tuple[Output, tuple[str, ...], Array]:
    """One tensor judged, what is said of its axes, and it in the axes of the reference."""
    truth, declared = chain.truth[name], chain.declared(name)

    def judged(array: Array, where: tuple[slice, ...] = ()) -> Output:
        array = _plain(array, declared)
        own = truth[where] if where else truth
        return compare(
            name, array, own, floor[where] if where else floor, dtypes=(declared, str(array.dtype))
        )

    found = judged(got)
    if found.band != "wrong":
        return found, (), got
    ways = [(told, other, judged(other)) for told, other in turned(got, truth.shape)]
    agree = [one for one in ways if one[2].band != "wrong"]
    if got.shape == truth.shape:
        return found, tuple(f"it agrees if its axes are turned: {told}" for told, _, _ in agree[:1]), got
    if len(agree) == 1:
        told, other, output = agree[0]
        return output, (told,), other
    if ways and len({other.tobytes() for _, other, _ in ways}) == 1:
        told, other, output = ways[0]
        return output, (told,), other
    told_of = _of_another_length(got, truth.shape, judged)
    return found, told_of, got


def _of_another_length(got: Array, shape: tuple[int, ...], judged: Any) -> tuple[str, ...]:
    """What is said of one that is longer or shorter along one axis."""
    for what, own, other in common(got, shape):
        found = judged(got[own], other)
        if found.band != "wrong":
            return (f"{what} agree",)
    return tuple(f"{what} differ too" for what, _, _ in list(common(got, shape))[:1])


def _plain(array: Array, declared: str) -> Array:
    """Numbers in a wider type than declared that the declared type holds, in that type."""
    if array.dtype.kind == "f" and declared == "float32" and array.dtype == np.float64:
        with np.errstate(over="ignore"):
            narrow = array.astype(np.float32)
        if np.array_equal(narrow, array, equal_nan=True):
            return narrow
    return array


def _explained(chain: Known, got: Mapping[str, Array]) -> str | None:
    """Which fewer bits account for all of the values: those of sums, or of all where the values show them."""
    truth = {name: chain.truth[name] for name in got}

    def fits(precision: str, wide: str) -> bool:
        floors = chain.wider(got, precision, wide)
        return floors is not None and all(
            compare(name, array, truth[name], floors[name], dtypes=(str(array.dtype),)).band != "wrong"
            for name, array in got.items()
        )

    for precision in PRECISIONS:
        if traced(got, truth, precision) is Trace.SHOWN and fits(precision, "float64"):
            return f"{precision} arithmetic"
    if fits("float32", "float32"):
        return "sums in float32 which the original makes in float64, as of a Fourier transform"
    return None


def _silent(truth: Sequence[Array]) -> str | None:
    """Why agreement would show nothing: there is no number, or always the same one."""
    if not any(one.size for one in truth):
        return "the reference is empty on this input"
    if not any(np.isfinite(one).any() for one in truth):
        return "the reference has no finite number on this input"
    if all(one.size == 0 or (one.size > 1 and bool(np.all(one == one.flat[0]))) for one in truth):
        return "the reference is the same number throughout on this input, so that agreement shows nothing"
    return None
