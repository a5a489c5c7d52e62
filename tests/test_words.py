"""Plain English where a person reads it: in messages, which are strings of the sources, and on pages of the docs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(page for page in sorted(ROOT.glob("*.md")) if page.name != "CHANGELOG.md"),
]
#: What is not written, and what is written instead.
WORDS = {
    r"cannot be": "what is wrong: not readable, not valid, out of range, with found= and expected=",
    r"(hold|holds|held|holding)\b[^.:;]{0,60}\bagainst": "compare with",
    r"tells? nothing": "says nothing",
    r"\d floors|in floors|many floors": "times what rounding can explain, or times the floor",
}


def strings(path):
    """(line, text) of every string of a source that is no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def told(text, *, where):
    """What is to be changed in a text, a line each."""
    for pattern, instead in WORDS.items():
        for found in re.finditer(pattern, re.sub(r"\s+", " ", text), re.IGNORECASE):
            yield f"{where}: {found[0]!r}; write: {instead}"


def test_messages_are_plain():
    wrong = [
        one
        for path in SOURCES
        for line, text in strings(path)
        for one in told(text, where=f"{path.relative_to(ROOT)}:{line}")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_are_plain(path):
    wrong = list(told(path.read_text(encoding="utf-8"), where=path.relative_to(ROOT)))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("weights cannot be read", 1),
        ("The file is held\nagainst its source", 1),
        ("off by 267 floors", 1),
        ("off by 267 times what rounding can explain", 0),
        ("indices broadcast against each other", 0),
    ],
)
def test_the_words_are_found(text, count):
    assert len(list(told(text, where="here"))) == count
