"""The picture of floors: a logarithmic axis with room for zero and for infinity."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from modelparity.report import document, picture


def marks(drawn: str) -> dict[str, float]:
    """Title of each mark -> its horizontal position."""
    found = {}
    svg = ElementTree.fromstring(drawn[drawn.index('<svg class="floors"') : drawn.rindex("</svg>") + 6])
    for group in svg.iter("g"):
        title = group.find("title")
        shape = group[1]
        x = shape.get("cx") or shape.get("x") or shape.get("points", "").split(",")[0]
        found[title.text] = float(x)
    return found


def test_a_row_a_model_and_a_mark_a_judged_case(report):
    drawn = picture.render(report)
    assert len(marks(drawn)) == 3
    assert drawn.count('class="name"') == 2


def test_more_floors_stand_further_right(make_case):
    values = [0.0, 1e-9, 0.05, 1.0, 4.0, 300.0, "inf"]
    cases = [make_case(f"a/m{i}", "torch", verdict={"floors": f}) for i, f in enumerate(values)]
    places = [x for _, x in sorted(marks(picture.render(document(cases))).items())]
    assert places == sorted(places)
    assert places[0] == places[1]
    assert places[-1] > places[-2]


def test_the_limit_is_drawn_where_rounding_ends(make_case):
    drawn = picture.render(
        {**document([make_case("a/b", "onnxruntime", verdict={"floors": 4.0})]), "limit": 4.0}
    )
    (mark,) = marks(drawn).values()
    limit = float(re.search(r'class="limit" x1="([0-9.]+)"', drawn)[1])
    assert abs(mark - limit) < 0.1
    assert "rounding ends: 4" in drawn


def test_failed_cases_look_different(report):
    assert picture.render(report).count("mark b1 bad") == 1


def test_names_are_escaped(make_case):
    drawn = picture.render(document([make_case("a/<b>&", "to<rch")]))
    assert "<b>" not in drawn
    assert "to<rch" not in drawn


def test_nothing_judged_gives_no_picture(make_case):
    assert picture.render(document([make_case("a/b", "torch", "skipped")])) == ""


def test_long_names_have_room_and_very_long_ones_keep_their_end(make_case):
    """At 11 pixels a character of a wide face is 6.9 wide on average."""
    for name in ("a/b", "family/" + "n" * 50, "family/" + "n" * 90 + "_7"):
        drawn = picture.render(document([make_case(name, "torch")]))
        anchor, text = re.search(
            r'class="name" x="(\d+)" y="[0-9.]+" text-anchor="end">([^<]+)<', drawn
        ).groups()
        assert float(anchor) >= 6.9 * len(text)
        assert name.endswith(text.removeprefix("…"))
        assert len(text) <= 64


def test_infinity_has_a_label_where_it_occurs(make_case):
    def labels(floors):
        drawn = picture.render(document([make_case("a/b", "torch", verdict={"floors": floors})]))
        return re.findall(r'class="tick"[^>]*>([^<]+)<', drawn)

    assert "∞" in labels("inf")
    assert "∞" not in labels(0.5)
    assert labels(0.5)[0] == "≤ 0.001"
