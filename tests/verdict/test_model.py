"""A verdict as data: what is well, and JSON that every parser accepts."""

from __future__ import annotations

import json
import math

import pytest

from modelparity.verdict.bands import ACCEPTABLE, BANDS
from modelparity.verdict.judgement import Output
from modelparity.verdict.model import Verdict


def verdict(band="rounding", expected="rounding", **output):
    values = {"floors": 0.5, "got": 1.0, "want": 1.0, "difference": 0.0, **output}
    one = Output("y", band, shape=(2,), expected_shape=(2,), dtype="float32", **values)
    return Verdict("r", "c", "engine", band, expected, values["floors"], (one,), inputs={"length": None})


@pytest.mark.parametrize("expected", ACCEPTABLE)
@pytest.mark.parametrize("band", BANDS)
def test_well_is_what_is_no_worse_than_expected(band, expected):
    assert verdict(band, expected).ok == (BANDS.index(band) <= BANDS.index(expected))
    assert "wrong" not in ACCEPTABLE


def test_numbers_that_json_does_not_have_are_words():
    data = verdict(floors=math.inf, got=-math.inf, want=math.nan).to_json()
    assert (data["floors"], data["outputs"][0]["got"], data["outputs"][0]["want"]) == ("inf", "-inf", "nan")
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_json_says_whether_it_is_well_and_keeps_numbers():
    data = verdict().to_json()
    assert (data["ok"], data["floors"], data["inputs"], data["outputs"][0]["shape"]) == (
        True,
        0.5,
        {"length": None},
        [2],
    )
    assert verdict("wrong").to_json()["ok"] is False
