"""CONTRIBUTING.md names files, commands and folders that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:src|tests|docs)/[^`]*|[\w.]+\.(?:toml|md))`", TEXT)))
LINKS = sorted(set(re.findall(r"\]\(([^)]+)\)", TEXT)))


@pytest.mark.parametrize("path", PATHS)
def test_a_file_that_is_named_is_there(path):
    """Of a file or folder that is to be made, the folder that it comes into is there."""
    there = ROOT / path if "NAME" not in path else ROOT / path.partition("NAME")[0]
    assert (there if there.suffix or path.endswith("/") else there.parent).exists()


@pytest.mark.parametrize("link", LINKS)
def test_a_link_leads_somewhere(link):
    assert (ROOT / link).exists()


def test_commands_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^    )make ([a-z-]+)", TEXT, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"no target {target}"


def test_it_is_short():
    assert len(TEXT.splitlines()) < 120
