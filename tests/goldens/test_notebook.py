"""What a notebook shows: well-formed, escaped, of bounded size, readable on light and dark ground."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from modelparity import Golden, Graph, golden
from modelparity.goldens.notebook import COLOURS, LEFT, UPPER, WIDTH, drawing


def elements(html: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(html).iter())


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_a_golden_shows_what_it_is(dense: Graph, lstm: Graph) -> None:
    html = golden(dense, recipe="features", seed=5)._repr_html_()
    text = " ".join(ElementTree.fromstring(html).itertext())
    for said in (
        "Golden small/dense",
        "features, seed 5, 100 frames",
        "(100, 3) float32",
        "(100, 2) float64",
        "32 perturbed runs, well-conditioned",
        "dense.pkl (madmom)",
        dense.hash[:16],
        "modelparity",
    ):
        assert said in text
    assert golden(lstm)._repr_html_().count("<svg") == 2


def test_a_line_is_drawn_where_the_values_are(gold: Golden) -> None:
    y = np.array([0.0, 1.0, 0.5])
    paths = [
        e.get("d", "") for e in elements(drawing("y", y, np.full(3, 1e-7))) if e.get("stroke") in COLOURS
    ]
    right = WIDTH - 8
    assert paths == [f"M{LEFT}.0 {8 + UPPER}.0L{(LEFT + right) / 2:.1f} 8.0L{right}.0 {8 + UPPER / 2}"]


def test_the_band_shows_once_it_can_be_seen() -> None:
    y = np.linspace(0, 1, 50)
    for floor, bands in ((1e-7, 0), (0.05, 1)):
        svg = drawing("y", y, np.full(50, floor))
        assert sum(e.get("fill") in COLOURS for e in elements(svg)) == bands
    assert ">1e-7<" in drawing("y", y, np.full(50, 1e-7))


@pytest.mark.parametrize(
    "output",
    [
        np.zeros(()),
        np.zeros((0, 3)),
        np.zeros(1),
        np.zeros((5, 2)),
        np.full(9, np.nan),
        np.arange(12),
        np.array([1.0, np.nan, 2.0, np.inf, 3.0]),
        np.ones((4, 3, 5)) * 1e300,
        np.array([True, False]),
    ],
)
@pytest.mark.parametrize("floor", [0.0, 1e-7, np.inf])
def test_any_output_is_drawn_or_left_out(output: np.ndarray, floor: float) -> None:
    svg = drawing("y", output, np.full(output.shape, floor))
    if output.size and output.ndim:
        assert elements(svg)
    else:
        assert svg == ""
    assert not re.search(r"\d(nan|inf)|[ML]\s*(nan|inf)|\b(nan|inf) \d", svg)


def test_long_and_wide_outputs_stay_small() -> None:
    y = np.random.default_rng(1).standard_normal((20_000, 88))
    svg = drawing("y", y, np.abs(y) * 1e-7)
    assert len(svg) < 60_000
    assert "4 of 88 channels" in svg


def test_names_are_escaped(gold: Golden) -> None:
    about = {**gold.provenance, "model": "<script>alert(1)</script>", "source_name": '"><b>'}
    outputs = {"<i>": gold.outputs["y"]}
    floor = type(gold.floor)("float32", {"<i>": gold.floor.outputs["y"]}, 8, "well", {"<i>": 1.0})
    html = Golden(gold.inputs, outputs, floor, about, gold.weights)._repr_html_()
    assert "<script" not in html
    assert "<i>" not in html
    assert elements(html)


def test_colours_stand_on_light_and_dark_ground(gold: Golden) -> None:
    for colour in COLOURS:
        level = luminance(colour)
        assert 1.05 / (level + 0.05) >= 3
        assert (level + 0.05) / (luminance("#1e1e1e") + 0.05) >= 3
    html = gold._repr_html_()
    used = set(re.findall(r"#[0-9a-f]{6}", html))
    assert used <= set(COLOURS)
    assert {e.get("fill") for e in elements(html) if e.tag == "text"} == {"currentColor"}
