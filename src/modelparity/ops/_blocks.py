"""Blocks of pixels, as the operators that move them between axes see them."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import GraphError
from ..graph import Array


def pair(size: Sequence[int] | int, what: str) -> tuple[int, int]:
    """A block's height and width; one number means a square."""
    sides = (size, size) if isinstance(size, int) else tuple(int(n) for n in size)
    if len(sides) != 2 or min(sides) < 1:
        raise GraphError(f"{what} is not valid", found=size, expected="one size, or height and width")
    return sides


def image(x: Array) -> tuple[int, ...]:
    """Sizes of an image (batch..., channel, height, width)."""
    if x.ndim < 3:
        raise GraphError("this is no image", found=x.shape, expected="(batch..., channel, height, width)")
    sizes: tuple[int, ...] = x.shape
    return sizes


def divided(size: int, by: int, what: str) -> int:
    """size / by; `GraphError` if something is left."""
    if by < 1 or size % by:
        raise GraphError(f"{what} does not divide evenly", found=size, expected=f"a multiple of {by}")
    return size // by
