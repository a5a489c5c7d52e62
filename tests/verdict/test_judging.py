"""From outputs to a verdict: names, bands, the worst output, and what may be expected."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import InputError
from modelparity.verdict.judging import judge
from modelparity.verdict.reference import Reference

W = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


@pytest.fixture(scope="module")
def reference() -> Reference:
    """A dense layer and the sign of its result: a tensor of floats and one of booleans."""
    spec = mp.TensorSpec("x", (mp.Axis("time"), mp.Axis("feature", 3)))
    nodes = (
        mp.Node("d", "dense", ("x", "W"), ("y",)),
        mp.Node("g", "greater", ("y", "zero"), ("up",)),
    )
    graph = mp.Graph("two", (spec,), ("y", "up"), nodes, {"W": W, "zero": np.zeros(1, np.float32)})
    x = np.random.default_rng(1).standard_normal((6, 3)).astype(np.float32)
    return Reference(graph, {"x": x}, {"recipe": "own"})


@pytest.fixture
def sound(reference: Reference) -> dict[str, np.ndarray]:
    """The outputs of a faithful candidate."""
    return {"y": reference.truth["y"].astype(np.float32), "up": reference.truth["up"]}


def judged(reference, outputs, **options):
    return judge(reference, outputs, candidate="c", runtime="r", **options)


def test_a_faithful_candidate_is_exact(reference, sound):
    verdict = judged(reference, sound, settings={"threads": "1"})
    assert (verdict.band, verdict.ok, verdict.floors, verdict.explained_by) == ("exact", True, 0.0, None)
    assert (verdict.reference, verdict.candidate, verdict.runtime) == ("two", "c", "r")
    assert (verdict.inputs, verdict.settings) == ({"recipe": "own"}, {"threads": "1"})
    assert [output.name for output in verdict.outputs] == ["y", "up"]


def test_the_worst_output_speaks_for_all(reference, sound):
    sound["up"] = sound["up"].copy()
    sound["up"][4, 2] ^= True
    verdict = judged(reference, sound)
    assert (verdict.band, verdict.ok, verdict.where) == ("wrong", False, "up[4, 2]")
    assert [output.band for output in verdict.outputs] == ["exact", "wrong"]


def test_of_two_wrong_outputs_the_one_with_more_floors_speaks(reference, sound):
    sound["y"] = sound["y"] + np.float32(3)
    sound["y"][2, 1] += 7
    verdict = judged(reference, sound)
    assert verdict.where == "y[2, 1]"
    assert verdict.floors == max(output.floors for output in verdict.outputs)


@pytest.mark.parametrize("names", [("y",), ("y", "down"), ("y", "up", "more")])
def test_other_output_names_are_refused(reference, sound, names):
    with pytest.raises(
        InputError, match=r"two: the candidate's outputs have other names\n(?s:.*)expected: y, up"
    ):
        judged(reference, dict.fromkeys(names, sound["y"]))


@pytest.mark.parametrize("expect", ["wrong", "fine", ""])
def test_what_cannot_be_expected_is_refused(reference, sound, expect):
    with pytest.raises(InputError, match=r"is not a band to expect\n.*exact, rounding, reduced$"):
        judged(reference, sound, expect=expect)


@pytest.mark.parametrize(("expect", "ok"), [("exact", False), ("rounding", True), ("reduced", True)])
def test_a_band_is_held_against_the_expected_one(reference, sound, expect, ok):
    sound["y"] = np.nextafter(sound["y"], np.float32(9))
    verdict = judged(reference, sound, expect=expect)
    assert (verdict.band, verdict.ok, verdict.expected) == ("rounding", ok, expect)
