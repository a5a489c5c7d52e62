"""The pages on extending this package: short examples, and tables that name what there is."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import modelparity
from modelparity.discovery import Handlers, module_names

from .conftest import PAGES, ROOT, example

SOURCES = Path(modelparity.__file__).parent
KINDS = ("family", "format", "operator", "runtime")


def test_each_kind_has_a_page():
    assert tuple(PAGES) == KINDS


@pytest.mark.parametrize("page", KINDS)
def test_an_example_is_short_and_whole(page):
    files = example(page)
    assert "pyproject.toml" in files
    assert sum(len(text.splitlines()) + 1 for text in files.values()) <= 40


@pytest.mark.parametrize("page", KINDS)
def test_the_overview_names_the_group_that_the_example_uses(page):
    overview = (PAGES[page].parent / "README.md").read_text()
    groups = re.findall(r'\[project\.entry-points\."([\w.]+)"\]', example(page)["pyproject.toml"])
    assert f"`{groups[0]}`" in overview
    assert f"({page}.md)" in overview


@pytest.mark.parametrize("page", KINDS)
def test_an_example_imports_what_is_public(page):
    public = (ROOT / "docs" / "public.md").read_text()
    listed = {*re.findall(r"^\| `(modelparity[\w.]*)`", public, re.M), "modelparity"}
    listed |= {mark.rpartition(".")[0] for _, mark in marks()}
    taken = re.findall(r"^\s*(?:from|import) (modelparity[\w.]*)", "\n".join(example(page).values()), re.M)
    assert taken
    assert set(taken) <= listed


def marks():
    """(group, mark) of each row of the table of operators' page."""
    pattern = r"^\| `(modelparity\.formats\.[\w.]+)` \| `([\w.]+)` \|"
    return re.findall(pattern, PAGES["operator"].read_text(), re.M)


def groups():
    """The packages of all tables of the formats, as their sources say."""
    for path in SOURCES.rglob("*.py"):
        found = re.findall(
            r'^\w+ = (?:Handlers|Lowerings)\[.*f"\{__package__\}\.(\w+)"', path.read_text(), re.M
        )
        here = ".".join(("modelparity", *path.parent.relative_to(SOURCES).parts))
        yield from (f"{here}.{name}" for name in found)


def test_the_table_of_groups_names_every_table_of_the_formats():
    rows = marks()
    for group, marker in rows:
        module, _, name = marker.rpartition(".")
        own = vars(importlib.import_module(module))
        assert callable(own[name])
        assert module_names(group)
        assert group in [one.package for one in own.values() if isinstance(one, Handlers)]
    assert {group for group, _ in rows} == set(groups())
    assert len(rows) > 9
