"""Settings with a value for each frame size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from modelparity.errors import InputError

T = TypeVar("T")


def each(setting: str, value: T | Sequence[T], count: int) -> tuple[T, ...]:
    """One value for each frame size: as many as were given, or the only one again.

    Raises `InputError` for another number of them.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        return (value,) * count
    if len(value) != count:
        raise InputError(
            f"setting {setting!r} needs a value for each frame size, or one for all",
            found=tuple(value),
            expected=f"{count} values",
        )
    return tuple(value)
