"""How families are found: by entry point or folder, every defect loud and with the package's name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import modelparity as mp
from modelparity.cache import cache
from modelparity.errors import FamilyError
from modelparity.family import Family, add_folder

Install = Callable[..., None]
#: Has what a family had to have before there was a base class, and nothing of what came later.
DUCK = """
class Duck:
    name = 'broken'
    def models(self): return ()
    def fetch(self, progress=None): return '.'

FAMILY = Duck()
"""


def test_madmom_is_registered() -> None:
    found = mp.families()["madmom"]
    assert isinstance(found, Family)
    assert found.name == "madmom"


def test_a_package_registers_a_family(package: Install) -> None:
    package("other-models", "other")
    assert mp.families()["other"].models() == ()
    assert list(mp.families()) == sorted(mp.families())


def test_a_name_used_twice_names_both_packages(package: Install) -> None:
    package("first-models", "twice")
    package("second-models", "twice")
    with pytest.raises(FamilyError, match=r"(?s)'twice'.*first-models 1\.5 and second-models 1\.5"):
        mp.families()


def test_nobody_replaces_madmom(package: Install) -> None:
    package("impostor", "madmom")
    with pytest.raises(FamilyError, match=r"(?s)'madmom'.*impostor 1\.5"):
        mp.families()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import not_installed_anywhere", "ModuleNotFoundError.*not_installed_anywhere"),
        ("raise SystemError('out of order')", "SystemError: out of order"),
        ("FAMILY = 3", "is no family.*int"),
        (
            "class FAMILY:\n    name = 'half'",
            "is no family.*the class FAMILY.*derives from",
        ),
        (DUCK, "is no family.*a Duck.*an object of a class that derives from modelparity.family.Family"),
        ("from modelparity.family import Family as FAMILY", "is no family.*the class Family"),
        ("from modelparity.family import Family\nFAMILY = Family()", "an object that has no name"),
        ("", "AttributeError"),
    ],
)
def test_a_broken_plugin_is_loud_and_named(code: str, words: str, package: Install) -> None:
    package("broken-models", "broken", code)
    with pytest.raises(FamilyError, match=rf"(?s)family 'broken' of broken-models 1\.5: .*{words}"):
        mp.families()


def test_two_folders_cannot_share_a_name(tmp_path: Path) -> None:
    fixtures = Path(__file__).parents[2] / "fixtures"
    add_folder("fixtures", fixtures, alone=("crf",))  # as the checkout's conftest did: nothing changes
    with pytest.raises(FamilyError, match="two folders are called 'fixtures'"):
        add_folder("fixtures", tmp_path)


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELPARITY_CACHE", str(tmp_path / "elsewhere"))
    assert cache() == tmp_path / "elsewhere"
    monkeypatch.delenv("MODELPARITY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform.startswith("linux"):
        assert cache() == tmp_path / "modelparity"


def test_listing_families_needs_neither_numpy_nor_a_framework() -> None:
    code = (
        "import sys, modelparity as mp; names = [m.key for f in mp.families().values() for m in f.models()];"
        "assert len(names) == 67 + 7 + 1 + 3 + 5, len(names);"
        "print([m for m in ('numpy', 'torch', 'onnx', 'onnxruntime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
