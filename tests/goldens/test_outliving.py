"""A golden outlives the way its floor was measured: inputs and outputs stay, the floor is measured anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Golden, Graph, golden
from modelparity.goldens.safetensors_file import encode
from modelparity.verdict import floor as floors
from modelparity.verdict.floor import METHOD


def of_version_1(gold: Golden) -> Golden:
    """As it was recorded before floors named their method."""
    return replace(gold, provenance={**gold.provenance, "spec": 1}, floor=replace(gold.floor, method=1))


def doubled(gold: Golden) -> Golden:
    """Recorded by a first method whose floors were twice as high."""
    wide = {name: array * 2 for name, array in gold.floor.outputs.items()}
    return of_version_1(replace(gold, floor=replace(gold.floor, outputs=wide)))


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> int:
    """Today's method is a later one."""
    monkeypatch.setattr(floors, "METHOD", METHOD + 1)
    return METHOD + 1


def test_a_file_of_version_1_is_read_and_written_as_it_was(dense: Graph, tmp_path: Path) -> None:
    old = of_version_1(golden(dense, length=4))
    path = old.save(tmp_path / "g.safetensors")
    found = Golden.load(path)
    assert (found.provenance["spec"], found.floor.method) == (1, 1)
    assert b"method" not in path.read_bytes()
    assert encode(found) == path.read_bytes()


def test_a_new_file_names_the_method(dense: Graph, tmp_path: Path) -> None:
    found = Golden.load(golden(dense, length=4).save(tmp_path / "g.safetensors"))
    assert (found.provenance["spec"], found.floor.method) == (2, METHOD)


def test_a_floor_of_an_older_method_is_measured_anew_on_load(
    dense: Graph, tmp_path: Path, raised: int
) -> None:
    now = golden(dense, length=4)
    path = doubled(now).save(tmp_path / "g.safetensors")
    alone, known = Golden.load(path), Golden.load(path, dense)
    np.testing.assert_array_equal(alone.floor.outputs["y"], 2 * now.floor.outputs["y"])
    np.testing.assert_array_equal(known.floor.outputs["y"], now.floor.outputs["y"])
    assert (known.floor.method, known.provenance["spec"]) == (raised, 2)
    for kept, recorded in ((known.inputs, alone.inputs), (known.outputs, alone.outputs)):
        assert list(kept) == list(recorded)
        for name in kept:
            np.testing.assert_array_equal(kept[name], recorded[name])
    assert Golden.load(known.save(tmp_path / "h.safetensors")).floor.method == raised


def test_a_check_judges_by_a_floor_of_today(dense: Graph, raised: int) -> None:
    now = golden(dense, length=4)
    old = doubled(now)
    other = dense.changed(constants={**dense.constants, "b": dense.constants["b"] + np.float32(1e-6)})
    want, got = mp.check(dense, other, golden=now), mp.check(dense, other, golden=old)
    assert got.floors == want.floors > 0
    assert got.outputs[0].want == want.outputs[0].want


def test_half_precisions_follow(lstm: Graph, raised: int) -> None:
    now = golden(lstm, length=4).with_terms(lstm)
    old = of_version_1(now)
    assert old.terms is not None
    wide = {
        name: replace(half, floor={key: 2 * array for key, array in half.floor.items()})
        for name, half in old.terms.halves.items()
    }
    again = replace(old, terms=replace(old.terms, halves=wide)).with_floor(lstm)
    assert again.terms is not None
    assert now.terms is not None
    for name, half in now.terms.halves.items():
        np.testing.assert_array_equal(again.terms.halves[name].floor["y"], half.floor["y"])
        np.testing.assert_array_equal(again.terms.halves[name].weights["y"], half.weights["y"])


def test_a_floor_of_today_is_left_alone(dense: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    gold = golden(dense, length=4)
    monkeypatch.setattr("modelparity.verdict.reference.measuring", None)
    assert gold.with_floor(dense) is gold
