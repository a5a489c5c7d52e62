"""Text in ONNX files: looked up, given as labels, compared word for word."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

import modelparity as mp
from modelparity.errors import ArtefactError
from modelparity.graph import numbered
from modelparity.inputs import make

from .one_node import WHOLE, F, S, model, same_as_others

RNG = np.random.default_rng(5)
START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def from_the_start():
    RNG.bit_generator.state = START


def of_text(labels=("a", "b", "c"), **more):
    attrs = {
        "classlabels_strings": list(labels),
        "coefficients": RNG.normal(size=12),
        "intercepts": [0.0] * 3,
    }
    return model("LinearClassifier", [("label", S), ("scores", F)], **attrs, **more)


def test_labels_that_are_text_are_compared_word_for_word(tmp_path):
    made, given = of_text()
    assert set(same_as_others(made, given, tmp_path)) == {"label", "scores"}
    assert mp.check(tmp_path / "one.onnx", tmp_path / "one.onnx").ok
    RNG.bit_generator.state = START
    other, _ = of_text(("a", "c", "b"))
    (tmp_path / "other.onnx").write_bytes(other.SerializeToString())
    verdict = mp.check(tmp_path / "one.onnx", tmp_path / "other.onnx", explain=False)
    assert {one.name: one.band for one in verdict.outputs} == {"label": "wrong", "scores": "rounding"}


def test_a_file_of_nothing_but_text_is_judged(tmp_path):
    made, _ = of_text()
    del made.graph.output[1]
    path = tmp_path / "one.onnx"
    path.write_bytes(made.SerializeToString())
    verdict = mp.check(path, path)
    assert (verdict.band, [one.name for one in verdict.outputs]) == ("exact", ["label"])


ANIMALS = np.array([["dog", "cat"], ["bird", "dog"], ["cat", "no animal"]], object)
NAMES = ["bird", "cat", "dog"]


@pytest.mark.parametrize(
    ("op", "x", "kind", "version", "attrs"),
    [
        ("OneHotEncoder", ANIMALS, F, 3, {"cats_strings": NAMES}),
        ("LabelEncoder", ANIMALS, WHOLE, 3, {"keys_strings": NAMES, "values_int64s": [7, 1, 4]}),
        (
            "LabelEncoder",
            ANIMALS,
            F,
            3,
            {"keys_strings": NAMES, "values_floats": [7.5, 1, 4], "default_float": 9.0},
        ),
        ("LabelEncoder", ANIMALS, S, 3, {"keys_strings": NAMES, "values_strings": ["a", "b", "c"]}),
        (
            "LabelEncoder",
            np.array([[1, 4], [3, 9]]),
            S,
            3,
            {"keys_int64s": [1, 4], "values_strings": ["a", "b"]},
        ),
        ("LabelEncoder", ANIMALS, WHOLE, 1, {"classes_strings": NAMES, "default_int64": -7}),
        ("LabelEncoder", np.array([[1, 0], [2, 9]]), S, 1, {"classes_strings": NAMES}),
        ("CategoryMapper", ANIMALS, WHOLE, 1, {"cats_strings": NAMES, "cats_int64s": [5, 3, 8]}),
        (
            "CategoryMapper",
            np.array([[5, 8], [3, 1]]),
            S,
            1,
            {"cats_strings": NAMES, "cats_int64s": [5, 3, 8]},
        ),
    ],
)
def test_what_looks_text_up(op, x, kind, version, attrs, tmp_path):
    made, given = model(op, [("y", kind)], x=x, version=version, **attrs)
    same_as_others(made, given, tmp_path, reference=False)
    if x.dtype == object:  # whole numbers are drawn from anywhere
        path = tmp_path / "one.onnx"
        verdict = mp.check(path, path)
        assert verdict.band == "exact", repr(verdict)


def test_words_are_drawn_from_those_that_the_file_knows(tmp_path):
    made, _ = model("OneHotEncoder", [("y", F)], x=ANIMALS, cats_strings=NAMES)
    path = tmp_path / "one.onnx"
    path.write_bytes(made.SerializeToString())
    net = mp.load(path)
    assert str(net.inputs[0]) == "x (n, axis1=2) text"
    drawn = make(net)["x"]
    assert set(drawn.reshape(-1).tolist()) <= set(numbered(NAMES).tolist())
    assert (mp.run(net, drawn)["y"].sum(axis=-1) == 1).all()


def test_words_of_another_file_are_those_of_the_first(tmp_path):
    """The candidate knows fewer words, and gives nothing for the one that it lacks."""
    for name, known in (("one", NAMES), ("other", ["bird", "cat"])):
        made, _ = model(
            "LabelEncoder", [("y", WHOLE)], x=ANIMALS, keys_strings=known, values_int64s=range(len(known))
        )
        (tmp_path / f"{name}.onnx").write_bytes(made.SerializeToString())
    assert mp.check(tmp_path / "one.onnx", tmp_path / "one.onnx").band == "exact"
    verdict = mp.check(tmp_path / "one.onnx", tmp_path / "other.onnx", explain=False)
    assert verdict.band == "wrong"
    known = np.array([["cat", "bird"], ["bird", "cat"]])
    assert mp.check(tmp_path / "one.onnx", tmp_path / "other.onnx", inputs={"x": known}).band == "exact"


def test_text_that_no_word_is_known_of_is_refused_with_what_to_do(tmp_path):
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "one",
        [helper.make_tensor_value_info("x", S, ["n"])],
        [helper.make_tensor_value_info("y", S, ["n"])],
    )
    path = tmp_path / "one.onnx"
    path.write_bytes(helper.make_model(graph, ir_version=8).SerializeToString())
    with pytest.raises(ArtefactError, match="no tensor of numbers") as caught:
        mp.load(path)
    assert "no word" in str(caught.value.fix)
