"""Packages that register families, made on the fly."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FAMILY = """
from modelparity.family import Family

class Own(Family):
    name = {name!r}

FAMILY = Own()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Install a package with one family: package name, entry point, and the module's code."""
    home = tmp_path / "site"
    home.mkdir()
    monkeypatch.syspath_prepend(str(home))

    def install(name: str, family: str, code: str | None = None, target: str = "FAMILY") -> None:
        module = name.replace("-", "_")
        (home / f"{module}.py").write_text(FAMILY.format(name=family) if code is None else code)
        info = home / f"{module}-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[modelparity.families]\n{family} = {module}:{target}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install
