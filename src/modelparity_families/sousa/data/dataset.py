"""A folder as the data set: performances, their strokes, and how they are split by player."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from ..rudiments import number, rudiment
from ..strokes import NEEDED, OPTIONAL, Strokes
from .tables import Table, comma_separated, parquet, settings

#: Parts, and what files and tables call them.
PARTS = ("train", "validation", "test")
SPELLED = {
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "train": "train",
    "test": "test",
}
#: Of ``max_samples``, the share of each part, and the seed that the original draws them with.
SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
DRAWN = 42
SAMPLES = ("sample_id", "rudiment_slug", "tempo_bpm")
MORE = ("profile_id", "soundfont", "augmentation_preset", "audio_path", "midi_path")


@dataclass(frozen=True)
class Performance:
    """One row of the data set: who plays what, how fast, with which sound; ``part`` is train, validation or test."""

    key: str
    rudiment: str
    tempo: float
    part: str
    soundfont: str | None = None
    preset: str | None = None
    audio: str | None = None
    midi: str | None = None

    @property
    def label(self) -> int:
        """The class of the rudiment."""
        return number(self.rudiment)


@dataclass(frozen=True)
class Filters:
    """Which performances are taken: of which sounds, presets and tempi (both ends included), and how many in all."""

    soundfonts: Sequence[str] | None = None
    augmentation_presets: Sequence[str] | None = None
    tempo_range: tuple[float, float] | None = None
    max_samples: int | None = None

    def keeps(self, one: Performance) -> bool:
        """Whether a performance is one of them."""
        low, high = self.tempo_range or (-np.inf, np.inf)
        return (
            (self.soundfonts is None or one.soundfont in self.soundfonts)
            and (self.augmentation_presets is None or one.preset in self.augmentation_presets)
            and low <= one.tempo <= high
        )

    def drawn(self, found: list[Performance], part: str) -> list[Performance]:
        """At most the part's share of ``max_samples``, drawn as the original draws them."""
        if self.max_samples is None:
            return found
        most = int(self.max_samples * SHARES[part])
        if len(found) <= most:
            return found
        chosen = np.random.RandomState(DRAWN).choice(len(found), size=most, replace=False)
        return [found[place] for place in chosen]


@dataclass(frozen=True)
class DataSet:
    """All performances of a folder in the order of its table; ``strokes`` reads one's."""

    root: Path
    performances: tuple[Performance, ...]
    _table: Table = field(repr=False)
    _rows: Mapping[str, Array] = field(repr=False)

    @classmethod
    def open(cls, folder: Path) -> DataSet:
        """The data set in a folder: as its writer leaves it, or as the hub has it.

        The writer's has ``labels/samples.parquet`` and ``labels/strokes.parquet``, and ``splits.json`` by player or a
        ``metadata.csv``, which wins. The hub's has ``auxiliary/strokes.parquet``, and performances in
        ``metadata.csv`` or in Parquet files named by part (``train-00000-of-00001.parquet``) anywhere in it.

        Raises:
            InputError: neither is there, a table is none or lacks a column, a rudiment is unknown, or a player or
                performance stands in no part.
            Unavailable: pyarrow is not here.
        """
        places = (folder / "labels" / "strokes.parquet", folder / "auxiliary" / "strokes.parquet")
        where = next((place for place in places if place.is_file()), None)
        if where is None:
            raise InputError(
                "not the data set",
                where=folder,
                found="no strokes",
                expected=" or ".join(str(place.relative_to(folder)) for place in places),
            )
        found = tuple(_performances(folder))
        table = parquet(where, (*NEEDED, "sample_id"), OPTIONAL)
        return cls(folder, found, table, _runs(table["sample_id"]))

    def part(self, name: str, filters: Filters | None = None) -> list[Performance]:
        """The performances of train, validation (or val) or test, filtered. Raises `InputError` for another name."""
        part = _part(name, self.root)
        chosen = filters or Filters()
        return chosen.drawn(
            [one for one in self.performances if one.part == part and chosen.keeps(one)], part
        )

    def strokes(self, one: Performance, *, unknown: Literal["error", "warning"] = "error") -> Strokes | None:
        """A performance's strokes, ``None`` where the table has none. Raises `InputError` for rows that are wrong."""
        rows = self._rows.get(one.key)
        if rows is None:
            return None
        table = {name: column[rows] for name, column in self._table.items()}
        return Strokes.of(table, unknown=unknown, where=f"{self.root}, {one.key}")

    def count(self, one: Performance) -> int:
        """How many strokes the table has of a performance."""
        return len(self._rows.get(one.key, ()))

    def midi(self, one: Performance) -> Path | None:
        """The performance's MIDI file, in a folder of its rudiment or not; ``None`` where it is not here."""
        return self._beside(one.midi, "midi", one, ".mid")

    def audio(self, one: Performance) -> Path | None:
        """The performance's sound, as `midi`."""
        return self._beside(one.audio, "audio", one, ".flac")

    def _beside(self, told: str | None, folder: str, one: Performance, suffix: str) -> Path | None:
        slug = one.rudiment.replace("-", "_")
        names = (told, f"{folder}/{slug}/{one.key}{suffix}", f"{folder}/{one.key}{suffix}")
        root = self.root.resolve()
        places = ((root / name).resolve() for name in names if name)
        return next((place for place in places if place.is_relative_to(root) and place.is_file()), None)


def _performances(folder: Path) -> list[Performance]:
    metadata, samples = folder / "metadata.csv", folder / "labels" / "samples.parquet"
    if metadata.is_file():
        table = comma_separated(metadata, (*SAMPLES, "split"))
        return _rows(table, table["split"], metadata)
    if samples.is_file():
        table = parquet(samples, (*SAMPLES, "profile_id"), MORE)
        return _rows(table, _by_player(table["profile_id"], folder / "splits.json"), samples)
    found = []
    for part in sorted(folder.rglob("*.parquet")):
        name = part.stem.partition("-")[0]
        if name in SPELLED and part.parent.name != "auxiliary":
            table = parquet(part, SAMPLES, MORE)
            found += _rows(table, np.full(len(table["sample_id"]), name, object), part)
    if not found:
        raise InputError(
            "no performances",
            where=folder,
            expected="metadata.csv, labels/samples.parquet, or files such as train-00000-of-00001.parquet",
        )
    unique = {one.key: one for one in found}  # a performance stands in each of the hub's configurations
    return list(unique.values())


def _by_player(players: Array, path: Path) -> Array:
    """The part of each player, as splits.json has them."""
    told = settings(path)
    parts: dict[str, str] = {}
    for name, part in (("train", "train"), ("val", "validation"), ("test", "test")):
        key = f"{name}_profile_ids"
        ids = told.get(key)
        if not isinstance(ids, list):
            raise InputError(
                f"no list {key!r}",
                where=path,
                found=", ".join(told) or "nothing",
                expected="players of each part",
            )
        for one in map(str, ids):
            if parts.setdefault(one, part) != part:
                raise InputError(
                    "a player stands in two parts", where=path, found=f"{one}: {parts[one]}, {part}"
                )
    lost = [str(one) for one in players if str(one) not in parts]
    if lost:
        raise InputError("a player stands in no part", where=path, found=lost[0])
    return np.array([parts[str(one)] for one in players], object)


def _rows(table: Table, parts: Array, where: Path) -> list[Performance]:
    rows = zip(*(table[name] for name in SAMPLES), parts, strict=True)
    more = [table.get(name, np.full(len(parts), None, object)) for name in MORE[1:]]
    found = []
    for place, (key, slug, tempo, part) in enumerate(rows):
        try:
            beats = float(tempo)
        except (TypeError, ValueError):
            beats = np.nan
        if not (np.isfinite(beats) and beats > 0):
            raise InputError("tempo_bpm is no tempo", where=where, found=f"{tempo!r} of {key}")
        texts = (_text(column[place]) for column in more)
        found.append(Performance(str(key), rudiment(slug, where), beats, _part(part, where), *texts))
    return found


def _part(name: Any, where: Path) -> str:
    if str(name) not in SPELLED:
        raise InputError("unknown part of a data set", where=where, found=name, expected=", ".join(PARTS))
    return SPELLED[str(name)]


def _text(value: Any) -> str | None:
    """A cell of text, None where it is empty."""
    return None if value is None or value != value or value == "" else str(value)


def _runs(keys: Array) -> dict[str, Array]:
    """Which rows of the strokes' table are whose, in their order."""
    if not len(keys):
        return {}
    order = np.argsort(keys.astype(str), kind="stable")
    ordered = keys[order].astype(str)
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ends = np.r_[starts[1:], len(keys)]
    return {str(ordered[start]): order[start:end] for start, end in zip(starts, ends, strict=True)}
