"""What the original code computed, and weights of this machine left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

ANCHORS = Path(__file__).parents[2] / "anchors" / "performance"


class Recorded(NamedTuple):
    """Arrays by name, and what is told of them: configuration, seed, losses, shapes of weights."""

    arrays: Mapping[str, Any]
    told: Mapping[str, Any]

    def shapes(self, key: str = "shapes") -> dict[str, tuple[int, ...]]:
        """{name: shape} of the weights."""
        return {name: tuple(shape) for name, shape in self.told[key].items()}


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Recorded]:
    """``recorded("muq_small")``: a file of anchors."""

    @cache
    def load(name: str) -> Recorded:
        with np.load(ANCHORS / f"{name}.npz", allow_pickle=False) as arrays:
            told = json.loads(arrays["meta"].tobytes())
            return Recorded({key: arrays[key] for key in arrays.files if key != "meta"}, told)

    return load


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No weights of this machine take part."""
    monkeypatch.delenv("MODELPARITY_PERFORMANCE", raising=False)
    monkeypatch.setattr("modelparity_families.performance.places.cache", lambda: tmp_path / "no-cache")
