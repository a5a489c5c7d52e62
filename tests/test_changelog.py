"""Fragments of the changelog: each has a type that is known, and says what is true of this state of the sources."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "changelog.d"
TOWNCRIER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]
TYPES = {one["directory"] for one in TOWNCRIER["type"]}
FRAGMENTS = sorted(path for path in FOLDER.iterdir() if path.name not in TOWNCRIER["ignore"])
#: A row of a table of modules that have moved: old name, new name.
ROW = re.compile(r"^\| `(modelparity[\w.]*)` \| `(modelparity[\w.]*)` \|$", re.MULTILINE)
MOVED = [
    pair for path in FRAGMENTS if ".moved." in path.name for pair in ROW.findall(path.read_text("utf-8"))
]


def name_of(path):
    return path.name


@pytest.mark.parametrize("path", FRAGMENTS, ids=name_of)
def test_a_fragment_has_a_known_type_and_says_something(path):
    parts = re.fullmatch(r"\+[a-z0-9-]+\.([a-z]+)\.md", path.name)
    assert parts, "a fragment is called +name.type.md"
    assert parts[1] in TYPES, f"{parts[1]!r} is none of {sorted(TYPES)}"
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert re.search(r"\w\.(\s|$)", text), "a fragment says in a sentence what holds now"


@pytest.mark.parametrize(("old", "new"), MOVED)
def test_a_module_that_moved_is_found_at_its_new_name(old, new):
    assert importlib.util.find_spec(new) is not None, f"{old} was said to be {new}, which is not there"
    there = importlib.util.find_spec(old) if importlib.util.find_spec(old.rpartition(".")[0]) else None
    assert there is None or there.submodule_search_locations, f"{old} is still a module"


def test_the_readme_of_the_fragments_names_every_type():
    words = set(re.findall(r"`([a-z]+)`", (FOLDER / "README.md").read_text(encoding="utf-8")))
    assert words >= TYPES


def drafted(root):
    command = [
        sys.executable,
        "-m",
        "towncrier",
        "build",
        "--draft",
        "--version",
        "9.9",
        "--date",
        "2026-01-01",
    ]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(tmp_path):
    pytest.importorskip("towncrier", reason="pip install 'modelparity[lint]'")
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    shutil.copy2(ROOT / "CHANGELOG.md", tmp_path)
    shutil.copytree(FOLDER, tmp_path / "changelog.d")
    return tmp_path


def test_towncrier_joins_all_of_them(copied):
    done = drafted(copied)
    assert done.returncode == 0, done.stderr
    assert "## 9.9 (2026-01-01)" in done.stdout
    for path in FRAGMENTS:
        assert path.read_text(encoding="utf-8").splitlines()[0] in done.stdout, path.name


def test_towncrier_refuses_an_unknown_type(copied):
    (copied / "changelog.d" / "+odd.nonsense.md").write_text("Something odd.\n", encoding="utf-8")
    done = drafted(copied)
    assert done.returncode != 0
    assert "+odd.nonsense.md" in done.stdout + done.stderr
