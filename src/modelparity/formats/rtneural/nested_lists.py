"""Nested lists as arrays: every number looked at, every refusal with its path.

A ``key`` is the place of the outermost list within its layer, such as ``weights[0]``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...graph import Array
from .fields import Fields, shown

_NUMBERS = {int, float, bool}


class Ragged(Exception):
    """Rows of different lengths."""


def extent(fields: Fields, given: list[Any], key: str, rank: int, role: str) -> tuple[int, ...]:
    """The length along every axis, by the first element of each; 0 behind an empty list."""
    size: list[int] = []
    level: Any = given
    for depth in range(rank):
        if level is None:
            level = []
        if not isinstance(level, list):
            raise fields.fail(
                "nested-too-flat",
                key + "[0]" * depth,
                f"the {role} has {depth} levels of lists instead of {rank}, and RTNeural throws",
                found=shown(level),
            )
        size.append(len(level))
        level = level[0] if level else []
    if size[-1] and isinstance(level, list):
        raise fields.fail(
            "nested-too-deep",
            key + "[0]" * rank,
            f"the {role} has more than {rank} levels of lists, and RTNeural throws",
            found=shown(level),
        )
    return tuple(size)


def rectangular(fields: Fields, given: list[Any], key: str, rank: int) -> Array:
    """The array, every number looked at. Raises `Ragged` if rows differ in length."""
    if rank == 1:
        _numbers(fields, given, key)
        return _converted(fields, given, key)
    rows: list[tuple[list[Any], str]] = [(given, key)]
    for _ in range(rank - 1):
        below: list[tuple[list[Any], str]] = []
        for row, path in rows:
            for at, one in enumerate(row):
                if one is not None and not isinstance(one, list):
                    raise fields.fail(
                        "nested-too-flat",
                        f"{path}[{at}]",
                        "a number where a list should be, and RTNeural throws",
                        found=shown(one),
                    )
                below.append((one or [], f"{path}[{at}]"))
        if len({len(row) for row, _ in rows}) > 1:
            raise Ragged
        rows = below
    for row, path in rows:
        _numbers(fields, row, path)
    if len({len(row) for row, _ in rows}) > 1:
        raise Ragged
    if rows and rows[0][0]:
        return _converted(fields, given, key)
    return np.zeros((len(given),) + (0,) * (rank - 1))


def _converted(fields: Fields, given: list[Any], key: str) -> Array:
    try:
        return np.array(given, np.float64)
    except OverflowError:
        raise fields.fail(
            "not-a-number",
            key,
            "a number too large for a double, and RTNeural's parser throws",
        ) from None


def _numbers(fields: Fields, row: list[Any], path: str) -> None:
    types = set(map(type, row))
    if bool in types:
        at = next(i for i, one in enumerate(row) if type(one) is bool)
        fields.silent(
            "boolean",
            f"{path}[{at}]",
            "RTNeural takes true for 1 and false for 0",
            found=shown(row[at]),
            expected="a number",
        )
    if not types <= _NUMBERS:
        at = next(i for i, one in enumerate(row) if type(one) not in _NUMBERS)
        kind = "nested-too-deep" if isinstance(row[at], list) else "not-a-number"
        raise fields.fail(
            kind,
            f"{path}[{at}]",
            "not a number, and RTNeural throws",
            found=shown(row[at]),
            fix="write numbers without quotes" if isinstance(row[at], str) else None,
        )


def fill(fields: Fields, made: Array, given: list[Any], path: str) -> None:
    """Row by row, for rows of different lengths."""
    if len(given) > len(made):
        raise fields.fail(
            "weights-too-large",
            path,
            "more elements than the layer has, and RTNeural throws",
            found=len(given),
            expected=len(made),
        )
    if made.ndim == 1:
        _numbers(fields, given, path)
        made[: len(given)] = given
        return
    for at, row in enumerate(given):
        fill(fields, made[at], row or [], f"{path}[{at}]")
