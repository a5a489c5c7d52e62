"""A folder as one of the data sets that are known: recognised, or refused with what was found and what would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from modelparity.errors import InputError, near

from .pieces import PARTS, Piece, divided

S = TypeVar("S")


@dataclass(frozen=True)
class Layout(Generic[S]):
    """One data set: how its folder is known, what it looks like, in words, and its pieces for a model.

    ``pieces`` gets the folder, the model's name, and the family's settings of how pieces are made.
    """

    title: str
    looks: str
    known: Callable[[Path], bool]
    pieces: Callable[[Path, str, S], list[Piece]]


@dataclass(frozen=True)
class Corpus:
    """The pieces of a data set, each with its part of the split; ``layout`` is its short name, ``title`` its own."""

    layout: str
    title: str
    folder: Path
    pieces: tuple[Piece, ...]

    def part(self, name: str) -> tuple[Piece, ...]:
        """The pieces of one part: train, validation or test."""
        return tuple(piece for piece in self.pieces if piece.split == name)


def opened(
    folder: Path,
    model: str,
    layouts: Mapping[str, Layout[S]],
    serving: Sequence[str],
    settings: S,
    *,
    layout: str = "auto",
    limit: int = 0,
) -> Corpus:
    """The data set in ``folder`` for a model.

    Args:
        folder: where it was unpacked to.
        model: the model that learns from it.
        layouts: every data set that is known, by short name.
        serving: short names of those that the model learns from.
        settings: how pieces are made, for `Layout.pieces`.
        layout: the short name, or "auto" to have it recognised.
        limit: keeps so many pieces of each part; 0: all.

    Returns:
        Its pieces. Splits are the data set's own where it has some, else `divided`.

    Raises:
        InputError: naming what was found and what would have been known.
    """
    name = _recognised(folder, model, layouts, serving, layout)
    pieces = layouts[name].pieces(folder, model, settings)
    if not all(piece.split for piece in pieces):
        pieces = divided(pieces)
    parts = {part: [piece for piece in pieces if piece.split == part] for part in PARTS}
    if empty := [part for part, members in parts.items() if not members]:
        raise InputError(
            f"no piece for {' and '.join(empty)}",
            where=folder,
            found=", ".join(f"{len(members)} for {part}" for part, members in parts.items()),
            expected="at least one for each" if len(pieces) > 2 else "at least three pieces",
        )
    kept = [piece for members in parts.values() for piece in members[: limit or None]]
    return Corpus(name, layouts[name].title, folder, tuple(kept))


def _recognised(
    folder: Path, model: str, layouts: Mapping[str, Layout[S]], serving: Sequence[str], layout: str
) -> str:
    if not folder.is_dir():
        raise InputError(
            "no such folder" if not folder.exists() else "not a folder",
            where=folder,
            expected="a data set's folder",
        )
    if layout != "auto":
        if layout not in layouts:
            raise InputError(f"unknown layout {layout!r}", expected=near(layout, layouts))
        found = [layout] if layouts[layout].known(folder) else []
    else:
        found = [name for name, one in layouts.items() if one.known(folder)]
    for name in found:
        if name in serving:
            return name
    expected = "\n            ".join(layouts[name].looks for name in serving)
    if found:
        raise InputError(
            f"{model} does not learn from {layouts[found[0]].title}",
            where=folder,
            found=layouts[found[0]].looks,
            expected=expected,
        )
    raise InputError(
        f"not a data set that {model} learns from",
        where=folder,
        found=listing(folder),
        expected=expected,
        fix="name the folder that the data set was unpacked to, not one above or below it",
    )


def listing(folder: Path, most: int = 8) -> str:
    """What lies in a folder, for an error."""
    names = sorted(f"{path.name}/" if path.is_dir() else path.name for path in folder.iterdir())
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) + more) or "an empty folder"
