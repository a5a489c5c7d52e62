"""The 65 networks on three recipes, with truth and floor computed once a process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

import modelparity as mp
from modelparity.errors import Unavailable
from modelparity.inputs import make
from modelparity.verdict.reference import Reference

from ..sampling import WHOLE, third

RECIPES = ("noise", "features", "odd_length")
MODELS = tuple(model for model in mp.families()["madmom"].models() if "crf" not in model.key)
#: On how many recipes each network is varied: one of the three, in turn, or all where the whole is asked for.
EACH = len(RECIPES) if WHOLE else 1


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
    """(key, recipe, reference): every network on one of the recipes, or all 195 cases."""
    chosen = third((model.key, recipe) for model in MODELS for recipe in RECIPES)
    return lambda: [(key, recipe, reference(key, recipe)) for key, recipe in sorted(chosen)]
