"""Strokes as features: what the original computed of 48 tables, and tables that are wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.sousa.encoding import NAMES, encoded, padded, raw_onsets
from modelparity_families.sousa.rudiments import RUDIMENTS, number, rudiment
from modelparity_families.sousa.strokes import Strokes

Load = Callable[..., Any]
HAND = (
    "every_type",
    "exact_grid",
    "starts_before_zero",
    "one_stroke",
    "unknown_type",
    "fractional_tempo",
    "three_hundred",
    "no_buzz_column",
)


def tables(recorded: Load) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for key, array in recorded("encoding").items():
        name, _, column = key.rpartition("/")
        found.setdefault(name, {})[column] = array
    return found


def test_every_table_is_encoded_as_the_original_does(recorded: Load) -> None:
    found = tables(recorded)
    assert {name.removeprefix("hand/") for name in found if name.startswith("hand/")} == set(HAND)
    assert {rudiment(name.removeprefix("made/")) for name in found if "made/" in name} == set(RUDIMENTS)
    for name, table in found.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            strokes = Strokes.of(table, unknown="warning")
        got = encoded(strokes, float(table["tempo_bpm"]))
        assert got.dtype == np.float32
        for place, column in enumerate(NAMES):
            off = np.abs(got[:, place] - table["features"][:, place]).max()
            assert off <= 3e-8, f"{name}, {column}: {off}"


def test_positions_end_on_the_same_side_of_a_beat(recorded: Load) -> None:
    """Sums of intervals reach a beat one rounding too early here and there: 1.0 where a fraction would say 0."""
    table = tables(recorded)["hand/exact_grid"]
    got = encoded(Strokes.of(table), float(table["tempo_bpm"]))[:, NAMES.index("position_in_beat")]
    assert (got == 1.0).any()
    np.testing.assert_array_equal(got, table["features"][:, NAMES.index("position_in_beat")])


@pytest.fixture
def table() -> dict[str, Any]:
    return {
        "actual_time_ms": [100.0, 0.0, 200.0],
        "actual_velocity": [127, 64, 0],
        "is_grace_note": [False, False, True],
        "is_accent": [True, False, False],
        "stroke_type": ["accent", "tap", "grace"],
        "hand": ["R", "L", "R"],
        "flam_spacing_ms": [None, None, 25.0],
    }


def test_rows_are_taken_in_order_of_time_and_ties_stay(table: dict[str, Any]) -> None:
    got = encoded(Strokes.of(table), 120)
    np.testing.assert_allclose(got[:, 0], [0, 0.2, 0.2], rtol=1e-6)
    assert got[:, NAMES.index("is_tap")].tolist() == [1, 0, 0]
    assert got[:, NAMES.index("hand_R")].tolist() == [0, 1, 1]
    np.testing.assert_allclose(got[:, NAMES.index("norm_flam_spacing")], [0, 0, 0.05])
    tied = {**table, "actual_time_ms": [5.0, 5.0, 5.0]}
    assert Strokes.of(tied).kind.tolist() == ["accent", "tap", "grace"]


class NotAvailable:
    """As pandas has it: neither true nor false where it is compared."""

    def __eq__(self, other: object) -> Any:
        return self

    def __ne__(self, other: object) -> Any:
        return self

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __repr__(self) -> str:
        return "<NA>"

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("column", ["diddle_position", "flam_spacing_ms", "buzz_count"])
@pytest.mark.parametrize("empty", [None, float("nan"), NotAvailable(), "absent"])
def test_columns_that_are_null_everywhere_are_zeros(table: dict[str, Any], column: str, empty: Any) -> None:
    table = {name: one for name, one in table.items() if name != "flam_spacing_ms"}
    wanted = encoded(Strokes.of(table), 100)
    if not isinstance(empty, str):
        table[column] = np.array([empty] * 3, object)
    np.testing.assert_array_equal(encoded(Strokes.of(table), 100), wanted)


def test_a_stroke_of_no_known_type_is_an_error_or_a_warning(table: dict[str, Any]) -> None:
    strange = {**table, "stroke_type": ["accent", "flam", "grace"]}
    with pytest.raises(InputError, match=r"(?s)there.*'flam' is no type of stroke.*tap, accent, grace"):
        Strokes.of(strange, where="there")
    with pytest.warns(UserWarning, match="'flam' is no type of stroke"):
        strokes = Strokes.of(strange, unknown="warning")
    assert encoded(strokes, 120)[0, [2, 3, 4, 5, 10]].tolist() == [0] * 5


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("hand", None, r"(?s)no column 'hand'"),
        ("hand", ["R", "X", "L"], r"(?s)hand 'X' is unknown.*R or L"),
        ("actual_time_ms", [0.0, np.nan, 1.0], r"'actual_time_ms' is not finite"),
        ("actual_velocity", [0, 1, 128], r"(?s)out of range.*128.*0 to 127"),
        ("actual_velocity", [0, 1], r"'actual_velocity' has another length"),
        ("buzz_count", ["a", "b", "c"], r"'buzz_count' is not of numbers"),
        ("is_accent", [0, 1, 2], r"'is_accent' is not true or false"),
        ("is_accent", [None, True, False], r"'is_accent' is not finite"),
    ],
)
def test_wrong_tables_are_refused(table: dict[str, Any], column: str, value: Any, said: str) -> None:
    wrong = {name: one for name, one in table.items() if name != column}
    if value is not None:
        wrong[column] = value
    with pytest.raises(InputError, match=said):
        Strokes.of(wrong)


@pytest.mark.parametrize("tempo", [0, -10, float("nan"), float("inf")])
def test_a_tempo_that_is_none_is_refused(table: dict[str, Any], tempo: float) -> None:
    with pytest.raises(InputError, match="a tempo is a number above 0"):
        encoded(Strokes.of(table), tempo)


def test_raw_onsets_and_padding() -> None:
    raw = raw_onsets(np.array([10.0, 35.0, 30.0]), np.array([127, 0, 63.5]), 90)
    np.testing.assert_array_equal(raw, np.float32([[0, 1, 90], [25, 0, 90], [-5, 0.5, 90]]))
    rows, mask = padded(raw, 5)
    assert mask.tolist() == [1, 1, 1, 0, 0]
    assert not rows[3:].any()
    rows, mask = padded(raw, 2)
    assert rows.shape == (2, 3)
    assert mask.tolist() == [1, 1]


def test_rudiments_have_the_originals_numbers_and_spellings() -> None:
    assert len(RUDIMENTS) == 40
    assert list(RUDIMENTS) == sorted(RUDIMENTS)
    assert [number(one) for one in ("double_drag_tap", "flam", "triple-stroke-roll")] == [0, 10, 39]
    assert rudiment("paradiddle_diddle") == "single-paradiddle-diddle"
    with pytest.raises(InputError, match=r"(?s)'single_paradidle'.*single-paradiddle"):
        rudiment("single_paradidle")
