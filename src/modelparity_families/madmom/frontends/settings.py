"""What settings may be: one of a few words, or a number; and what is said of another one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from modelparity.errors import InputError, near

T = TypeVar("T")


def one_of(setting: str, value: object, known: Collection[str]) -> None:
    """Raises `InputError` unless the value is one of the known words."""
    if value not in known:
        raise InputError(
            f"setting {setting!r} has no such value", found=value, expected=near(str(value), sorted(known))
        )


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
