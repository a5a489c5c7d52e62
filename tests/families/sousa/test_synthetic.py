"""Performances that nobody played: patterns, players and folders, compared with the data set's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.sousa.data import DataSet
from modelparity_families.sousa.data.midi import notes
from modelparity_families.sousa.rudiments import RUDIMENTS, rudiment, slug
from modelparity_families.sousa.stickings import pattern, patterns
from modelparity_families.sousa.strokes import Strokes
from modelparity_families.sousa.synthetic import SKILLS, performance, players, write

from .conftest import ANCHORS

pytest.importorskip("pyarrow")


def test_patterns_say_what_every_stroke_is() -> None:
    assert [one.rudiment for one in patterns()] == list(RUDIMENTS)
    flam = pattern("flam")
    assert [(one.hand, one.kind, one.at, one.ornament, one.parent) for one in flam.strokes] == [
        ("L", "grace", Fraction(0), "flam", 1),
        ("R", "accent", Fraction(1, 4), "flam", None),
        ("R", "grace", Fraction(1, 2), "flam", 3),
        ("L", "accent", Fraction(3, 4), "flam", None),
    ]
    assert flam.beats == 1
    assert [one.diddle for one in pattern("five-stroke-roll").strokes] == [1, 2, 1, 2, None]
    assert [one.parent for one in pattern("double-drag-tap").strokes[:5]] == [4, 4, 4, 4, None]
    for one in patterns():
        assert all(
            earlier.at < later.at for earlier, later in zip(one.strokes, one.strokes[1:], strict=False)
        )
        for stroke in one.strokes:
            assert (stroke.kind == "grace") == (stroke.parent is not None)
            assert stroke.parent is None or one.strokes[stroke.parent].kind != "grace"
            assert (stroke.kind == "diddle") == (stroke.diddle is not None)


#: Whose recorded player is a fifth slower than the tempo, so that triplets fit as well as sixteenths.
UNSTEADY = "five-stroke-roll"


def test_patterns_fall_where_the_datas_own_players_hit_them(recorded: Callable[[str], Any]) -> None:
    """Of two cycles of each rudiment: no other slots of a beat leave as little deviation as those of the pattern."""
    tables = recorded("encoding")
    for name in {key.split("/")[1] for key in tables if key.startswith("made/")}:
        time, tempo, graces = (
            tables[f"made/{name}/{key}"] for key in ("actual_time_ms", "tempo_bpm", "is_grace_note")
        )
        heard = np.sort(time[~graces.astype(bool)]) * float(tempo) / 60_000
        cycle = pattern(name)
        due = np.array([float(one.at) for one in cycle.strokes if one.kind != "grace"])
        wanted = np.concatenate([due, due + float(cycle.beats)])
        ours = len(cycle.strokes) / cycle.beats
        left = {
            slots: np.abs(away - np.median(away)).mean()
            for slots in (3, 4, 6, 7)
            for away in [heard - wanted * float(ours / slots)]
        }
        assert min(left, key=left.__getitem__) == ours or rudiment(name) == UNSTEADY, name


def test_players_differ_by_skill_and_are_the_same_by_seed() -> None:
    own = players(8, seed=3)
    assert own == players(8, seed=3)
    assert own[0] != players(8, seed=4)[0]
    assert [one.skill for one in own[:4]] == list(SKILLS)
    assert len({one.key for one in own}) == 8
    assert own[2].name == "adv002"
    errors = {}
    for one in own[:4]:
        strokes = performance("single-stroke-roll", one, 100, cycles=20)
        errors[one.skill.tier] = np.std(strokes["timing_error_ms"])
    assert errors["beginner"] > errors["intermediate"] > errors["advanced"] > errors["professional"]


def test_a_performance_is_its_pattern_with_what_the_player_does() -> None:
    (one,) = players(4, seed=1)[3:]
    for name in ("flam-drag", "double-drag-tap", "multiple-bounce-roll", "five-stroke-roll"):
        table = performance(name, one, 90, cycles=3, seed=5)
        strokes, cycle = Strokes.of(table), pattern(name)
        assert len(strokes) >= 3 * len(cycle.strokes)
        first = [
            (str(hand), str(kind)) for hand, kind in zip(table["hand"], table["stroke_type"], strict=True)
        ]
        assert first[: len(cycle.strokes)] == [(stroke.hand, stroke.kind) for stroke in cycle.strokes]
        again = performance(name, one, 90, cycles=3, seed=5)
        assert all(
            np.array_equal(table[key], again[key], equal_nan=table[key].dtype.kind == "f") for key in table
        )
        assert not np.array_equal(
            performance(name, one, 90, seed=6)["actual_time_ms"][:8], table["actual_time_ms"][:8]
        )
        grace = (table["stroke_type"] == "grace").nonzero()[0]
        assert (table["flam_spacing_ms"][grace] > 0).all()
        parents = table["parent_stroke_index"][grace].astype(int)
        assert (table["stroke_type"][parents] != "grace").all()
        assert (table["hand"][parents] != table["hand"][grace]).all()
    bounces = performance("multiple-bounce-roll", one, 90, cycles=1)
    main = np.isfinite(bounces["buzz_count"])
    assert main.sum() == 8
    assert len(main) == bounces["buzz_count"][main].sum()
    assert (bounces["flam_spacing_ms"][~main] < 0).all()
    assert bounces["is_grace_note"].tolist() == (~main).tolist()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cycles": 0}, "no cycles"),
        ({"tempo": float("nan")}, "a tempo"),
        ({"rudiment": "flamm"}, "no rudiment"),
    ],
)
def test_what_nobody_can_play_is_refused(wrong: dict[str, Any], said: str) -> None:
    given = {"rudiment": "flam", "player": players(1)[0], "tempo": 90, **wrong}
    with pytest.raises(InputError, match=said):
        performance(**given)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    pytest.importorskip("mido")
    folder = tmp_path_factory.mktemp("written") / "set"
    some = ("flam", "single-paradiddle-diddle", "multiple_bounce_roll")
    return write(folder, players=4, tempi=2, cycles=2, rudiments=some, seed=7)


def test_folders_are_as_the_data_sets_writer_leaves_them(written: DataSet) -> None:
    import pyarrow.parquet as pq

    for name in ("samples", "strokes"):
        mine, wanted = (
            pq.read_table(root / "labels" / f"{name}.parquet").schema
            for root in (written.root, ANCHORS / "dataset")
        )
        assert mine.equals(wanted), name
    told, wanted = (
        json.loads((root / "splits.json").read_text()) for root in (written.root, ANCHORS / "dataset")
    )
    assert {name for name in wanted if name != "stats"} == {name for name in told if name != "stats"}
    assert [len(written.part(part)) for part in ("train", "val", "test")] == [12, 6, 6]
    assert {one.rudiment for one in written.performances} == {
        "flam",
        "single-paradiddle-diddle",
        "multiple-bounce-roll",
    }


def test_their_midi_files_are_the_strokes(written: DataSet) -> None:
    for one in written.part("test"):
        path, strokes = written.midi(one), written.strokes(one)
        assert path is not None
        assert strokes is not None
        time, velocity = notes(path)
        assert np.abs(time - np.maximum(strokes.time, 0)).max() < 1.8
        assert sorted(velocity) == sorted(strokes.velocity)


def test_the_same_seed_writes_the_same(written: DataSet, tmp_path: Path) -> None:
    some = ("flam", "single-paradiddle-diddle", "multiple-bounce-roll")
    again = write(tmp_path / "again", players=4, tempi=2, cycles=2, rudiments=some, seed=7, midi=False)
    assert again.performances == written.performances
    for one in again.performances[::5]:
        mine, theirs = again.strokes(one), written.strokes(one)
        assert mine is not None
        assert theirs is not None
        np.testing.assert_array_equal(mine.time, theirs.time)
    assert again.midi(again.performances[0]) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"players": 0}, "no players"),
        ({"tempi": 500}, "nothing to play, or too much"),
        ({"rudiments": []}, "nothing to play"),
        ({"rudiments": ["flam", "flam"]}, "nothing to play"),
        ({"rudiments": ["flan"]}, "no rudiment 'flan'"),
    ],
)
def test_folders_that_would_be_empty_are_refused(wrong: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        write(tmp_path / "set", **wrong)
    assert not (tmp_path / "set").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(InputError, match="a folder that is empty"):
        write(tmp_path, players=1, tempi=1)


def test_names_of_the_data_set_come_back() -> None:
    assert [rudiment(slug(name)) for name in RUDIMENTS] == list(RUDIMENTS)
    assert slug("single-paradiddle-diddle") == "paradiddle_diddle"
