"""The front end of each of madmom's processors: what its stages are set to."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from modelparity.errors import InputError, near
from modelparity.graph import Graph, joined

from .bands import bands
from .differences import difference
from .framing import frames
from .logarithm import logarithm
from .mono import element_type, mono
from .spectra import spectrum
from .stacking import context, depth, features, margin, total

Make = Callable[..., Graph]


@dataclass(frozen=True)
class Processor:
    """The front end of one processor.

    ``stages`` are functions of settings that return a Graph, in order; ``defaults`` are settings that differ from
    those functions' own.
    """

    name: str
    stages: Sequence[Make]
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def settings(self) -> Mapping[str, Any]:
        """Every setting with its default, by the keyword that `front_end` takes."""
        found: dict[str, Any] = {}
        for make in self.stages:
            for key, default in _parameters(make).items():
                found.setdefault(key, default)
        return MappingProxyType({**found, **self.defaults})


def front_end(name: str, **settings: Any) -> dict[str, Graph]:
    """The stages of a processor's front end, in order: {stage: Graph}.

    Graphs are wired by the names of their inputs and outputs: ``audio`` -> ``mono`` -> ``frames_N`` -> ``spectrum_N``
    -> ``bands_N`` -> ``log_N`` -> ``difference_N`` -> ``features``, N being a frame size.

    Args:
        name: of the processor, a key of `PROCESSORS`.
        settings: those of `Processor.settings`. ``dtype`` and ``channels`` are those of the audio.

    Raises:
        InputError: there is no such processor, setting or value.
    """
    processor = _found(name)
    known = processor.settings()
    for key in settings:
        if key not in known:
            raise InputError(
                f"{name} has no setting {key!r}", found=settings[key], expected=near(key, sorted(known))
            )
    chosen = {**known, **settings}
    made = {}
    for make in processor.stages:
        taken = {key: chosen[key] for key in _parameters(make)}
        if make is frames:
            mixed = (chosen["dtype"], chosen["mix"], chosen["level"], chosen["channels"])
            taken["dtype"] = element_type(*mixed)
        graph = make(**taken)
        made[graph.name] = graph
    return made


def whole(name: str, **settings: Any) -> Graph:
    """A processor's front end as one Graph, audio -> features. Settings and errors as of `front_end`."""
    return joined(list(front_end(name, **settings).values()), name=f"{name} front end")


def _found(name: str) -> Processor:
    if name not in PROCESSORS:
        raise InputError(f"madmom has no front end {name!r}", expected=near(name, sorted(PROCESSORS)))
    return PROCESSORS[name]


@cache
def _parameters(make: Make) -> Mapping[str, Any]:
    return MappingProxyType({key: one.default for key, one in inspect.signature(make).parameters.items()})


def _processor(
    name: str, sizes: Sequence[int], last: Make = features, *, differences: bool = True, **defaults: Any
) -> Processor:
    stages: tuple[Make, ...] = (mono, frames, spectrum, bands, logarithm, difference, last)
    if not differences:
        stages = tuple(make for make in stages if make is not difference)
        if last is features:
            defaults["differences"] = False
    return Processor(name, stages, MappingProxyType({"sizes": tuple(sizes), **defaults}))


_THREE = (1024, 2048, 4096)
_MEL: Mapping[str, Any] = {"filterbank": "mel", "number": 80, "fmin": 27.5, "fmax": 16_000.0}
_PITCHES: Mapping[str, Any] = {"number": 24, "fmin": 65.0, "fmax": 2100.0}
PROCESSORS: Mapping[str, Processor] = MappingProxyType(
    {
        one.name: one
        for one in (
            _processor("beats_blstm", _THREE),
            _processor("beats_lstm_online", (2048,), number=12, origin="online"),
            _processor("downbeats_blstm", _THREE, number=(3, 6, 12)),
            _processor("onsets_brnn", _THREE, mul=5.0, ratio=0.25),
            _processor("onsets_rnn_online", (512, 1024, 2048), mul=5.0, ratio=0.25, origin="online"),
            _processor(
                "onsets_cnn",
                (2048, 1024, 4096),
                depth,
                differences=False,
                base="e",
                add=2.220446049250313e-16,
                **_MEL,
            ),
            _processor("onsets_brnn_pp", (2048,), total, number=24, norm="none", widened=3),
            _processor("notes_brnn", _THREE, number=12, mul=5.0),
            _processor("chroma_dnn", (8192,), context, differences=False, fps=10.0, **_PITCHES),
            _processor(
                "chords_cnnfeat",
                (8192,),
                margin,
                differences=False,
                fps=10.0,
                number=24,
                fmin=60.0,
                fmax=2600.0,
            ),
            _processor("key_cnn", (8192,), differences=False, fps=5.0, **_PITCHES),
            _processor("bars_rhythmic", (2048,), spectra=False),
        )
    }
)
