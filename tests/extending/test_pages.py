"""The pages on extending this package: short examples, and tables that name what there is."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import modelparity
from modelparity.discovery import Handlers, module_names

from .conftest import PAGES, example

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


def test_the_table_of_groups_names_every_table_of_the_formats():
    rows = re.findall(
        r"^\| `(modelparity\.formats\.[\w.]+)` \| `([\w.]+)` \|", PAGES["operator"].read_text(), re.M
    )
    for group, marker in rows:
        module, _, name = marker.rpartition(".")
        assert callable(vars(importlib.import_module(module))[name])
        assert module_names(group)
        tables = [one for one in vars(importlib.import_module(module)).values() if isinstance(one, Handlers)]
        assert [one.package for one in tables] == [group]
    made = [path for path in SOURCES.rglob("*.py") if re.search(r"= Handlers\[", path.read_text())]
    own = [path for path in made if path.parent.name != "discovery"]
    assert len(rows) == len(own), sorted(str(path) for path in own)
