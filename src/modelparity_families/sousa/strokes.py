"""A performance as strokes: a table's columns, checked, in the order of time."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from modelparity.errors import InputError, near
from modelparity.graph import Array

#: What a stroke may be. A bounce of a buzz roll is a buzz that is marked as a grace note.
TYPES = ("tap", "accent", "grace", "diddle", "buzz")
#: Columns that a table must have, and those that are NaN where they are not there.
NEEDED = ("actual_time_ms", "actual_velocity", "is_grace_note", "is_accent", "stroke_type", "hand")
OPTIONAL = ("diddle_position", "flam_spacing_ms", "buzz_count")
HANDS = ("R", "L")
#: What a row of `Strokes.rows` holds, in order.
COLUMNS = ("time", "velocity", "grace", "accent", "kind", "hand", "diddle", "spacing", "bounces")


@dataclass(frozen=True)
class Strokes:
    """One performance, in order of time; every array is (stroke,).

    ``time`` in ms, ``velocity`` from 0 to 127, ``grace`` and ``accent`` booleans, ``kind`` one of `TYPES`, ``hand``
    R or L; ``diddle`` is the place in a diddle (1, 2), ``spacing`` the ms between a grace note and its stroke,
    ``bounces`` how many bounces a buzz has, each NaN where a stroke has none.
    """

    time: Array
    velocity: Array
    grace: Array
    accent: Array
    kind: Array
    hand: Array
    diddle: Array
    spacing: Array
    bounces: Array

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def of(
        cls,
        table: Mapping[str, Any],
        *,
        unknown: Literal["error", "warning"] = "error",
        where: object = None,
    ) -> Strokes:
        """The strokes of a table, in order of time: rows of one time keep theirs. As `in_rows`."""
        own = cls.in_rows(table, unknown=unknown, where=where)
        return own.taken(np.argsort(own.time, kind="stable"))

    @classmethod
    def in_rows(
        cls,
        table: Mapping[str, Any],
        *,
        unknown: Literal["error", "warning"] = "error",
        where: object = None,
    ) -> Strokes:
        """The strokes of a table ({column: values}) in the order of its rows.

        Args:
            table: the columns `NEEDED`, and of `OPTIONAL` what there is; others are ignored. A column that is null
                everywhere, of whatever type, is one without values.
            unknown: whether a stroke of no known type is an error or a warning; it is then of no type at all.
            where: what errors name as the place.

        Raises:
            InputError: a column is missing, of another kind or length, or has a value that it may not have.
        """
        for name in NEEDED:
            if name not in table:
                raise InputError(
                    f"the table has no column {name!r}", where=where, expected=near(name, tuple(table))
                )
        count = len(np.asarray(table["actual_time_ms"]))
        numbers = {name: _numbers(table.get(name), name, count, where) for name in OPTIONAL}
        time, velocity = (_finite(table[name], name, count, where) for name in NEEDED[:2])
        if ((velocity < 0) | (velocity > 127)).any():
            found = velocity[(velocity < 0) | (velocity > 127)][0]
            raise InputError("a velocity is out of range", where=where, found=found, expected="0 to 127")
        return cls(
            time=time,
            velocity=velocity,
            grace=_booleans(table["is_grace_note"], "is_grace_note", count, where),
            accent=_booleans(table["is_accent"], "is_accent", count, where),
            kind=_types(table["stroke_type"], count, unknown, where),
            hand=_words(table["hand"], "hand", HANDS, count, where),
            diddle=numbers["diddle_position"],
            spacing=numbers["flam_spacing_ms"],
            bounces=numbers["buzz_count"],
        )

    @property
    def rows(self) -> Array:
        """All of it as float64, (stroke, 9) in the order of `COLUMNS`: kinds and hands by place, -1 if unknown."""
        coded = {
            "kind": [TYPES.index(one) if one in TYPES else -1 for one in self.kind],
            "hand": [HANDS.index(one) for one in self.hand],
        }
        columns = {**vars(self), **coded}
        return np.stack([np.asarray(columns[name], np.float64) for name in COLUMNS], axis=-1)

    def taken(self, rows: Array | slice) -> Strokes:
        """Some rows of it."""
        return Strokes(
            self.time[rows],
            self.velocity[rows],
            self.grace[rows],
            self.accent[rows],
            self.kind[rows],
            self.hand[rows],
            self.diddle[rows],
            self.spacing[rows],
            self.bounces[rows],
        )


def _column(values: Any, name: str, count: int, where: object) -> Array:
    array = np.asarray(values)
    if array.shape != (count,):
        raise InputError(
            f"column {name!r} has another length", where=where, found=array.shape, expected=(count,)
        )
    return array


def _numbers(values: Any, name: str, count: int, where: object) -> Array:
    """A column of numbers as float64, NaN where there is none: nulls of any type, or the whole column."""
    if values is None:
        return np.full(count, np.nan)
    array = _column(values, name, count, where)
    if array.dtype.kind in "fiub":
        return array.astype(np.float64)
    try:
        return np.array([np.nan if _null(one) else float(one) for one in array], np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"column {name!r} is not of numbers", where=where, found=error) from error


def _finite(values: Any, name: str, count: int, where: object) -> Array:
    array = _numbers(values, name, count, where)
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array)))
        raise InputError(f"column {name!r} is not finite", where=where, found=f"{array[row]} in row {row}")
    return array


def _booleans(values: Any, name: str, count: int, where: object) -> Array:
    array = _finite(values, name, count, where)
    if not np.isin(array, (0, 1)).all():
        raise InputError(f"column {name!r} is not true or false", where=where, found=array.max())
    return array.astype(bool)


def _types(values: Any, count: int, unknown: str, where: object) -> Array:
    array = _column(values, "stroke_type", count, where)
    strange = sorted({str(one) for one in array} - set(TYPES))
    if strange:
        text, about = f"{strange[0]!r} is no type of stroke", ", ".join(TYPES)
        if unknown == "error":
            fix = "spell it as one of these, or take unknown='warning' for strokes of no type"
            raise InputError(text, where=where, expected=about, fix=fix)
        warnings.warn(f"{text}: its type flags are 0 (expected: {about})", stacklevel=4)
    return np.array([str(one) for one in array], object)


def _words(values: Any, name: str, known: tuple[str, ...], count: int, where: object) -> Array:
    array = _column(values, name, count, where)
    for one in {str(one) for one in array} - set(known):
        raise InputError(f"{name} {one!r} is unknown", where=where, expected=" or ".join(known))
    return np.array([str(one) for one in array], object)


def _null(value: Any) -> bool:
    """Whether a cell is empty: None, NaN, or what pandas has for it, which is not equal to itself or says so."""
    return value is None or str(value) == "<NA>" or bool(value != value)
