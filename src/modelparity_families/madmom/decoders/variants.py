"""Ways in which programs are known to decode otherwise than madmom, as one setting of each decoder: ``variant``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from modelparity.stages import Mistakes, one_of

#: The way that is none of them.
ORIGINAL = "original"
T = TypeVar("T")


def mistakes(ways: Mapping[str, tuple[str, object]]) -> Mistakes:
    """Every way but the original's, as mistakes that a setting declares: {name: (what is said of it, its parts)}."""
    return Mistakes({name: text for name, (text, _) in ways.items() if name != ORIGINAL})


def chosen(ways: Mapping[str, tuple[str, T]], variant: str) -> T:
    """The parts of a way. Raises `InputError` for one that is not known."""
    one_of("variant", variant, ways)
    return ways[variant][1]
