"""``modelparity list``: families, models, formats and runtimes, with what is not here."""

from __future__ import annotations

import pytest

from modelparity.family.folder import Folder
from modelparity.runtimes import registry

from .conftest import FIXTURES


@pytest.fixture
def nets(monkeypatch):
    family = Folder("nets", FIXTURES)
    monkeypatch.setattr("modelparity.family.families", lambda: {"nets": family})
    return family


def test_families_formats_and_runtimes(modelparity, nets):
    done = modelparity("list")
    assert done.code == 0
    first = next(line for line in done.out.splitlines() if line.startswith("nets"))
    assert first.split()[:3] == ["nets", str(len(nets.models())), str(len(nets.models()))]
    assert "madmom" in done.out
    assert "engine" in done.out


def test_the_models_of_a_family(modelparity, nets):
    done = modelparity("list", "nets")
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == sorted(model.key for model in nets.models())
    assert all(line.split()[1] == "yes" for line in lines[2:])


def test_recipes_are_listed_with_what_asks_for_them(modelparity):
    rows = {line.split()[0]: line for line in modelparity("list").out.splitlines() if line.strip()}
    assert rows["noise"].endswith("yes")
    assert "whole numbers from 0 to 255" in rows["pixels"]
    assert rows["left_padded"].endswith("tokens with a mask")
    assert rows["impulse"].endswith("to 1")


def test_absent_models_and_runtimes_show(modelparity, monkeypatch):
    from modelparity.errors import Unavailable
    from modelparity.family import Family as Base, Model

    def absent():
        raise Unavailable("not here", fix="fetch it")

    class Family(Base):
        name = "far"

        def models(self):
            return (Model("a/b", "far", absent, lambda path: None, fetched=True),)

        def fetch(self, progress=None):
            raise Unavailable("no way there")

    monkeypatch.setattr("modelparity.family.families", lambda: {"far": Family()})
    monkeypatch.setattr(registry.runtime("engine"), "missing", lambda: "gone: pip install it", raising=False)
    done = modelparity("list")
    assert "0; modelparity fetch far" in done.out
    assert "no: gone: pip install it" in done.out
    done = modelparity("list", "far")
    assert done.out.splitlines()[2].split()[:3] == ["a/b", "no", "UNANCHORED"]


def test_an_unknown_family_is_2(modelparity, nets):
    done = modelparity("list", "nots")
    assert done.code == 2
    assert "one of nets" in done.err
