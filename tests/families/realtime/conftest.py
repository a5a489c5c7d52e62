"""Tiny data sets, made once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``data("groove")``: the folder of that data set. Tests leave it as it is."""
    pytest.importorskip("mido")
    pytest.importorskip("soundfile")
    from . import datasets

    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = getattr(datasets, name)(tmp_path_factory.mktemp(name))
        return made[name]

    return folder


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No checkpoint of this machine takes part."""
    monkeypatch.delenv("MODELPARITY_REALTIME", raising=False)
    monkeypatch.setattr("modelparity_families.realtime.weights.cache", lambda: tmp_path / "no-cache")
