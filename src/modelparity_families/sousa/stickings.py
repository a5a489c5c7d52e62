"""Which hand plays what, and when, in one cycle of each rudiment, as the data set's generator has it.

The generator's patterns, not the usual charts: of six rudiments they differ. Every stroke takes a slot of the beat,
grace notes too, which are then played shortly before their stroke.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from modelparity.errors import InputError

from .rudiments import RUDIMENTS, rudiment

#: What a mark behind a hand means; without one it is a tap.
MARKS = {"": "tap", ">": "accent", "d": "diddle", "z": "buzz"}
#: One cycle, stroke by stroke: grace notes in small letters before their stroke, R or L, then a mark. Of the double
#: drag tap the first drag of a half has no stroke of its own.
STICKINGS = {
    "double-drag-tap": "ll llR> L rr rrL> R",
    "double-paradiddle": "R> L R L Rd Rd L> R L R Ld Ld",
    "double-ratamacue": "llR rrL R L R> rrL llR L R L>",
    "double-stroke-open-roll": "Rd Rd Ld Ld",
    "drag": "llR> rrL>",
    "drag-paradiddle-1": "llR> L R Ld Ld rrL> R L Rd Rd",
    "drag-paradiddle-2": "llR> L rrL> R Ld Ld rrL> R llR> L Rd Rd",
    "eleven-stroke-roll": "Rd Rd Ld Ld Rd Rd Ld Ld Rd Rd L>",
    "fifteen-stroke-roll": "Rd Rd Ld Ld Rd Rd Ld Ld Rd Rd Ld Ld Rd Rd L>",
    "five-stroke-roll": "Rd Rd Ld Ld R>",
    "flam": "lR> rL>",
    "flam-accent": "lR> L R rL> R L",
    "flam-drag": "lR> L llR> rL> R rrL>",
    "flam-paradiddle": "lR> L Rd Rd rL> R Ld Ld",
    "flam-paradiddle-diddle": "lR> L Rd Rd Ld Ld rL> R Ld Ld Rd Rd",
    "flam-tap": "lR> R rL> L",
    "flamacue": "lR> R L L R> rL> R L R L>",
    "inverted-flam-tap": "L lR> R rL>",
    "lesson-25": "llR> rrL> rL> rrL> llR> lR>",
    "multiple-bounce-roll": "Rz Lz Rz Lz Rz Lz Rz Lz",
    "nine-stroke-roll": "Rd Rd Ld Ld Rd Rd Ld Ld R>",
    "pataflafla": "lR> L rL> R rL> R lR> L",
    "seven-stroke-roll": "Rd Rd Ld Ld Rd Rd L>",
    "seventeen-stroke-roll": "Rd Rd Ld Ld Rd Rd Ld Ld Rd Rd Ld Ld Rd Rd Ld Ld R>",
    "single-drag-tap": "llR> L rrL> R",
    "single-dragadiddle": "llR> L Rd Rd rrL> R Ld Ld",
    "single-flammed-mill": "lR> Ld Ld rL> Rd Rd",
    "single-paradiddle": "R> L Rd Rd L> R Ld Ld",
    "single-paradiddle-diddle": "R> L Rd Rd Ld Ld L> R Ld Ld Rd Rd",
    "single-ratamacue": "llR L R L> rrL R L R>",
    "single-stroke-four": "R> L R L",
    "single-stroke-roll": "R L R L R L R L",
    "single-stroke-seven": "R> L R L R L> R",
    "six-stroke-roll": "R> Ld Ld Rd Rd L>",
    "swiss-army-triplet": "lR> L L rL> R R",
    "ten-stroke-roll": "R> Ld Ld Rd Rd Ld Ld Rd Rd L>",
    "thirteen-stroke-roll": "Rd Rd Ld Ld Rd Rd Ld Ld Rd Rd Ld Ld R>",
    "triple-paradiddle": "R> L R L R L Rd Rd L> R L R L R Ld Ld",
    "triple-ratamacue": "llR rrL llR L R L> rrL llR rrL R L R>",
    "triple-stroke-roll": "R> R R L> L L",
}
#: Slots of a beat where they are not sixteenths.
SLOTS = {
    "double-drag-tap": 6,
    "double-ratamacue": 6,
    "drag": 6,
    "flam-paradiddle-diddle": 7,
    "single-paradiddle-diddle": 6,
    "single-ratamacue": 6,
    "triple-ratamacue": 6,
    "triple-stroke-roll": 3,
}
SIXTEENTHS = 4
#: What grace notes before a stroke make of it.
ORNAMENTS = {1: "flam", 2: "drag"}
_TOKEN = re.compile(r"([lr]*)(?:([RL])([>dz]?))?")


@dataclass(frozen=True)
class Stroke:
    """One stroke of a pattern.

    ``hand`` is R or L, and ``kind`` tap, accent, diddle, buzz or grace. ``at`` is where its slot begins, in beats
    from the cycle's start. ``ornament`` is flam or drag for a stroke with grace notes and for these, else ``None``;
    ``parent`` of a grace note is the place in the pattern of the stroke it belongs to, the next one that is none.
    ``diddle`` is the place in a diddle, 1 or 2, else ``None``.
    """

    hand: str
    kind: str
    at: Fraction
    ornament: str | None = None
    parent: int | None = None
    diddle: int | None = None


@dataclass(frozen=True)
class Sticking:
    """One cycle of a rudiment: its strokes in order, and how many ``beats`` it lasts."""

    rudiment: str
    strokes: tuple[Stroke, ...]
    beats: Fraction


def sticking(name: str) -> tuple[Stroke, ...]:
    """The strokes of one cycle in order, grace notes before theirs. Raises `InputError` naming what is near."""
    return pattern(name).strokes


def pattern(name: str) -> Sticking:
    """One cycle of a rudiment, by its name or as the data set spells it. Raises as `sticking`."""
    known = rudiment(name)
    tokens = [_token(token, known) for token in STICKINGS[known].split()]
    kinds = [(hand, kind, ornament) for token in tokens for hand, kind, ornament in token]
    slots = SLOTS.get(known, SIXTEENTHS)
    found: list[Stroke] = []
    for place, (hand, kind, ornament) in enumerate(kinds):
        own = [at for at in range(place, len(kinds)) if kinds[at][1] != "grace"]
        before = found[-1] if found else None
        second = before is not None and before.diddle == 1 and before.hand == hand
        found.append(
            Stroke(
                hand,
                kind,
                Fraction(place, slots),
                ornament,
                parent=own[0] if kind == "grace" else None,
                diddle=(2 if second else 1) if kind == "diddle" else None,
            )
        )
    return Sticking(known, tuple(found), Fraction(len(found), slots))


def _token(token: str, where: str) -> list[tuple[str, str, str | None]]:
    """Hand, kind and ornament of a stroke and of the grace notes before it."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise InputError("not a stroke", where=where, found=token)
    graces, hand, mark = match.groups()
    ornament = ORNAMENTS.get(len(graces))
    found: list[tuple[str, str, str | None]] = [(one.upper(), "grace", ornament) for one in graces]
    return found if hand is None else [*found, (hand, MARKS[mark], ornament)]


def patterns() -> tuple[Sticking, ...]:
    """One cycle of each of the forty rudiments, in the order of the classes."""
    return tuple(map(pattern, RUDIMENTS))
