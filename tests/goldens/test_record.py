"""What `golden` records, and how `verify` and `load(graph=)` compare a model with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import modelparity as mp
from modelparity import Golden, Graph, golden
from modelparity.errors import GoldenError, InputError
from modelparity.goldens import SPEC
from modelparity.inputs import make, recipes
from modelparity.verdict.floor import measure


def with_constant(graph: Graph, name: str, array: np.ndarray) -> Graph:
    return graph.changed(constants={**graph.constants, name: array})


def test_inputs_outputs_and_floor_are_those_of_the_engine(dense: Graph) -> None:
    gold = golden(dense, recipe="features", seed=3, length=20)
    feeds = make(dense, "features", seed=3, length=20)
    np.testing.assert_array_equal(gold.inputs["x"], feeds["x"])
    want = np.tanh(feeds["x"].astype(np.float64) @ dense.constants["W"] + dense.constants["b"])
    np.testing.assert_allclose(gold.outputs["y"], want, rtol=1e-14)
    assert gold.outputs["y"].dtype == np.float64
    np.testing.assert_array_equal(gold.floor.outputs["y"], measure(dense, feeds).outputs["y"])


def test_provenance(dense: Graph) -> None:
    about = golden(dense, recipe="features", seed=3, length=20).provenance
    assert {key: about[key] for key in ("recipe", "seed", "length", "spec", "native", "model")} == {
        "recipe": "features",
        "seed": 3,
        "length": 20,
        "spec": SPEC,
        "native": "float32",
        "model": "small/dense",
    }
    assert about["model_hash"] == dense.hash
    assert (about["source_format"], about["source_name"]) == ("madmom", "dense.pkl")
    assert about["source_sha256"] == "ab" * 32
    assert about["numpy"] == np.__version__
    assert about["created_by"].startswith(f"modelparity {mp.__version__}")


def test_the_recorded_length_is_the_one_that_ran(lstm: Graph) -> None:
    assert golden(lstm, recipe="one_frame").provenance["length"] == 2
    assert golden(lstm, recipe="odd_length").provenance["length"] == 97


@pytest.mark.parametrize("recipe", recipes())
def test_every_recipe_is_recorded_and_verified(recipe: str, lstm: Graph, path: Graph, tmp_path: Path) -> None:
    for graph in (lstm, path):
        saved = golden(graph, recipe=recipe).save(tmp_path / "g.safetensors")
        Golden.load(saved, graph).verify(graph)


def test_given_inputs(dense: Graph, tmp_path: Path) -> None:
    x = np.ones((4, 3), np.float32)
    gold = golden(dense, inputs=x)
    x[:] = 0
    assert gold.inputs["x"].min() == 1
    assert gold.provenance["recipe"] is None
    Golden.load(gold.save(tmp_path / "g.safetensors"), dense).verify(dense)
    with pytest.raises(InputError):
        golden(dense, inputs=np.ones((4, 4), np.float32))


def test_a_golden_cannot_be_changed(gold: Golden) -> None:
    for arrays in (gold.inputs, gold.outputs, gold.floor.outputs):
        for array in arrays.values():
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
    with pytest.raises(TypeError):
        gold.provenance["seed"] = 1  # type: ignore[index]


def test_changed_weights_are_named(gold: Golden, dense: Graph, tmp_path: Path) -> None:
    changed = with_constant(dense, "W", dense.constants["W"] * np.float32(1.001))
    saved = gold.save(tmp_path / "g.safetensors")
    with pytest.raises(GoldenError, match=r"stale.*(?s:.)*weights: 'W' hold other values") as caught:
        Golden.load(saved, changed)
    assert str(saved) in str(caught.value)
    assert "structure" not in str(caught.value)
    with pytest.raises(GoldenError, match="weights: 'W'"):
        gold.verify(changed)


def test_changed_structure_is_named(gold: Golden, dense: Graph) -> None:
    nodes = (dense.nodes[0], mp.Node("s", "sigmoid", ("z",), ("y",)))
    with pytest.raises(GoldenError, match="structure: the nodes, inputs or outputs differ"):
        gold.expect_fresh(dense.changed(nodes=nodes))
    grown = with_constant(dense, "extra", np.zeros(3, np.float32))
    with pytest.raises(GoldenError, match="structure: constant 'extra' is new"):
        gold.expect_fresh(grown)


def test_a_changed_engine_is_named(gold: Golden, dense: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelparity.goldens.provenance.ENGINE", 2)
    with pytest.raises(GoldenError, match="engine: recorded by revision 1, this is revision 2"):
        gold.expect_fresh(dense)


def test_another_name_or_path_is_not_a_change(gold: Golden, dense: Graph) -> None:
    gold.expect_fresh(dense.changed(name="else", source=None))


def moved(gold: Golden, outputs: dict[str, np.ndarray]) -> Golden:
    return Golden(gold.inputs, outputs, gold.floor, gold.provenance, gold.weights)


def test_verify_allows_another_order_of_summation_and_no_more(dense: Graph) -> None:
    gold = golden(dense)
    # Another way to the same sum, each term rounded otherwise.
    x, weight, bias = (
        gold.inputs["x"].astype(np.float64),
        dense.constants["W"] / np.float64(3),
        dense.constants["b"],
    )
    other = np.tanh(3 * (x @ weight) + bias)
    assert not np.array_equal(other, gold.outputs["y"])
    moved(gold, {"y": other}).verify(dense)
    for factor in (1 + 1e-11, 1 - 1e-11):
        wrong = gold.outputs["y"].copy()
        wrong[7, 1] *= factor
        with pytest.raises(GoldenError, match=r"output 'y'\[7, 1\].*something else now(?s:.)*numpy"):
            moved(gold, {"y": wrong}).verify(dense)


def test_verify_sees_non_finite_values_and_whole_numbers(dense: Graph, path: Graph) -> None:
    gold = golden(dense)
    wrong = gold.outputs["y"].copy()
    wrong[3, 0] = np.nan
    with pytest.raises(GoldenError, match=r"'y'\[3, 0\]"):
        moved(gold, {"y": wrong}).verify(dense)
    with pytest.raises(GoldenError, match="shape or type"):
        moved(gold, {"y": gold.outputs["y"][:50]}).verify(dense)
    steps = golden(path)
    wrong = steps.outputs["y"].copy()
    wrong[5] += 1
    with pytest.raises(GoldenError, match=r"'y'\[5\]"):
        moved(steps, {"y": wrong}).verify(path)


def test_nan_in_the_network_is_recorded_as_it_is(dense: Graph, tmp_path: Path) -> None:
    broken = with_constant(dense, "b", np.array([np.nan, 0], np.float32))
    gold = golden(broken)
    assert np.isnan(gold.outputs["y"][:, 0]).all()
    Golden.load(gold.save(tmp_path / "g.safetensors"), broken).verify(broken)


def test_repr(gold: Golden) -> None:
    assert repr(gold).startswith("<Golden small/dense, noise seed 0: x (6, 3) -> y (6, 2); floor ")
