"""The twelve features of each stroke, column by column; settings are the ways in which ports are known to differ."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.stages import Mistakes, Span, one_of

from .strokes import COLUMNS, HANDS, TYPES

#: Milliseconds in a minute.
MINUTE = 60_000
#: Mistakes that ports are known to have, likelier ones first.
LoudestVelocity = Annotated[int, Span(1), Mistakes({128: "velocity divided by 128"})]
IntervalUnit = Annotated[str, Mistakes({"ms": "intervals in ms", "s": "intervals in seconds"})]
IntervalTo = Annotated[
    str, Mistakes({"next": "interval to the next stroke", "zero": "the first interval is the first time"})
]
Position = Annotated[
    str,
    Mistakes(
        {
            "remainder": "remainder of the time since the first stroke",
            "float32": "position computed in float32",
            "fraction": "fraction of the beats since the first stroke",
            "absolute": "position counted from time 0",
            "ms": "position in ms",
        }
    ),
]
Diddle = Annotated[
    str, Mistakes({"from-zero": "places in a diddle from 0", "whole": "places in a diddle not halved"})
]
Taps = Annotated[str, Mistakes({"accents": "accents counted as taps too"})]
Graces = Annotated[str, Mistakes({"struck": "bounces of a buzz are no grace notes"})]
Spacing = Annotated[
    str, Mistakes({"clipped": "spacing below 0 made 0", "ms": "spacing of grace notes in ms"})
]
MostBounces = Annotated[int, Span(1), Mistakes({7: "bounces divided by 7"})]
Bounces = Annotated[str, Mistakes({"spread": "bounces counted on each of them"})]
Hand = Annotated[str, Mistakes({"left": "left in place of right"})]
Order = Annotated[str, Mistakes({"table": "rows in the order of the table"})]
Most = Annotated[int, Span(1), Mistakes({128: "cut to 128 strokes"})]

Tempo = Annotated[float, Span(0, above=True)]


def features(
    rows: Array,
    tempo: float,
    *,
    most: Most = 1 << 20,
    order: Order = "time",
    interval: IntervalUnit = "beats",
    interval_to: IntervalTo = "previous",
    loudest: LoudestVelocity = 127,
    graces: Graces = "all",
    taps: Taps = "taps",
    hand: Hand = "right",
    diddle: Diddle = "halved",
    spacing: Spacing = "beats",
    position: Position = "sums",
    bounces: Bounces = "first",
    most_bounces: MostBounces = 8,
) -> Array:
    """Features (stroke, 12) as float32 of strokes (stroke, 9) as `Strokes.rows` has them, at a ``tempo`` in bpm.

    Intervals and positions are in beats, in float64; a position counts from the first stroke, by sums of intervals:
    another order of operations ends on the other side of a beat here and there. Rows of one time keep their order.
    Settings are what the original does; other values are what ports do in its place. ``most`` is how many strokes
    there may be; what is beyond is left out. Raises `InputError` for a tempo that is none, and for other words.
    """
    for name, value, known in (
        ("order", order, ("time", "table")),
        ("graces", graces, ("all", "struck")),
        ("taps", taps, ("taps", "accents")),
        ("hand", hand, ("right", "left")),
        ("bounces", bounces, ("first", "spread")),
    ):
        one_of(name, value, known)
    if order == "time":
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
    own = dict(zip(COLUMNS, rows[:most].T, strict=True))
    kind = [own["kind"] == code for code in range(len(TYPES))]
    is_kind = dict(zip(TYPES, kind, strict=True))
    beat = MINUTE / bpm(tempo)
    columns = (
        _intervals(own["time"], beat, interval, interval_to),
        own["velocity"].astype(np.float32) / np.float32(loudest),
        own["grace"] * (~is_kind["buzz"] if graces == "struck" else True),
        own["accent"],
        is_kind["tap"] | (is_kind["accent"] & (taps == "accents")),
        is_kind["diddle"],
        own["hand"] == HANDS.index("R" if hand == "right" else "L"),
        _diddles(own["diddle"], diddle),
        _spacing(own["spacing"], beat, spacing),
        _positions(own["time"], beat, position),
        is_kind["buzz"],
        or_zero(_spread(own["bounces"], is_kind["buzz"]) if bounces == "spread" else own["bounces"])
        / most_bounces,
    )
    return np.stack([np.asarray(one).astype(np.float32) for one in columns], axis=-1)


def bpm(tempo: float) -> float:
    """The tempo, a number above 0. Raises `InputError` for another."""
    if not (np.isfinite(tempo) and tempo > 0):
        raise InputError("a tempo is a number above 0, in beats a minute", found=tempo)
    return float(tempo)


def or_zero(column: Array) -> Array:
    """A column with 0 where it has no value."""
    return np.where(np.isnan(column), 0.0, column)


def _intervals(time: Array, beat: float, unit: str, to: str) -> Array:
    """Time since the stroke before, the first 0."""
    one_of("interval", unit, ("beats", "ms", "s"))
    one_of("interval_to", to, ("previous", "next", "zero"))
    if to == "next":
        found = np.diff(time, append=time[-1:])
    else:
        found = np.diff(time, prepend=time[:1] if to == "previous" else time[:1] * 0)
    return found / {"beats": beat, "ms": 1.0, "s": 1000.0}[unit]


def _positions(time: Array, beat: float, way: str) -> Array:
    """Where in its beat a stroke falls, from 0 to 1."""
    one_of("position", way, ("sums", "remainder", "float32", "fraction", "absolute", "ms"))
    since_first = np.cumsum(np.diff(time, prepend=time[:1]))
    if way == "remainder":
        return ((time - time[:1]) % beat) / beat
    if way == "float32":
        single = np.cumsum(np.diff(time.astype(np.float32), prepend=time[:1].astype(np.float32)))
        return (single % np.float32(beat)) / np.float32(beat)
    if way == "fraction":
        return (since_first / beat) % 1
    if way == "absolute":
        return (time % beat) / beat
    return (since_first % beat) / (1.0 if way == "ms" else beat)


def _diddles(place: Array, way: str) -> Array:
    """The place in a diddle (1, 2) as 0.5 and 1; 0 for a stroke that is in none."""
    one_of("diddle", way, ("halved", "from-zero", "whole"))
    return or_zero((place - 1) / 2 if way == "from-zero" else place / (1 if way == "whole" else 2))


def _spacing(ms: Array, beat: float, way: str) -> Array:
    """How far a grace note is from its stroke, in beats; 0 for a stroke that has none."""
    one_of("spacing", way, ("beats", "ms", "clipped"))
    found = or_zero(ms) / (1.0 if way == "ms" else beat)
    return np.maximum(found, 0.0) if way == "clipped" else found


def _spread(count: Array, buzz: Array) -> Array:
    """How many bounces a buzz has, on each row of it."""
    last, found = np.nan, count.copy()
    for row in np.flatnonzero(buzz):
        last = last if np.isnan(count[row]) else count[row]
        found[row] = last
    return found
