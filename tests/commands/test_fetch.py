"""``modelparity fetch``: where the networks lie, and what stops it; progress in each of its three forms."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from modelparity.errors import Unavailable
from modelparity.family import Family as Base, progress


class Family(Base):
    name = "far"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def models(self):
        return ()

    def fetch(self, progress=None):
        progress("downloading", 0, 0)
        progress("taking out", 1, 2)
        if self.error is not None:
            raise self.error
        return Path("cache/far")


@pytest.fixture
def known(monkeypatch):
    families: dict[str, Family] = {"far": Family()}
    monkeypatch.setattr("modelparity.family.families", lambda: families)
    return families


def test_the_place_is_said(modelparity, known):
    done = modelparity("fetch", "far")
    assert done.code == 0
    assert "far: 0 models in cache/far" in done.out
    assert "fetching far" in done.err


def test_what_stops_it_is_2(modelparity, known):
    known["far"] = Family(Unavailable("no way there", fix="put the archive into the cache"))
    done = modelparity("fetch", "far")
    assert done.code == 2
    assert "put the archive into the cache" in done.err
    assert "done" not in done.err
    assert "Traceback" not in done.err


def test_an_unknown_family_is_2(modelparity, known):
    assert modelparity("fetch", "near").code == 2


class Watched(io.StringIO):
    """Standard error as it is where somebody looks at it."""

    def isatty(self) -> bool:
        return True


def test_without_rich_one_line_is_overwritten(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setattr(sys, "stderr", watched := Watched())
    with progress("fetching far") as advance:
        advance("taking out", 1, 4)
        advance("taking out", 0, 0)
    said = watched.getvalue()
    assert "\rfetching far  25 % taking out" in said
    assert "\n" not in said


def test_with_rich_there_is_a_bar(monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setattr(sys, "stderr", watched := Watched())
    with progress("fetching far") as advance:
        advance("taking out", 1, 4)
        advance("downloading", 0, 0)
    assert "fetching far" in watched.getvalue()


def test_unwatched_it_says_when_it_starts_and_ends(capsys):
    with progress("fetching far") as advance:
        advance("taking out", 1, 4)
    assert capsys.readouterr().err == "fetching far ...\nfetching far: done\n"
