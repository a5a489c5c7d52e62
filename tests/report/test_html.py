"""The page: whole, self-contained, escaped, readable by machines and by people who do not see it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from modelparity.report import document, html

VOID = {"meta", "input", "line", "circle", "rect", "polygon", "br", "wbr"}


class Tree(HTMLParser):
    """Checks that tags nest, and keeps what a test asks about."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def parsed(page: str) -> Tree:
    tree = Tree()
    tree.feed(page)
    tree.close()
    assert not tree.open
    return tree


def test_tags_nest_and_every_case_has_a_row(report):
    tree = parsed(html.render(report))
    rows = [attrs for tag, attrs in tree.seen if tag == "tr"]
    assert len(rows) == 1 + 2 + 1 + 4
    for case in report["cases"]:
        assert case["model"] in tree.text


def test_failures_and_skips_are_shown_with_their_words(report):
    text = parsed(html.render(report)).text
    assert "wrong: look <here>" in text
    assert "1 skipped: torch is not installed: pip install torch" in text
    assert "references: 2 computed live" in text


def test_nothing_is_loaded_from_anywhere(report):
    page = html.render(report)
    assert not re.search(r"(src|href|@import|url\()", page.replace("search", ""))
    assert "http" not in page


def test_light_and_dark_and_accessible(report):
    page = html.render(report)
    assert "prefers-color-scheme:dark" in page
    tree = parsed(page)
    assert {"lang": "en"} in [attrs for tag, attrs in tree.seen if tag == "html"]
    assert all("scope" in attrs for tag, attrs in tree.seen if tag == "th")
    assert any(tag == "label" and attrs.get("for") == "filter" for tag, attrs in tree.seen)
    assert page.count("<caption>") == page.count("<table")
    assert 'role="img"' in page


EVIL = '<script>alert("1")</script>&\'"'


@pytest.mark.parametrize(
    "field", ["id", "model", "group", "backend", "recipe", "message", "reason", "reference"]
)
def test_everything_from_outside_is_escaped(make_case, field):
    case = make_case("a/b", "torch", "failed", message="m") | {field: EVIL}
    cases = [case] if field != "reason" else [case, make_case("a/c", "torch", "skipped", reason=EVIL)]
    page = html.render(document(cases, [EVIL]))
    assert EVIL not in page
    assert "<script>alert" not in page
    assert '"1"' not in page
    parsed(page)


def test_verdict_fields_are_escaped(make_case):
    page = html.render(document([make_case("a/b", "torch", verdict={"where": EVIL, "band": "wrong"})]))
    assert "<script>alert" not in page


def test_an_empty_report_is_a_page_too():
    assert "Parity report" in parsed(html.render(document([]))).text
