"""Pictures of stages: valid SVG whatever the numbers are; with a candidate the difference is drawn and said."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from modelparity.report.stage_picture import Mark, picture


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((0,)),
        np.zeros((0, 5)),
        np.float64(3),
        np.full(10, np.nan),
        np.array([np.inf, 1.0, -np.inf]),
        np.arange(5000, dtype=np.int16),
        np.random.default_rng(0).random((3000, 700)),
        np.random.default_rng(0).random((5, 3, 8)),
        {"log_1024": np.ones((4, 20)), "log_2048": np.ones((4, 2))},
        [],
        [Mark(0.5, 0.5), Mark(1.0, 1.0, 60.0)],
        [Mark(0.0, 1.0, None, "C:maj & <b>")],
    ],
)
def test_whatever_it_is_it_is_a_picture(value):
    for drawn in (picture("a <stage>", value), picture("a <stage>", value, value)):
        assert ET.fromstring(drawn).tag.endswith("svg")
        assert len(drawn) < 2_000_000
    assert not re.search(r'"-?(nan|inf)', drawn)


def test_an_image_shows_every_number_in_its_place():
    image = pytest.importorskip("PIL.Image")
    table = np.zeros((300, 80))
    table[100, 20] = 1.0
    code = re.search(r"base64,([^\"]*)", picture("x", table))
    pixels = np.asarray(image.open(io.BytesIO(base64.b64decode(code[1]))).convert("RGB")).astype(int)
    assert pixels.shape == (80, 300, 3)
    brightest = np.unravel_index(pixels.sum(axis=2).argmax(), (80, 300))
    assert brightest == (79 - 20, 100)  # the first row is at the bottom


def test_a_peak_between_two_pixels_is_not_lost():
    image = pytest.importorskip("PIL.Image")
    table = np.zeros((50_000, 80))
    table[31_417, 20] = 1.0
    code = re.search(r"base64,([^\"]*)", picture("x", table))
    pixels = np.asarray(image.open(io.BytesIO(base64.b64decode(code[1]))).convert("RGB")).astype(int)
    assert (pixels.sum(axis=2) > 400).sum() == 1


def test_the_difference_is_drawn_and_said():
    table = np.random.default_rng(0).random((50, 20))
    other = table.copy()
    other[7, 3] += 0.25
    drawn = picture("features", table, other)
    assert drawn.count("<image") == 3
    assert "the difference, 0.25 at most" in drawn
    assert "of another shape" in picture("features", table, table[1:])


def test_what_is_missing_and_what_is_beyond_is_drawn():
    ours, theirs = [Mark(0.5, 0.5), Mark(1.0, 1.0)], [Mark(0.5, 0.5), Mark(1.2, 1.2)]
    drawn = picture("events", ours, theirs)
    assert "missing 1" in drawn
    assert "beyond the reference 1" in drawn
