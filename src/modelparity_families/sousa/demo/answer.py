"""What is said of a clip: the likeliest rudiments, its strokes, pictures, or a sentence why there is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelparity.errors import InputError, ModelparityError
from modelparity.exchange.sound import Sound, read
from modelparity.graph import Array
from modelparity.stages import Pipeline

from ..encoding import NAMES
from ..pictures import heat_map, kind_of, notation, timeline
from ..pipelines.audio import sound
from ..pipelines.onsets import MOST

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Seconds of a clip: less holds no rudiment, more is not read.
SHORTEST, LONGEST = 0.25, 60.0
#: Strokes without which there is no time between two.
FEWEST = 2
#: Of each stroke: what the table shows.
COLUMNS = ("stroke", "time (s)", "after (ms)", "strength", "kind", "hand")
Row = tuple[int, float, int, float, str, str]


@dataclass(frozen=True)
class Answer:
    """What is said of a clip in ``text``, Markdown; all else is empty where nothing is to be said of it.

    ``shares`` are the likeliest rudiments with how likely each is, ``strokes`` rows of `COLUMNS`, ``pictures`` the
    onset timeline, the heat map of features, and the sticking of the likeliest rudiment.
    """

    text: str
    shares: Mapping[str, float] = field(default_factory=dict)
    strokes: tuple[Row, ...] = ()
    pictures: tuple[Figure | None, Figure | None, Figure | None] = (None, None, None)


def answer(path: str | Path | None, pipeline: Pipeline) -> Answer:
    """What the pipeline says of a sound file. What is no clip of strokes gets a sentence, never an error."""
    if path is None:
        return Answer("")
    try:
        return _answered(read(Path(path), longest=LONGEST), pipeline)
    except ModelparityError as error:
        return Answer(sentence(error))


def sentence(error: ModelparityError) -> str:
    """An error for somebody who has no use for paths and types: what it is, and what to do."""
    what = f"{error.what[:1].upper()}{error.what[1:]}"
    found = f" ({error.found})" if error.found is not None else ""
    expected = f" Expected: {error.expected}." if error.expected is not None else ""
    fix = f" What to do: {error.fix}." if error.fix is not None else ""
    return f"{what}{found}.{expected}{fix}"


def _answered(clip: Sound, pipeline: Pipeline) -> Answer:
    seconds = len(clip.samples) / clip.rate
    if seconds < SHORTEST:
        raise InputError(
            "this clip is empty" if not len(clip.samples) else "this clip is too short",
            found=f"{seconds:.2f} s",
            expected=f"{SHORTEST:g} s or more",
            fix="record the rudiment two or three times in a row",
        )
    audio = within_full_scale(sound(clip.samples))
    if not audio.any():
        raise InputError(
            "this clip is silent", found=f"{seconds:.1f} s", fix="check the microphone, and record again"
        )
    found = pipeline.run(audio=audio, rate=clip.rate, until="onset_times")
    heard = len(found["onset_times"])
    if heard < FEWEST:
        raise InputError(
            "no strokes stand out in this clip" if not heard else "only one stroke stands out in this clip",
            expected=f"{FEWEST} strokes or more",
            fix="record nearer to the drum, without other sounds",
        )
    found = pipeline.run(**found)
    features, label = found["predicted_features"], found["label"]
    counted = f"The first {MOST} of {heard}" if heard > MOST else str(heard)
    text = (
        f"{counted} strokes in {seconds:.1f} s, about {float(found['tempo_bpm']):.0f} beats a minute. From sound "
        "alone kinds of strokes and hands are guesses."
    )
    return Answer(
        text,
        dict(label.best),
        tuple(_rows(found)),
        (timeline(audio, clip.rate, found["onset_times"], features), heat_map(features), notation(label)),
    )


def within_full_scale(audio: Array) -> Array:
    """Sound (sample,), divided by its loudest sample if that is beyond full scale."""
    most = np.abs(audio).max(initial=0)
    return audio / most if most > 1 else audio


def _rows(found: Mapping[str, Any]) -> list[Row]:
    times, features = found["onset_times"], found["predicted_features"]
    count = len(features)
    after = np.diff(times[:count], prepend=times[:1]) * 1000
    right = features[:, NAMES.index("hand_R")] > 0.5
    return [
        (
            place + 1,
            round(float(times[place]), 3),
            round(float(after[place])),
            round(float(found["onset_strengths"][place]), 2),
            kind_of(features[place]),
            "R" if right[place] else "L",
        )
        for place in range(count)
    ]
