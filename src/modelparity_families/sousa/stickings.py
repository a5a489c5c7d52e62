"""Which hand plays what in one cycle of each rudiment, as the data set's generator has it.

The generator's patterns, not the usual charts: of six rudiments they differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from modelparity.errors import InputError

from .rudiments import rudiment

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
_TOKEN = re.compile(r"([lr]*)(?:([RL])([>dz]?))?")


@dataclass(frozen=True)
class Stroke:
    """One stroke of a pattern: R or L and its kind; a grace note belongs to the next stroke that is none."""

    hand: str
    kind: str


def sticking(name: str) -> tuple[Stroke, ...]:
    """The strokes of one cycle in order, grace notes before theirs. Raises `InputError` naming what is near."""
    found: list[Stroke] = []
    for token in STICKINGS[rudiment(name)].split():
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise InputError("not a stroke", where=name, found=token)
        graces, hand, mark = match.groups()
        found += [Stroke(one.upper(), "grace") for one in graces]
        if hand is not None:
            found.append(Stroke(hand, MARKS[mark]))
    return tuple(found)
