"""Modules and handlers are found by listing a package; two handlers of one name are a mistake."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from modelparity.discovery import Handlers, module_names, modules
from modelparity.errors import near


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An importable package of three modules, one of them private; each registers what it is named after."""
    home = tmp_path / "orchard"
    home.mkdir()
    (home / "__init__.py").write_text(
        "from modelparity.discovery import Handlers\ngrows = Handlers(__name__)\n"
    )
    for name in ("pear", "apple", "_shed"):
        (home / f"{name}.py").write_text(
            f"from . import grows\n@grows({name!r})\ndef {name}(): return {name!r}\n"
        )
    monkeypatch.syspath_prepend(tmp_path)
    yield "orchard"
    for name in [name for name in sys.modules if name.partition(".")[0] == "orchard"]:
        del sys.modules[name]


def test_public_modules_are_listed_sorted(package):
    assert module_names(package) == ("apple", "pear")
    assert [module.__name__ for module in modules(package)] == ["orchard.apple", "orchard.pear"]


def test_handlers_are_found_without_a_list(package):
    grows = __import__(package).grows
    assert {name: function() for name, function in grows.all().items()} == {"apple": "apple", "pear": "pear"}
    assert list(grows.all()) == ["apple", "pear"]


def test_handlers_may_stand_beside_those_of_another_way(package, tmp_path):
    fruit, shelf = tmp_path / "orchard", tmp_path / "orchard" / "shelf"
    shelf.mkdir()
    (fruit / "plum.py").write_text("from . import grows\n@grows('plum')\ndef plum(): return 'plum'\n")
    (shelf / "__init__.py").write_text(
        "from modelparity.discovery import Handlers\nkeeps = Handlers(__name__, 'orchard')\n"
    )
    (shelf / "nut.py").write_text("from . import keeps\n@keeps('nut')\ndef nut(): return 'nut'\n")
    (fruit / "fig.py").write_text(
        "from . import grows\nfrom .shelf import keeps\n@grows('fig')\ndef fresh(): return 'fresh'\n"
        "@keeps('fig')\ndef dried(): return 'dried'\n"
    )
    keeps = import_module("orchard.shelf").keeps
    assert {name: kept() for name, kept in keeps.all().items()} == {"fig": "dried", "nut": "nut"}


def test_two_handlers_of_one_name_are_refused():
    marks = Handlers("modelparity.runtimes")
    marks("a", "b")(len)
    marks("a")(len)
    with pytest.raises(RuntimeError, match="'b' is handled twice"):
        marks("b")(repr)


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("relv", ["tanh", "relu", "selu", "exp"], "one of relu"),
        ("x", ["b", "a"], "one of a, b"),
        ("q", "abcdefghijklmno", "one of a, b, c, d, e, f, g, h, i, j, k, l and 3 more"),
        ("x", [], "none: there is nothing to choose from"),
    ],
)
def test_what_is_near_an_unknown_name(name, known, text):
    assert near(name, known) == text
