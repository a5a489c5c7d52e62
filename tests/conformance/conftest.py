"""The 65 networks, three recipes each, with truth and floor computed once a process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

import modelparity as mp
from modelparity.errors import Unavailable
from modelparity.inputs import make
from modelparity.verdict.reference import Reference

RECIPES = ("noise", "features", "odd_length")
MODELS = tuple(model for model in mp.families()["madmom"].models() if "crf" not in model.key)


@cache
def reference(key: str, recipe: str) -> Reference:
    """A network of that key on that recipe; skips, loudly, if the networks were not fetched."""
    model = next(model for model in MODELS if model.key == key)
    try:
        graph = model.load()
    except Unavailable as error:
        pytest.skip(str(error))
    return Reference(graph, make(graph, recipe, seed=7), {"recipe": recipe, "seed": 7})


@pytest.fixture(scope="session")
def cases() -> Callable[[], list[tuple[str, str, Reference]]]:
    """Every (key, recipe, reference): 195 cases."""
    return lambda: [
        (model.key, recipe, reference(model.key, recipe)) for model in MODELS for recipe in RECIPES
    ]
