"""What SOUSAphone and SOUSA themselves computed, and weights of this machine left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ANCHORS = Path(__file__).parents[2] / "anchors" / "sousa"
#: What the recorded networks were called, by our names.
RECORDED = {"onset_transformer": "onset", "feature_inference": "inference"}
Arrays = Mapping[str, Any]


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], Arrays]:
    """``recorded("models")``: the arrays of a file of anchors."""

    @cache
    def load(name: str) -> Arrays:
        with np.load(ANCHORS / f"{name}.npz", allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}

    return load


@pytest.fixture(scope="session")
def weights(recorded: Callable[[str], Arrays]) -> Callable[..., dict[str, Any]]:
    """``weights("trained", "onset")``: a recorded network's weights by name, without its final norm if asked."""

    def load(state: str, network: str, *, final_norm: bool = True) -> dict[str, Any]:
        found = {
            name.removeprefix(f"{network}/"): array
            for name, array in recorded(f"weights_{state}").items()
            if name.startswith(f"{network}/")
        }
        return {
            name: array for name, array in found.items() if final_norm or not name.startswith("layer_norm.")
        }

    return load


@pytest.fixture(autouse=True)
def untrained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No weights of this machine take part."""
    monkeypatch.delenv("MODELPARITY_SOUSA", raising=False)
    monkeypatch.setattr("modelparity_families.sousa.models.cache", lambda: tmp_path / "no-cache")
