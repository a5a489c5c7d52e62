"""Building the bridge: where sources are found, what is kept, and what is said when it fails."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from modelparity.errors import RuntimeFailure, Unavailable
from modelparity.runtimes.bridge import building, finding, sources

#: A driver that answers as Swift does, and does what the sources' first line says.
DRIVER = """#!/bin/sh
if [ "$1" = --version ]; then echo "Swift version 6.9 (made up)"; exit 0; fi
while [ $# -gt 0 ]; do
  case "$1" in --package-path) from=$2;; --scratch-path) to=$2;; esac
  shift
done
echo "run" >> "$from/../runs"
echo "[1/2] Compiling one"
echo "[2/2] Linking {library}"
case "$(head -n 1 "$from/Package.swift")" in
  *wrong*) echo "a.swift:3:5: error: cannot find 'nothing' in scope"; exit 1;;
  *nothing*) exit 0;;
  *endless*) sleep 60; exit 0;;
esac
mkdir -p "$to/release" && cp "$from/Package.swift" "$to/release/{library}"
"""


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A folder of sources, a driver, a cache."""
    folder = tmp_path / "tree"
    (folder / "swift" / "Sources" / "A").mkdir(parents=True)
    (folder / "Package.swift").write_text("// well\n")
    (folder / "swift" / "Sources" / "A" / "a.swift").write_text("let a = 1\n")
    driver = tmp_path / "bin" / "swift"
    driver.parent.mkdir()
    driver.write_text(DRIVER.replace("{library}", finding.file_name()))
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", f"{driver.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(finding.VARIABLE, raising=False)
    monkeypatch.setattr(sources, "root", lambda: folder)
    return folder


def runs(tree):
    file = tree.parent / "runs"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_it_is_built_once_for_each_state_of_the_sources(tree):
    told = []
    first = building.build(lambda *step: told.append(step))
    assert first.read_text() == "// well\n"
    assert told == [("Compiling one", 1, 2), (f"Linking {finding.file_name()}", 2, 2)]
    assert finding.library() == first
    assert building.build() == first
    assert runs(tree) == 1
    (tree / "swift" / "Sources" / "A" / "a.swift").write_text("let a = 22\n")
    with pytest.raises(Unavailable, match="built from other sources: modelparity bridge build"):
        finding.library()
    second = building.build()
    assert second != first
    assert finding.library() == second
    assert runs(tree) == 2


def test_a_test_or_a_document_is_no_source(tree):
    before = sources.digest(tree)
    (tree / "swift" / "Tests").mkdir()
    (tree / "swift" / "Tests" / "t.swift").write_text("1")
    assert sources.digest(tree) == before
    (tree / "swift" / "Sources" / "b.h").write_text("int b;")
    assert sources.digest(tree) != before


def test_what_the_compiler_said_is_shown(tree):
    (tree / "Package.swift").write_text("// wrong\n")
    with pytest.raises(
        RuntimeFailure, match=r"does not compile[\s\S]*cannot find 'nothing' in scope[\s\S]*swift build"
    ):
        building.build()
    assert not list(finding.builds().glob(f"*/{finding.file_name()}")), (
        "nothing is left that could be taken for it"
    )


def test_a_build_that_gives_nothing(tree):
    (tree / "Package.swift").write_text("// nothing\n")
    with pytest.raises(RuntimeFailure, match="built no library"):
        building.build()


def test_a_build_that_does_not_end(tree, monkeypatch):
    monkeypatch.setattr(building, "LIMIT", 0.5)
    (tree / "Package.swift").write_text("// endless\n")
    start = time.monotonic()
    with pytest.raises(RuntimeFailure, match=r"did not end within 0.5 seconds[\s\S]*Linking"):
        building.build()
    assert time.monotonic() - start < 30, "what the driver started was ended with it"


def test_an_interrupted_build_leaves_nothing(tree):
    def interrupt(*step):
        raise KeyboardInterrupt

    (tree / "Package.swift").write_text("// endless\n")
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        building.build(interrupt)
    assert time.monotonic() - start < 30
    with pytest.raises(Unavailable, match="is not built"):
        finding.library()


def test_only_the_newest_builds_are_kept(tree):
    for turn in range(6):
        (tree / "swift" / "Sources" / "A" / "a.swift").write_text(f"let a = {turn}00\n" + turn * " ")
        last = building.build()
        time.sleep(0.01)
    left = list(finding.builds().glob(f"*/{finding.file_name()}"))
    assert len(left) == building.KEPT
    assert last in left


def test_without_swift(tree, monkeypatch):
    monkeypatch.setattr(building, "swift", lambda: None)
    with pytest.raises(Unavailable, match="Swift is not installed"):
        building.build()


@pytest.mark.parametrize("text", ["#!/bin/sh\necho broken >&2; exit 1\n", "no program\n"])
def test_a_swift_that_does_not_work(tree, text):
    Path(shutil.which("swift")).write_text(text)
    with pytest.raises(Unavailable, match=r"Swift does not (work|answer)"):
        building.build()


def test_a_cache_that_cannot_be_written(tree, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "file"))
    with pytest.raises((RuntimeFailure, Unavailable)):
        building.build()


def test_sources_come_from_the_checkout_or_the_package(monkeypatch, tmp_path):
    found = sources.root()
    assert (found / "Package.swift").is_file()
    assert sources.header().name == "modelparity.h"
    monkeypatch.setattr(sources, "PACKED", tmp_path)
    monkeypatch.setattr(sources, "__file__", str(tmp_path / "a" / "b" / "c" / "d" / "sources.py"))
    with pytest.raises(Unavailable, match="install modelparity again"):
        sources.root()
    (tmp_path / sources.HEADER).parent.mkdir(parents=True)
    (tmp_path / sources.HEADER).touch()
    (tmp_path / "Package.swift").touch()
    assert sources.root() == tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="the real build is tested where the stand-in is")
def test_the_real_one_is_a_library(built):
    assert built.read_bytes()[:4] == b"\x7fELF"
