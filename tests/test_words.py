"""Plain English where a person reads it: in messages, docstrings, comments, and on pages of the docs."""

from __future__ import annotations

import ast
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
SWIFT = sorted((ROOT / "swift" / "Sources").rglob("*.swift"))
PAGES = [
    *sorted((ROOT / "docs").rglob("*.md")),
    *(page for page in sorted(ROOT.glob("*.md")) if page.name != "CHANGELOG.md"),
]
#: What is not written, and what is written instead.
WORDS = {
    r"cannot be": "what is wrong: not readable, not valid, out of range, with found= and expected=",
    r"(hold|holds|held|holding)\b[^.:;]{0,60}\bagainst": "compare with",
    r"tells? nothing": "says nothing",
}
#: In code a floor is a unit; a person who reads a message needs to be told what it is.
UNITS = {r"\d floors|in floors|many floors": "times what rounding can explain, or times the floor"}


def strings(path):
    """(line, text, words that are not written there) of every string and comment of a source that may have one."""
    if not any(told(re.sub(r"[\s#:'\"]+", " ", path.read_text(encoding="utf-8")), where=path)):
        return  # which spares most files being taken apart
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value, WORDS if id(node) in docs else WORDS | UNITS
    yield from ((line, text, WORDS) for line, text in comments(path))


def comments(path):
    """(first line, text) of every run of comment lines, which are read as one."""
    start, last, texts = 0, -1, []
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type != tokenize.COMMENT:
                continue
            line = token.start[0]
            if line != last + 1 and texts:
                yield start, " ".join(texts)
                texts = []
            start = start if texts else line
            texts.append(token.string.lstrip("#: "))
            last = line
    if texts:
        yield start, " ".join(texts)


def told(text, *, where, words=WORDS | UNITS):
    """What is to be changed in a text, a line each."""
    for pattern, instead in words.items():
        for found in re.finditer(pattern, re.sub(r"\s+", " ", text), re.IGNORECASE):
            yield f"{where}: {found[0]!r}; write: {instead}"


def test_sources_are_plain():
    wrong = [
        one
        for path in SOURCES
        for line, text, words in strings(path)
        for one in told(text, where=f"{path.relative_to(ROOT)}:{line}", words=words)
    ]
    assert not wrong, "\n".join(wrong)


def test_comments_are_read_across_lines(tmp_path):
    source = tmp_path / "source.py"
    source.write_text('x = 1  # one\n#: two that cannot\n#: be\n\n# three\ny = "# none"\n')
    assert list(comments(source)) == [(1, "one two that cannot be"), (5, "three")]


@pytest.mark.parametrize("path", SWIFT, ids=lambda path: path.stem)
def test_swift_sources_are_plain(path):
    text = re.sub(r"\n\s*///? ?", "\n", path.read_text(encoding="utf-8"))
    wrong = list(told(text, where=path.relative_to(ROOT), words=WORDS))
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
