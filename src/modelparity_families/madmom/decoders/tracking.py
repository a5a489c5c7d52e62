"""How beats and downbeats are decoded, part by part, and how programs are known to do it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from modelparity.graph import Array

from .activity import active, runs
from .tempo import PARTS, MeterParts, intervals, tempo_change
from .variants import ORIGINAL
from .viterbi import SEARCH, Search


@dataclass(frozen=True)
class Tracking:
    """Each part of how beats are decoded; the defaults are madmom's.

    ``meter`` makes the states, ``search`` the path; the density outside beats is divided by ``parts`` of the
    observation lambda, all densities are made of activations of type ``dtype`` (of their own, if None). Decoded is
    what is ``active``; of ``runs`` of frames at the beginning of a beat each gives the ``place`` of its peak.
    """

    meter: MeterParts = PARTS
    search: Search = SEARCH
    parts: Callable[[float], float] = lambda observation_lambda: observation_lambda - 1
    dtype: str | None = None
    active: Callable[[Array, float], tuple[int, int]] = active
    runs: Callable[[Array], Array] = runs
    place: Callable[[Array], Any] = np.argmax


def _place(values: Array) -> int:
    """The row of the highest value of any column, of equals the first."""
    place: int = int(values.argmax()) // values.shape[1]
    return place


@dataclass(frozen=True)
class DownbeatTracking(Tracking):
    """As `Tracking`; activations are read in the order of ``columns``, and times counted from the beginning of the
    clip if what was cut off before is ``counted``."""

    place: Callable[[Array], Any] = _place
    columns: tuple[int, int] = (0, 1)
    counted: bool = True


def _last_of_equals(values: Array) -> int:
    return len(values) - 1 - int(values[::-1].argmax())


def _without_longest(*given: Any) -> Array:
    lengths = intervals(*given)
    return lengths[:-1] if len(lengths) > 1 else lengths


def _transposed(lengths: Array, transition_lambda: float | None) -> Array:
    return np.ascontiguousarray(tempo_change(lengths, transition_lambda).T)


def _without_open_end(inside: Array) -> Array:
    found = runs(inside)
    return found[:-1] if len(inside) and inside[-1] else found


def _without_open_start(inside: Array) -> Array:
    found = runs(inside)
    return found[1:] if len(inside) and inside[0] else found


def _without_last_frame(values: Array, threshold: float) -> tuple[int, int]:
    first, behind = active(values, threshold)
    return (first, max(first, behind - 1)) if threshold else (first, behind)


def _first_frame_too(values: Array, threshold: float) -> tuple[int, int]:
    """As `active`, but where only frame 0 reaches the threshold it is decoded."""
    alone = bool(threshold) and (values >= threshold)[:1].any() and not (values >= threshold)[1:].any()
    return (0, 1) if alone else active(values, threshold)


_MODEL: Mapping[str, tuple[str, dict[str, Any]]] = {
    "density-undivided": ("the density outside beats not divided", {"parts": lambda _: 1.0}),
    "density-lambda": (
        "the density outside beats divided by observation lambda, not by one less",
        {"parts": lambda observation_lambda: observation_lambda},
    ),
    "range-closed": (
        "the beginning of a beat up to its border and with it",
        {"meter": MeterParts(begins=np.less_equal)},
    ),
    "lengths-outward": (
        "lengths of beats from one rounded down to one rounded up",
        {"meter": MeterParts(lengths=partial(intervals, whole=(np.floor, np.ceil)))},
    ),
    "lengths-short": ("the longest beat left out", {"meter": MeterParts(lengths=_without_longest)}),
    "lengths-fewer": (
        "fewer tempi than asked for, where rounded ones fall together",
        {"meter": MeterParts(lengths=partial(intervals, distinct=False))},
    ),
    "rows-unnormalised": (
        "probabilities of tempi that do not add up to 1",
        {"meter": MeterParts(change=partial(tempo_change, normalised=False))},
    ),
    "change-transposed": (
        "the matrix of tempo changes transposed",
        {"meter": MeterParts(change=_transposed)},
    ),
    "ratio-inverted": (
        "the ratio of tempi inverted",
        {"meter": MeterParts(change=partial(tempo_change, inverted=True))},
    ),
    "change-least": (
        "improbable changes of tempo not set to 0",
        {"meter": MeterParts(change=partial(tempo_change, least=0.0))},
    ),
    "scores-double": ("densities of activations in float64", {"dtype": "float64"}),
}
_PATH: Mapping[str, tuple[str, dict[str, Any]]] = {
    "run-first": ("the first frame of a beat's beginning in place of its peak", {"place": lambda _: 0}),
    "run-open-end": ("a beat that has begun at the end is left out", {"runs": _without_open_end}),
    "run-open-start": ("a beat that begins with the clip is left out", {"runs": _without_open_start}),
    "start-untransitioned": (
        "no transition before the first frame",
        {"search": Search(before=False)},
    ),
    "end-last": ("of equal states at the end the last", {"search": Search(last=_last_of_equals)}),
    "path-single": ("the best path searched in float32", {"search": Search(precision="float32")}),
    "crop-short": ("what is decoded ends one frame early", {"active": _without_last_frame}),
    "crop-first": (
        "frame 0 decoded where it alone reaches the threshold, which madmom does not",
        {"active": _first_frame_too},
    ),
}
_DOWN: Mapping[str, tuple[str, dict[str, Any]]] = {
    "columns-exchanged": ("densities of beat and downbeat exchanged", {"columns": (1, 0)}),
    "range-bar": (
        "the beginning of a downbeat as a share of the bar",
        {"meter": MeterParts(of_bar=True)},
    ),
    "place-unhalved": (
        "the place of a peak counted over both columns",
        {"place": lambda values: int(values.argmax())},
    ),
    "offset-forgotten": ("times counted from where what is decoded begins", {"counted": False}),
    "peak-beat": (
        "peaks of the column of beats alone",
        {"place": lambda values: int(values[:, 0].argmax())},
    ),
    "peak-sum": (
        "peaks of the sum of both columns",
        {"place": lambda values: int(values.sum(axis=1).argmax())},
    ),
}


def _ways(kind: type[Tracking], *some: Mapping[str, tuple[str, dict[str, Any]]]) -> Mapping[str, Any]:
    found = {ORIGINAL: ("as madmom", kind())}
    for table in some:
        found.update({name: (text, kind(**parts)) for name, (text, parts) in table.items()})
    return MappingProxyType(found)


#: Ways of decoding beats, beats as they come, and downbeats, by name: what is said of one, and its parts. All but the
#: first are mistakes.
BEATS: Mapping[str, tuple[str, Tracking]] = _ways(Tracking, _MODEL, _PATH)
ONLINE: Mapping[str, tuple[str, Tracking]] = _ways(Tracking, _MODEL)
DOWNBEATS: Mapping[str, tuple[str, DownbeatTracking]] = _ways(DownbeatTracking, _MODEL, _PATH, _DOWN)
