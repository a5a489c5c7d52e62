"""Recorded outputs of madmom itself, and its networks where they were fetched."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelparity.errors import Unavailable
from modelparity.graph import Graph
from modelparity_families.madmom import FAMILY

HERE = Path(__file__).parent / "madmom"


@pytest.fixture(scope="session")
def network() -> Callable[[str], Graph]:
    """A fetched network by key; skips, saying what to type, where it is not on this machine."""
    models = {model.key: model for model in FAMILY.models()}
    loaded: dict[str, Graph] = {}

    def load(key: str) -> Graph:
        if key not in loaded:
            try:
                loaded[key] = models[key].load()
            except Unavailable as error:
                pytest.skip(str(error))
        return loaded[key]

    return load


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], dict[str, Any]]:
    """The arrays of an anchor file by its name."""

    def load(name: str) -> dict[str, Any]:
        with np.load(HERE / f"{name}.npz", allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}

    return load


@pytest.fixture(scope="session")
def clip(recorded: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """All that was recorded of a clip, by ``processor/stage``."""

    @cache
    def load(name: str) -> dict[str, Any]:
        first = recorded(name) if (HERE / f"{name}.npz").is_file() else {}
        return {**first, **recorded(f"{name}_stages")}

    return load
