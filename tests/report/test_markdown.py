"""The Markdown view: complete, and nothing in it breaks out of its place."""

from __future__ import annotations

from modelparity.report import document, markdown


def test_table_failures_skips_and_environment(report):
    text = markdown.render(report)
    assert "2 passed, 1 failed, 1 skipped" in text
    assert "| toy/b | 2 | reduced inf (ill) | wrong 3120, 1 of 1 FAILED |" in text
    assert "```\nwrong: look <here>\n```" in text
    assert "- 1 skipped: torch is not installed: pip install torch" in text
    assert "## Environment" in text


def test_a_message_with_fences_stays_within_its_fence(make_case):
    text = markdown.render(document([make_case("a/b", "torch", "failed", message="````\n# not a heading")]))
    assert "`````\n````\n# not a heading\n`````" in text


def test_pipes_tags_and_line_breaks_are_escaped(make_case):
    case = make_case("a|b/<i>c", "torch", "skipped", reason="two\nlines | *bold*")
    text = markdown.render(document([case]))
    assert "| a\\|b |" in text
    assert "<i>" not in text
    assert "two lines \\| \\*bold\\*" in text


def test_nothing_ran():
    assert "0 passed" in markdown.render(document([]))
