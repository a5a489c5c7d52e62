"""The assertion text: what, how far beyond rounding, where, what next; and what comes first."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.verdict.cause import Cause
from modelparity.verdict.checking import check
from modelparity.verdict.fit import Fit
from modelparity.verdict.judgement import Output, Problem
from modelparity.verdict.message import explain, multiple, place
from modelparity.verdict.model import Verdict

WORST = Output(
    name="y",
    band="wrong",
    floors=3120.4,
    shape=(100, 3),
    expected_shape=(100, 3),
    dtype="float32",
    index=(37, 0),
    got=0.4127,
    want=0.1713,
    difference=0.2414,
    floor=7.736e-5,
    share_above=0.41,
)
WRONG = Verdict(
    reference="beats_blstm_1",
    candidate="beats_blstm_1.onnx",
    runtime="onnxruntime 1.20.0",
    band="wrong",
    expected="rounding",
    floors=3120.4,
    outputs=(WORST,),
    floor_runs=8,
    inputs={"recipe": "noise", "seed": 0, "length": None},
    settings={"frames": "time"},
)


def with_output(verdict: Verdict, **changes: object) -> Verdict:
    return replace(verdict, outputs=(replace(verdict.outputs[0], **changes),))


def test_a_wrong_candidate_is_named_with_floors_place_values_floor_inputs_and_next_step():
    text = explain(WRONG)
    assert text.splitlines()[0] == (
        "wrong, expected rounding: beats_blstm_1.onnx run by onnxruntime 1.20.0, against beats_blstm_1"
    )
    assert "output 'y' is off by 3,120 times what rounding can explain" in text
    assert "y[37, 0] of shape [100, 3]; 41.00% of the elements are beyond rounding" in text
    for figure in (
        "got        0.4127",
        "want       0.1713",
        "difference 0.241",
        "7.74e-05, from 8 perturbed runs",
    ):
        assert figure in text
    assert "inputs     recipe noise, seed 0\n" in text
    assert text.splitlines()[-1].startswith("  ")
    assert "length 1" in text.splitlines()[-1]


def test_str_of_a_verdict_is_its_explanation():
    assert str(WRONG) == explain(WRONG)


def test_a_good_verdict_is_one_line():
    good = replace(with_output(WRONG, band="rounding", floors=0.42), band="rounding", floors=0.42)
    assert explain(good) == (
        "rounding: beats_blstm_1.onnx run by onnxruntime 1.20.0, against beats_blstm_1 "
        "is off by 0.42 times what rounding can explain"
    )
    assert explain(replace(good, conditioning="ill")).endswith(
        "0.42 times what rounding can explain (ill-conditioned)"
    )


def test_disagreements_of_shape_stand_before_any_number():
    text = explain(
        with_output(
            WRONG, problems=(Problem("shape", "shape is (99, 3), but should be (100, 3)"),), floors=math.inf
        )
    )
    lines = text.splitlines()
    assert lines[1] == "  problem    output 'y': shape is (99, 3), but should be (100, 3)"
    assert "compare the shapes above" in text
    assert "length 1" not in text


@pytest.mark.parametrize(
    ("problem", "advice"),
    [
        (Problem("type", "type is float64, but should be float32"), "convert with the type"),
        (
            Problem("nan", "2 of 9 elements: the value is NaN, but should not be, at [0] first"),
            "first node with such values",
        ),
        (
            Problem("infinity", "1 of 9 elements: the value should be +infinity, but is not, at [0] first"),
            "first node with such values",
        ),
    ],
)
def test_each_kind_of_problem_has_its_advice(problem, advice):
    assert advice in explain(with_output(WRONG, problems=(problem,), floors=math.inf))


def test_the_output_with_a_problem_comes_first_and_good_outputs_are_one_line():
    fine = replace(WORST, name="a", band="rounding", floors=0.5)
    broken = replace(
        WORST,
        name="b",
        floors=math.inf,
        problems=(Problem("shape", "shape is (1,), but should be (2,)"),),
        got=None,
    )
    text = explain(replace(WRONG, outputs=(fine, WORST, broken)))
    assert text.index("'b'") < text.index("'y'") < text.index("'a'")
    assert "also       output 'a' is rounding, 0.5 times what rounding can explain" in text


def test_a_reduced_candidate_is_told_how_to_be_accepted():
    reduced = replace(with_output(WRONG, band="reduced"), band="reduced", explained_by="float16 weights")
    text = explain(reduced)
    assert "if half precision is meant, expect 'reduced'; else convert in float32" in text
    accepted = explain(replace(reduced, expected="reduced"))
    assert accepted.endswith("is off by 3,120 times what rounding can explain, explained by float16 weights")


def test_expected_exactness_is_explained():
    text = explain(
        replace(with_output(WRONG, band="rounding", floors=0.4), band="rounding", expected="exact")
    )
    assert text.startswith("rounding, expected exact")
    assert "bit for bit" in text


def test_an_ill_conditioned_network_is_said_to_be_one():
    text = explain(replace(WRONG, conditioning="ill"))
    assert "(ill-conditioned)" in text
    assert "amplifies rounding" in text


def test_causes_are_told():
    text = explain(replace(WRONG, causes=(Cause("x", text="gates swapped", repair="swap them"),)))
    assert "cause      gates swapped\n  repair     swap them" in text
    assert "look for a weight" not in text, "where a cause is known, guesses at others have no place"
    assert "length 1" not in text


def test_one_frame_is_advised_only_where_it_can_be_run():
    assert "length 1" not in explain(replace(WRONG, settings={}))
    window = Fit(sizes=(("time", 10),))
    assert "length 1" not in explain(replace(WRONG, fit=window))


def test_what_the_case_of_one_frame_says_is_no_advice_any_more():
    def with_one_frame(band):
        small = replace(with_output(WRONG, band=band), band=band, inputs={"recipe": "one_frame"})
        return explain(replace(WRONG, several=(WRONG, small)))

    assert "on one frame it agrees: the fault lies in what connects frames" in with_one_frame("rounding")
    assert "one frame alone is off too" in with_one_frame("wrong")
    assert "length 1" not in with_one_frame("rounding") + with_one_frame("wrong")


@pytest.mark.parametrize(
    ("floors", "text"),
    [
        (0.4321, "0.43 times"),
        (12.0, "12 times"),
        (3120.4, "3,120 times"),
        (4.2e8, "4.2e+08 times"),
        (math.inf, "infinitely more than"),
    ],
)
def test_floors_show_the_digits_that_mean_something(floors, text):
    said = multiple(floors)
    assert said == (
        f"{text} rounding can explain" if math.isinf(floors) else f"{text} what rounding can explain"
    )


def test_a_scalar_has_no_index():
    assert place(replace(WORST, index=())) == "y"


def test_the_text_of_a_real_comparison():
    weight = np.array([[2.0]], "float32")
    graph = Graph(
        "line",
        (TensorSpec("x", (Axis("time"), Axis("feature", 1))),),
        ("y",),
        (Node("dense", "dense", ("x", "w", "b"), ("y",)),),
        {"w": weight, "b": np.zeros(1, "float32")},
    )
    verdict = check(
        graph, graph.changed(name="bent", constants={"w": weight * 1.5, "b": np.zeros(1, "float32")})
    )
    text = explain(verdict)
    assert not verdict.ok
    assert text.startswith("wrong, expected rounding: bent run by engine")
    # 3 x is 2 x with the input added: a known mistake, and so no general advice.
    assert "added to its result; undone" in text
    assert "look for" not in text
