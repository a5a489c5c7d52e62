"""The forty rudiments: their names in the order of the classes, and how the data set spells them."""

from __future__ import annotations

from modelparity.errors import InputError, near

#: A rudiment's place is its class.
RUDIMENTS = (
    "double-drag-tap",
    "double-paradiddle",
    "double-ratamacue",
    "double-stroke-open-roll",
    "drag",
    "drag-paradiddle-1",
    "drag-paradiddle-2",
    "eleven-stroke-roll",
    "fifteen-stroke-roll",
    "five-stroke-roll",
    "flam",
    "flam-accent",
    "flam-drag",
    "flam-paradiddle",
    "flam-paradiddle-diddle",
    "flam-tap",
    "flamacue",
    "inverted-flam-tap",
    "lesson-25",
    "multiple-bounce-roll",
    "nine-stroke-roll",
    "pataflafla",
    "seven-stroke-roll",
    "seventeen-stroke-roll",
    "single-drag-tap",
    "single-dragadiddle",
    "single-flammed-mill",
    "single-paradiddle",
    "single-paradiddle-diddle",
    "single-ratamacue",
    "single-stroke-four",
    "single-stroke-roll",
    "single-stroke-seven",
    "six-stroke-roll",
    "swiss-army-triplet",
    "ten-stroke-roll",
    "thirteen-stroke-roll",
    "triple-paradiddle",
    "triple-ratamacue",
    "triple-stroke-roll",
)
#: What the data set calls otherwise than by its name with underscores.
SPELLED = {"paradiddle-diddle": "single-paradiddle-diddle"}
_PLACES = {name: place for place, name in enumerate(RUDIMENTS)}


def rudiment(slug: str, where: object = None) -> str:
    """The name of a rudiment as the data set spells it (``flam_accent``), or as it is.

    Raises `InputError` naming what is near.
    """
    name = str(slug).replace("_", "-")
    name = SPELLED.get(name, name)
    if name not in _PLACES:
        raise InputError(f"there is no rudiment {slug!r}", where=where, expected=near(name, RUDIMENTS))
    return name


def number(slug: str, where: object = None) -> int:
    """The class of a rudiment, by its name or as the data set spells it. Raises as `rudiment`."""
    return _PLACES[rudiment(slug, where)]


def slug(name: str) -> str:
    """A rudiment as the data set spells it. Raises as `rudiment`."""
    known = rudiment(name)
    return next((own for own, meant in SPELLED.items() if meant == known), known).replace("-", "_")
