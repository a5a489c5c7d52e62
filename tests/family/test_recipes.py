"""Recipes that a family brings for its own models: known by name, never in the place of another."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import family, inputs
from modelparity.errors import FamilyError, InputError

CODE = """
from pathlib import Path

import numpy as np

from modelparity.family import Family, Model
from modelparity.inputs import Recipe


class Peaky(Family):
    name = {name!r}

    def recipes(self):
        return (Recipe({recipe!r}, lambda generator, shape, time: np.full(shape, 0.75), length=7),)

    def models(self):
        return (Own("rnn", self.name, locate=lambda: Path({path!r}), own_recipes=({recipe!r},)),)


class Own(Model):
    def remarks(self):
        return ("peaky/rnn: heard at its peak only",)


FAMILY = Peaky()
"""
PATH = str(Path(__file__).parents[2] / "fixtures" / "rnn.pkl")


@pytest.fixture(autouse=True)
def _afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_added", {})
    monkeypatch.setattr(family, "_heard", {})


def test_a_familys_recipe_makes_inputs(package: Callable[..., None]) -> None:
    package("peaky-models", "peaky", CODE.format(name="peaky", recipe="peaks", path=PATH))
    (model,) = mp.families()["peaky"].models()
    gold = mp.golden(model.load(), recipe="peaks")
    assert gold.inputs["x"].shape == (7, 6)
    np.testing.assert_array_equal(gold.inputs["x"], np.float32(0.75))
    assert mp.check(model.load(), model.load(), recipe="peaks").ok
    assert "peaks" not in inputs.recipes(), "other models are not tried on it"


def test_it_is_unknown_before_the_family_is() -> None:
    with pytest.raises(InputError, match="unknown recipe 'peaks'"):
        inputs.make(mp.load(PATH), "peaks")


def test_a_general_recipe_keeps_its_name(package: Callable[..., None]) -> None:
    package("peaky-models", "peaky", CODE.format(name="peaky", recipe="noise", path=PATH))
    with pytest.raises(
        FamilyError, match=r"(?s)family 'peaky' of peaky-models 1\.5: .*'noise' already.*itself"
    ):
        mp.families()


def test_two_families_do_not_share_a_recipe(package: Callable[..., None]) -> None:
    package("first-models", "first", CODE.format(name="first", recipe="peaks", path=PATH))
    package("second-models", "second", CODE.format(name="second", recipe="peaks", path=PATH))
    with pytest.raises(
        FamilyError, match=r"(?s)family 'second' of second-models 1\.5: .*'peaks' already.*one of first"
    ):
        mp.families()


def test_the_suite_runs_on_it_and_says_the_models_remarks(
    package: Callable[..., None], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("onnxruntime")
    package("peaky-models", "peaky", CODE.format(name="peaky", recipe="peaks", path=PATH))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-v", "--parity-family=peaky", "--parity-backend=onnxruntime"
    )
    result.assert_outcomes(passed=1)
    assert "peaky/rnn[onnxruntime-peaks]" in result.stdout.str()
    assert "note: peaky/rnn: heard at its peak only" in result.stdout.str()
