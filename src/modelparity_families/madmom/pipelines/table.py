"""The twelve processors: front end, networks, and a decoder with the settings of madmom's programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from modelparity.family import Model
from modelparity.graph import Graph
from modelparity.stages import Decoded, Decoder, Events, Given, Label, Networks, Pipeline, Segments

from .. import decoders, frontends
from .bars import bars
from .behind import columns, probabilities, superframes
from .given import ABOUT, sound
from .numeric import front_end

Members = Callable[[str], tuple[Model, ...]]


@dataclass(frozen=True)
class Row:
    """One processor: its networks (an ensemble, or one), what is made of their mean, and how that is decoded."""

    name: str
    networks: str
    decode: Callable[..., Any]
    about: str
    gives: Decoded = field(default_factory=Events)
    behind: Callable[..., Graph] | None = None
    activations: str = "how probable it is in each frame"
    causal: bool = False
    needs: str = ""
    online: Callable[..., Any] | None = None


#: A frame of 10 ms, before and after which a peak is the largest.
_FRAME = 0.01
ROWS = (
    Row("beats_blstm", "beats/2015/beats_blstm", decoders.beats, "beats", Events(word="beats")),
    Row(
        "beats_lstm_online",
        "beats/2016/beats_lstm",
        decoders.beats_online,
        "beats as they come",
        Events(word="beats"),
        causal=True,
        needs="A beat in the first 0.28 s is never reported, as in madmom.",
        online=decoders.OnlineBeats,
    ),
    Row(
        "downbeats_blstm",
        "downbeats/2016/downbeats_blstm",
        decoders.downbeats,
        "beats and their numbers in the bar",
        Events(word="beats"),
        columns,
        "how probable a beat that is no downbeat, and a downbeat, are in each frame",
        needs=(
            "One of the eight networks is chaotic: on some music a single rounding moves the activations by 5e-4. "
            "Numbers of unaccented beats mean nothing."
        ),
    ),
    Row(
        "onsets_brnn",
        "onsets/2013/onsets_brnn",
        partial(decoders.peaks, threshold=0.35, smooth=0.07, pre_max=_FRAME, post_max=_FRAME),
        "onsets",
        Events(word="onsets"),
    ),
    Row(
        "onsets_rnn_online",
        "onsets/2013/onsets_rnn",
        partial(decoders.peaks, threshold=0.23, pre_max=_FRAME, online=True),
        "onsets as they come",
        Events(word="onsets"),
        causal=True,
        online=decoders.OnlinePeaks,
    ),
    Row(
        "onsets_cnn",
        "onsets/2013/onsets_cnn",
        partial(decoders.peaks, threshold=0.54, smooth=0.05, pre_max=_FRAME, post_max=_FRAME),
        "onsets",
        Events(word="onsets"),
    ),
    Row(
        "onsets_brnn_pp",
        "onsets/2014/onsets_brnn_pp",
        partial(decoders.peaks, threshold=0.4, smooth=0.07, combine=0.04),
        "onsets",
        Events(word="onsets"),
    ),
    Row(
        "notes_brnn",
        "notes/2013/notes_brnn",
        partial(decoders.notes, threshold=0.35, smooth=0.09, combine=0.05, pre_max=_FRAME, post_max=_FRAME),
        "notes of a piano",
        Events(word="notes"),
        activations="how strongly each of 88 pitches begins in each frame; slightly negative ones occur",
    ),
    Row(
        "chroma_dnn",
        "chroma/2016/chroma_dnn",
        decoders.chords_dccrf,
        "chords",
        Segments(word="chords"),
        activations="how strong each of 12 pitch classes is in each frame, C first",
    ),
    Row(
        "chords_cnnfeat",
        "chords/2016/chords_cnnfeat",
        decoders.chords_cnncrf,
        "chords",
        Segments(word="chords"),
        superframes,
        "128 features of each frame",
    ),
    Row(
        "key_cnn",
        "key/2018/key_cnn",
        decoders.key,
        "the key",
        Label(word="key"),
        probabilities,
        "how probable each of 24 keys is, major ones from A on, then minor ones",
        needs=(
            "Melodies say little: madmom hears F# minor in a C major scale of sine tones. Clips need eight frames, "
            "more than 1.4 s."
        ),
    ),
)


@cache
def pipelines(members: Members) -> Mapping[str, Pipeline]:
    """{name: pipeline} of all twelve; ``members`` gives the networks of an ensemble, or one, by its name."""
    return {**{row.name: _made(row, members) for row in ROWS}, "bars": bars(members)}


def _made(row: Row, members: Members) -> Pipeline:
    stages = (
        Given("audio", read=sound, about=ABOUT["audio"]),
        *front_end(frontends.PROCESSORS[row.name]),
        Networks(
            "activations",
            ("features",),
            members=members(row.networks),
            after=row.behind,
            about=row.activations,
        ),
        Decoder(
            "events",
            ("activations",),
            function=row.decode,
            gives=row.gives,
            online=row.online,
            about=row.about,
        ),
    )
    return Pipeline(f"madmom/{row.name}", stages, row.about, causal=row.causal, needs=row.needs)
