"""Families by name, as every command that takes one looks them up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import FamilyError

if TYPE_CHECKING:
    from ..family import Family


def chosen(names: Sequence[str]) -> list[Family]:
    """The families of these names. Raises `FamilyError` listing what there is."""
    from ..family import families

    known = families()
    for name in names:
        if name not in known:
            raise FamilyError(
                f"no family and no file is called {name!r}",
                expected=f"one of {', '.join(sorted(known)) or 'none: no family is installed'}",
            )
    return [known[name] for name in dict.fromkeys(names)]
