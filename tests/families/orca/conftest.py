"""A small network of the same architecture, and the family's command line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from modelparity_families.orca.layers import Layers

#: Blocks of both kinds and strides of both kinds, a thousandth of the work.
SMALL = Layers((2, 1, 1, 1), 4, 8)


@pytest.fixture(scope="session")
def small() -> Layers:
    """Layers of a network that runs in no time."""
    return SMALL


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No weights of this machine take part."""
    monkeypatch.delenv("MODELPARITY_ORCA", raising=False)
    monkeypatch.setattr("modelparity_families.orca.models.cache", lambda: tmp_path / "no-cache")


@pytest.fixture
def command(family_command: Callable[..., tuple[int, str, str]]) -> Callable[..., tuple[int, str, str]]:
    """``command("extract", ...)`` -> (exit code, output, errors), in an empty folder."""
    return partial(family_command, "orca")
