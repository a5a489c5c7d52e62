"""One performance of a rudiment: its pattern, cycle after cycle, as a player hits it."""

from __future__ import annotations

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array
from modelparity.inputs import Generator

from ..features import MINUTE
from ..stickings import Stroke, pattern
from .players import Player

#: Columns of the table, in the data set's order.
COLUMNS = (
    "index",
    "hand",
    "stroke_type",
    "intended_time_ms",
    "actual_time_ms",
    "timing_error_ms",
    "intended_velocity",
    "actual_velocity",
    "velocity_error",
    "is_grace_note",
    "is_accent",
    "diddle_position",
    "flam_spacing_ms",
    "parent_stroke_index",
    "buzz_count",
)
#: Velocities that are meant, by kind; of a grace note that is heard this share of its stroke's.
MEANT = {"tap": 65, "accent": 120, "diddle": 75, "buzz": 70, "grace": 40}
SHARE = 0.6
#: How much of one stroke's deviation the next one keeps.
KEPT = 0.6
#: Of a flam's spacing, how far the two grace notes of a drag are from their stroke: the first of them, the last.
DRAG = (1.6, 0.5)
#: The closest that a grace note is to its stroke, in ms, and how long before its slot it is due, in beats.
CLOSEST, EARLY = 4.0, 0.05
#: A bounce of a buzz is this much softer than the one before.
SOFTER = 0.85
#: Bounces of one buzz, itself included, at least and at most; the ms between them, at least, and more at most.
BOUNCES, GAPS = (3, 9), (2.0, 8.0)


def performance(
    rudiment: str, player: Player, tempo: float, *, cycles: int = 4, seed: int = 0
) -> dict[str, Array]:
    """The strokes of a performance, in the pattern's order and bounces last, by the columns of the data set's table.

    Args:
        rudiment: by its name or as the data set spells it.
        player: who plays.
        tempo: in beats a minute.
        cycles: how often the pattern is played.
        seed: gives another performance of the same player.

    Returns:
        All columns but the sample's key, each (stroke,). Numbers that a stroke does not have are NaN.

    Raises:
        InputError: an unknown rudiment, no cycle, or a tempo that is none.
    """
    if cycles < 1:
        raise InputError("no cycles of a rudiment", found=cycles, expected="one at least")
    if not (np.isfinite(tempo) and tempo > 0):
        raise InputError("a tempo is a number above 0, in beats a minute", found=tempo)
    cycle = pattern(rudiment)
    generator = Generator("sousa performance", seed, player.key, cycle.rudiment, tempo, cycles)
    strokes = cycle.strokes * cycles
    length = len(cycle.strokes)
    parents = [
        -1 if one.parent is None else one.parent + place // length * length
        for place, one in enumerate(strokes)
    ]
    beat = MINUTE / tempo
    slots = np.array([float(one.at) for one in strokes]) + np.repeat(
        np.arange(cycles) * float(cycle.beats), length
    )
    time = _times(strokes, np.array(parents), slots * beat, player, generator)
    loud = np.array([MEANT[one.kind] for one in strokes])
    velocity = _velocities(strokes, np.array(parents), loud, player, generator)
    grace = np.array([one.kind == "grace" for one in strokes])
    table = {
        "index": np.arange(len(strokes)),
        "hand": np.array([one.hand for one in strokes], object),
        "stroke_type": np.array([one.kind for one in strokes], object),
        "intended_time_ms": (slots - EARLY * grace) * beat,
        "actual_time_ms": time,
        "intended_velocity": loud,
        "actual_velocity": velocity,
        "is_grace_note": grace,
        "is_accent": np.array([one.kind == "accent" for one in strokes]),
        "diddle_position": np.array([np.nan if one.diddle is None else one.diddle for one in strokes]),
        "flam_spacing_ms": np.where(grace, time[parents] - time, np.nan),
        "parent_stroke_index": np.where(grace, parents, np.nan),
        "buzz_count": np.full(len(strokes), np.nan),
    }
    table = _bounced(table, float(slots[1]) * beat, player, generator)
    for what, name in (("time_ms", "timing_error_ms"), ("velocity", "velocity_error")):
        table[name] = table[f"actual_{what}"] - table[f"intended_{what}"]
    return {name: table[name] for name in COLUMNS}


def _times(
    strokes: tuple[Stroke, ...], parents: Array, slots: Array, player: Player, generator: Generator
) -> Array:
    """When strokes fall that are due at ``slots``, in ms, (stroke,).

    Grace notes right before their stroke lean on it; those of a drag without a stroke of its own keep their slots.
    """
    skill = player.skill
    away = generator.normal(len(strokes))
    for place in range(1, len(strokes)):
        away[place] = KEPT * away[place - 1] + np.sqrt(1 - KEPT**2) * away[place]
    time: Array = slots + player.late + skill.timing * away
    spacings = skill.spacing * player.slow + skill.spread * generator.normal(len(strokes))
    for place, one in enumerate(strokes):
        reach = parents[place] - place
        if one.kind == "grace" and reach <= len(DRAG):
            share = 1.0 if one.ornament == "flam" else DRAG[len(DRAG) - reach]
            time[place] = time[parents[place]] - max(share * spacings[place], CLOSEST)
    return time


def _velocities(
    strokes: tuple[Stroke, ...], parents: Array, loud: Array, player: Player, generator: Generator
) -> Array:
    """Velocities that are heard, whole numbers from 1 to 127, (stroke,)."""
    skill = player.skill
    tap = MEANT["tap"]
    heard = np.where(loud > tap, tap + (loud - tap) * skill.contrast, loud).astype(float)
    strong = "R" if player.right else "L"
    heard *= np.where([one.hand == strong for one in strokes], 1.0, 1 - player.softer)
    heard += skill.velocity * generator.normal(len(strokes))
    for place, one in enumerate(strokes):
        if one.kind == "grace":
            heard[place] = SHARE * heard[parents[place]] + skill.velocity / 2 * generator.normal(1)[0]
    whole: Array = np.clip(np.rint(heard), 1, 127).astype(np.int64)
    return whole


def _bounced(table: dict[str, Array], slot: float, player: Player, generator: Generator) -> dict[str, Array]:
    """The table with the bounces of its buzzes behind it: grace notes that follow their stroke."""
    places = np.flatnonzero(table["stroke_type"] == "buzz")
    skill = player.skill
    drawn = np.rint(skill.bounces + skill.uneven * generator.normal(len(places)))
    counts = np.clip(drawn, *BOUNCES).astype(int)
    gaps = np.minimum(GAPS[0] + GAPS[1] * generator.uniform(len(places)), slot / 2 / counts)
    own = {name: column.copy() for name, column in table.items()}
    own["buzz_count"][places] = counts
    parents = np.repeat(places, counts - 1)
    which = np.concatenate([np.zeros(0, int), *(np.arange(1, count) for count in counts)])
    late = which * np.repeat(gaps, counts - 1)
    bounces = {name: column[parents] for name, column in table.items()}
    bounces["index"] = len(table["index"]) + np.arange(len(parents))
    bounces["is_grace_note"] = np.ones(len(parents), bool)
    bounces["intended_time_ms"] = bounces["actual_time_ms"] = table["actual_time_ms"][parents] + late
    bounces["flam_spacing_ms"] = -late
    bounces["parent_stroke_index"] = parents.astype(float)
    for name in ("intended_velocity", "actual_velocity"):
        softer = np.rint(table[name][parents] * SOFTER**which)
        bounces[name] = np.maximum(softer, 1).astype(np.int64)
    return {name: np.concatenate([column, bounces[name]]) for name, column in own.items()}
