"""Pictures of a performance: what is drawn where, in which colour, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from modelparity.errors import InputError
from modelparity_families.sousa.encoding import NAMES
from modelparity_families.sousa.pictures import heat_map, kind_of, notation, timeline
from modelparity_families.sousa.rudiments import RUDIMENTS, rudiment
from modelparity_families.sousa.stickings import STICKINGS, sticking

matplotlib = pytest.importorskip("matplotlib")


def features(*names: str) -> np.ndarray:
    row = np.zeros(12)
    row[[NAMES.index(name) for name in names]] = 0.9
    return row


def test_a_stroke_has_the_colour_of_the_first_feature_that_holds() -> None:
    assert kind_of(features()) == "tap"
    assert kind_of(features("is_tap")) == "tap"
    assert kind_of(features("is_accent")) == "accent"
    assert kind_of(features("is_accent", "is_buzz")) == "buzz"
    assert kind_of(features("is_buzz", "is_diddle")) == "diddle"
    assert kind_of(features("is_buzz", "is_grace")) == "grace"


def test_the_timeline_has_a_line_for_each_onset() -> None:
    rows = np.stack([features("is_accent"), features(), features("is_accent"), features("is_buzz")])
    times = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    audio = np.sin(np.arange(22_050))
    figure = timeline(audio, 22_050, times, rows)
    assert figure.get_size_inches().tolist() == [12, 3]
    (axes,) = figure.axes
    wave, *lines = axes.lines
    assert [line.get_xdata()[0] for line in lines] == [0.1, 0.2, 0.3, 0.4]
    assert [line.get_color() for line in lines] == ["#E74C3C", "#4A90D9", "#E74C3C", "#9B59B6"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["accent", "tap", "buzz"]
    assert wave.get_color() == "#CCCCCC"
    assert max(wave.get_ydata()) == audio.max()
    assert len(wave.get_ydata()) <= 8000


def test_a_heat_map_has_a_line_for_each_feature_and_leaves_padding_out() -> None:
    rows = np.arange(40 * 12).reshape(40, 12)
    figure = heat_map(rows, 30)
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), rows[:30].T)
    assert axes.images[0].get_cmap().name == "YlOrRd"
    assert [text.get_text() for text in axes.get_yticklabels()] == list(NAMES)
    assert figure.get_size_inches()[0] == pytest.approx(9)
    assert not heat_map(rows, 0).axes[0].images


def test_figures_are_not_left_open() -> None:
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    heat_map(np.zeros((3, 12)))
    timeline(np.zeros(10), 22_050, np.zeros(0), np.zeros((0, 12)))
    assert pyplot.get_fignums() == before


def test_what_are_no_features_is_refused() -> None:
    for wrong in (np.zeros((3, 11)), np.zeros(12), np.full((2, 12), np.nan)):
        with pytest.raises(InputError, match="not features of strokes"):
            heat_map(wrong)


#: Where players of the recorded tables were so early or late that neighbours changed places.
SWAPPED = ("drag", "double-drag-tap", "single-drag-tap", "six-stroke-roll")


def test_stickings_are_those_of_the_generators_performances(recorded: Callable[[str], Any]) -> None:
    """Two cycles of each rudiment were generated; a bounce of a buzz is no stroke of the pattern."""
    tables = recorded("encoding")
    slugs = {key.split("/")[1] for key in tables if key.startswith("made/")}
    assert {rudiment(slug) for slug in slugs} == set(STICKINGS) == set(RUDIMENTS)
    for slug in slugs:
        name = rudiment(slug)
        hands, kinds, graces = (
            tables[f"made/{slug}/{one}"] for one in ("hand", "stroke_type", "is_grace_note")
        )
        rows = [
            (str(hand), str(kind))
            for hand, kind, grace in zip(hands, kinds, graces, strict=True)
            if not (kind == "buzz" and grace)
        ]
        ours = [(one.hand, one.kind) for one in sticking(name)]
        assert Counter(rows) == Counter(2 * ours), name
        assert name in SWAPPED or rows[: len(ours)] == ours, name


def test_every_rudiment_has_a_picture() -> None:
    for name in ("single-drag-tap", "multiple_bounce_roll"):
        (axes,) = notation(name).axes
        letters = [text.get_text() for text in axes.texts if text.get_text() in "RLrl"]
        wanted = [one.hand.lower() if one.kind == "grace" else one.hand for one in sticking(name)]
        assert letters == wanted
    accents = [text for text in notation("flam").axes[0].texts if text.get_text() == ">"]
    assert len(accents) == 2
    with pytest.raises(InputError, match=r"(?s)'paradidle'"):
        notation("paradidle")
