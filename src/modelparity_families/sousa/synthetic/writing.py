"""A folder of performances as the data set: tables of performances and strokes, the split by player, MIDI files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelparity.errors import InputError, Unavailable
from modelparity.family import Progress
from modelparity.files import replace_file
from modelparity.graph import Array
from modelparity.inputs import Generator

from ..data import DataSet
from ..data.midi import save
from ..rudiments import RUDIMENTS, rudiment, slug
from .performing import performance
from .players import Player, players as drawn

if TYPE_CHECKING:
    import pyarrow as pa

#: Slowest and fastest, in whole beats a minute.
TEMPI = (60, 180)
#: Of the players, those that validate and those that test; at least one each, where there are three.
SHARES = {"val": 0.15, "test": 0.15}
#: Seconds of a recording behind its last stroke.
TAIL = 0.5
#: Columns without a value: there is no sound.
ABSENT = ("audio_path", "soundfont")


def write(
    folder: Path,
    *,
    players: int = 20,
    tempi: int = 3,
    cycles: int = 4,
    rudiments: Sequence[str] | None = None,
    seed: int = 0,
    midi: bool = True,
    progress: Progress | None = None,
) -> DataSet:
    """Write performances of every player, rudiment and tempo, and open them as the data set.

    Args:
        folder: gets labels/, splits.json, index.json and midi/; it must be empty or not there.
        players: how many there are; skills in turn, parts of the split by player.
        tempi: how many each of them plays in, drawn from `TEMPI`.
        cycles: how often each pattern is played.
        rudiments: some of the forty; without them all.
        seed: everything else follows from it.
        midi: whether MIDI files are written.
        progress: is told how far it is.

    Raises:
        InputError: nothing to play, an unknown rudiment, more tempi than there are, or a folder that is not empty or
            not writable.
        Unavailable: pyarrow, or mido, is not here.
    """
    if find_spec("pyarrow") is None:
        raise Unavailable("pyarrow is not installed: pip install 'modelparity[sousa]'", where=folder)
    names = [rudiment(one) for one in (RUDIMENTS if rudiments is None else rudiments)]
    low, high = TEMPI
    if not (names and 1 <= tempi <= high - low + 1 and len(set(names)) == len(names)):
        found = f"{len(names)} rudiments, {tempi} tempi"
        expected = f"rudiments, each once, and up to {high - low + 1} tempi"
        raise InputError("nothing to play, or too much", found=found, expected=expected)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("a folder that is empty, or not there, is needed", where=folder)
    own = drawn(players, seed)
    samples: list[dict[str, Any]] = []
    tables: list[dict[str, Array]] = []
    for sample, table in _played(own, names, tempi, cycles, seed):
        samples.append(sample)
        tables.append({**table, "sample_id": np.full(len(table["index"]), sample["sample_id"], object)})
        if midi:
            order = np.argsort(table["actual_time_ms"], kind="stable")
            time, velocity = (table[name][order] for name in ("actual_time_ms", "actual_velocity"))
            save(folder / sample["midi_path"], time, velocity, sample["tempo_bpm"])
        if progress is not None:
            progress(sample["rudiment_slug"], len(samples), len(own) * len(names) * tempi)
    strokes = {name: np.concatenate([one[name] for one in tables]) for name in tables[0]}
    _save(
        folder / "labels" / "samples.parquet", {name: [one[name] for one in samples] for name in samples[0]}
    )
    _save(folder / "labels" / "strokes.parquet", strokes)
    index = {"num_samples": len(samples), "sample_ids": [one["sample_id"] for one in samples]}
    for name, told in (("splits.json", _split(own, seed)), ("index.json", index)):
        replace_file(folder / name, (json.dumps(told, indent=2) + "\n").encode(), InputError)
    return DataSet.open(folder)


def _played(
    own: Sequence[Player], names: Sequence[str], tempi: int, cycles: int, seed: int
) -> Iterator[tuple[dict[str, Any], dict[str, Array]]]:
    """Row of the samples' table and columns of the strokes' table of each performance."""
    low, high = TEMPI
    for player in own:
        order = np.argsort(Generator("sousa tempi", seed, player.key).words(high - low + 1), kind="stable")
        for tempo in map(int, low + order[:tempi]):
            for name in names:
                table = performance(name, player, tempo, cycles=cycles, seed=seed)
                own_slug = slug(name)
                key = f"{player.name}_{own_slug}_{tempo}bpm_raw_clean"
                yield (
                    {
                        "sample_id": key,
                        "profile_id": player.key,
                        "rudiment_slug": own_slug,
                        "tempo_bpm": tempo,
                        "duration_sec": float(table["actual_time_ms"].max()) / 1000 + TAIL,
                        "num_cycles": cycles,
                        "skill_tier": player.skill.tier,
                        "skill_tier_binary": "skilled" if player.skill.skilled else "novice",
                        "dominant_hand": "right" if player.right else "left",
                        "midi_path": f"midi/{own_slug}/{key}.mid",
                        "audio_path": None,
                        "num_strokes": len(table["index"]),
                        "num_measures": cycles,
                        "soundfont": None,
                        "augmentation_preset": "none",
                        "augmentation_group_id": f"{player.key[:8]}_{own_slug}_{tempo}",
                    },
                    table,
                )


def _split(own: Sequence[Player], seed: int) -> dict[str, Any]:
    """Players of each part, as splits.json has them."""
    order = np.argsort(Generator("sousa split", seed).words(len(own)), kind="stable")
    counts = {
        part: max(round(share * len(own)), int(len(own) > len(SHARES))) for part, share in SHARES.items()
    }
    taken = {"train": order[sum(counts.values()) :]}
    taken |= {"val": order[: counts["val"]], "test": order[counts["val"] : sum(counts.values())]}
    told: dict[str, Any] = {
        f"{part}_profile_ids": [own[place].key for place in sorted(places)] for part, places in taken.items()
    }
    sizes = {f"{part}_profiles": len(places) for part, places in taken.items()}
    return {**told, "stats": {"total_profiles": len(own), **sizes}}


def _save(path: Path, columns: Mapping[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({name: _column(name, column) for name, column in columns.items()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    except OSError as error:
        raise InputError("not writable", where=path, found=error.strerror or error) from error


def _column(name: str, values: Any) -> pa.Array:
    """A column as the data set's writer types it: numbers without a value are nulls."""
    import pyarrow as pa

    if name in ABSENT:
        return pa.nulls(len(values))
    array = np.asarray(values)
    if array.dtype.kind in "OU":
        return pa.array(array.tolist(), pa.large_string())
    return pa.array(array, from_pandas=True)
