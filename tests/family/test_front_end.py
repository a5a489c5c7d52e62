"""A size that a family's own front end never gives: wrong, whatever is computed there, and said with both sizes."""

from __future__ import annotations

import numpy as np
import pytest

import modelparity as mp
from modelparity.graph import Axis, Graph, Node, TensorSpec

CODE = """
from modelparity.family import Family, Model

class Own(Family):
    name = "chords"

    def models(self):
        return (Model("cnn", self.name, sha256={sha256!r}, front_end={{"frequency": 11}}),)

FAMILY = Own()
"""


def picture(frequency: int | None, seed: int = 0) -> Graph:
    """A convolution over time and frequency that takes any of both."""
    rng = np.random.default_rng(seed)
    axes = (Axis("time", None, 3), Axis("frequency", frequency, 3))
    nodes = (
        Node("channel", "expand_dims", ("x",), ("c",), {"axes": (2,)}),
        Node(
            "conv",
            "conv",
            ("c", "W", "b"),
            ("y",),
            {"strides": (1, 1), "padding": ((0, 0), (0, 0)), "dilations": (1, 1), "groups": 1, "flip": True},
        ),
    )
    held = {"W": rng.standard_normal((3, 3, 1, 4)).astype("f4"), "b": rng.standard_normal(4).astype("f4")}
    return Graph("cnn", (TensorSpec("x", axes),), ("y",), nodes, held)


@pytest.fixture
def known(package, tmp_path):
    """A file that a family knows the front end of."""
    path = mp.convert(picture(None), tmp_path / "cnn.onnx")
    graph = mp.load(path)
    package("chord-models", "chords", CODE.format(sha256=graph.source.sha256))
    return graph


def test_a_candidate_for_another_size_is_wrong_though_it_computes_the_same(known, tmp_path):
    candidate = mp.convert(picture(17), tmp_path / "wide.onnx")
    verdict = mp.check(known, candidate, length=8)
    assert verdict.band == "wrong"
    assert verdict.outputs[0].band == "rounding"  # at that size they agree
    text = str(verdict)
    assert "made for frequency=17" in text
    assert "chords's own front end gives frequency=11" in text


def test_a_candidate_for_the_size_that_the_front_end_gives_is_well(known, tmp_path):
    assert mp.check(known, mp.convert(picture(11), tmp_path / "right.onnx"), length=8).ok
    assert mp.check(known, mp.convert(picture(None), tmp_path / "free.onnx"), length=8).ok
    assert mp.check(known, mp.convert(picture(11, seed=1), tmp_path / "off.onnx"), length=8).band == "wrong"


def test_read_at_that_size_it_is_wrong_and_no_refusal(known, tmp_path):
    fixed = known.changed(inputs=picture(11).inputs)
    verdict = mp.check(fixed, mp.convert(picture(17), tmp_path / "wide.onnx"), length=8)
    assert verdict.band == "wrong"
    assert "front end gives frequency=11: convert it for that" in str(verdict)
    verdict.to_json()


def test_of_a_network_that_no_family_knows_the_size_is_the_candidates(tmp_path):
    graph = mp.load(mp.convert(picture(None), tmp_path / "cnn.onnx"))
    assert mp.check(graph, mp.convert(picture(17), tmp_path / "wide.onnx"), length=8).ok


def test_madmoms_two_networks_of_any_width_say_theirs():
    models = {one.key: one.front_end for one in mp.families()["madmom"].models() if one.front_end}
    assert models == {
        "chords/2016/chords_cnnfeat": {"frequency": 113},
        "key/2018/key_cnn": {"frequency": 105},
    }
