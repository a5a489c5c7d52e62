"""A folder as one of the five data sets: recognised, or refused with what was found and what would be known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from modelparity.errors import InputError, near

from . import emotion, music
from .features import Features
from .piece import Piece, divided
from .tables import listing


@dataclass(frozen=True)
class Layout:
    """One data set: how its folder is known, and what it looks like, in words."""

    title: str
    looks: str
    known: Callable[[Path], bool]
    pieces: Callable[[Path, str, Features], list[Piece]]


LAYOUTS = {
    "deam": Layout(
        "DEAM",
        "DEAM: .../arousal.csv beside valence.csv (song_id, sample_15000ms, ...), recordings <song_id>.mp3",
        emotion.is_deam,
        emotion.deam,
    ),
    "pmemo": Layout(
        "PMEmo",
        "PMEmo: annotations/dynamic_annotations.csv (musicId, frameTime, ...), and chorus/<musicId>.mp3",
        emotion.is_pmemo,
        emotion.pmemo,
    ),
    "maestro": Layout(
        "MAESTRO",
        "MAESTRO: maestro-v*.csv (split, midi_filename, audio_filename, ...), and the files that it names",
        music.is_maestro,
        music.maestro,
    ),
    "groove": Layout(
        "Groove MIDI",
        "Groove MIDI: info.csv (drummer, bpm, midi_filename, split, ...), and the files that it names",
        music.is_groove,
        music.groove,
    ),
    "lakh": Layout(
        "Lakh MIDI",
        "Lakh MIDI: .mid files in folders, as in lmd_full/0/....mid",
        music.is_lakh,
        music.lakh,
    ),
}
#: Which data sets a model learns from.
SERVES = {
    "EmotionRecognizer": ("deam", "pmemo"),
    "MelodyTransformer": ("lakh", "maestro"),
    "HarmonyPredictor": ("lakh", "maestro"),
    "DynamicsEngine": ("maestro",),
    "GroovePredictor": ("groove",),
}
#: Parts that must not be empty.
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Corpus:
    """The pieces of a data set, each with its part of the split."""

    layout: str
    folder: Path
    pieces: tuple[Piece, ...]

    @property
    def title(self) -> str:
        """The data set's own name."""
        return LAYOUTS[self.layout].title

    def part(self, name: str) -> tuple[Piece, ...]:
        """The pieces of one part: train, validation or test."""
        return tuple(piece for piece in self.pieces if piece.split == name)


def open_corpus(
    folder: Path, model: str, settings: Features | None = None, *, layout: str = "auto", limit: int = 0
) -> Corpus:
    """The data set in ``folder`` for a model; ``limit`` keeps so many pieces of each part (0: all).

    Splits are the data set's own where it has some, else `divided`. Raises `InputError` naming what was found and
    what would have been known.
    """
    name = _recognised(folder, model, layout)
    pieces = LAYOUTS[name].pieces(folder, model, settings or Features())
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
    return Corpus(name, folder, tuple(kept))


def _recognised(folder: Path, model: str, layout: str) -> str:
    if not folder.is_dir():
        raise InputError(
            "no such folder" if not folder.exists() else "not a folder",
            where=folder,
            expected="a data set's folder",
        )
    mine = SERVES[model]
    if layout != "auto":
        if layout not in LAYOUTS:
            raise InputError(f"unknown layout {layout!r}", expected=near(layout, LAYOUTS))
        found = [layout] if LAYOUTS[layout].known(folder) else []
    else:
        found = [name for name, one in LAYOUTS.items() if one.known(folder)]
    for name in found:
        if name in mine:
            return name
    expected = "\n            ".join(LAYOUTS[name].looks for name in mine)
    if found:
        raise InputError(
            f"{model} does not learn from {LAYOUTS[found[0]].title}",
            where=folder,
            found=LAYOUTS[found[0]].looks,
            expected=expected,
        )
    raise InputError(
        f"not a data set that {model} learns from",
        where=folder,
        found=listing(folder),
        expected=expected,
        fix="name the folder that the data set was unpacked to, not one above or below it",
    )
