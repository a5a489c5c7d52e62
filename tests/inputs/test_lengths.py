"""Inputs that say how long the rows of another one are, and axes of sound that are called by a letter."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.inputs import make
from modelparity.inputs.kinds import measured
from modelparity.inputs.sizes import time_axis


def graph(lengths, rows=("batch", "time"), name="x", dtype="int64", ranked=True):
    """A sum of an input and of how long its rows are."""
    spec = TensorSpec(lengths, (Axis(rows[0]),) if ranked else (), dtype)
    axes = tuple(Axis(axis) for axis in rows)
    return Graph(
        "net",
        inputs=(TensorSpec(name, axes, "float32"), spec),
        outputs=("y",),
        nodes=(
            Node("sums", "reduce_sum", (name,), ("s",), {"axes": (1,)}),
            Node("wide", "cast", (lengths,), ("w",), {"to": "float"}),
            Node("y", "add", ("s", "w"), ("y",)),
        ),
        constants={},
    )


@pytest.mark.parametrize(
    "name", ["x_lens", "x_len", "lengths", "input_lengths", "seqlen", "waveforms_lens", "seq_lens"]
)
def test_a_length_is_that_of_the_axis(name):
    made = make(graph(name), length=41)
    np.testing.assert_array_equal(made[name], [41, 41])


def test_one_length_for_all_rows():
    assert make(graph("length", ranked=False), length=41)["length"] == 41


@pytest.mark.parametrize("name", ["wavelength", "tokens", "lent", "length_scale"])
def test_other_names_and_types_are_no_lengths(name):
    read = graph(name)
    assert measured(read, read.inputs[1]) is None


def test_fractions_are_no_lengths():
    read = graph("lengths", dtype="float32")
    assert measured(read, read.inputs[1]) is None


def test_the_input_that_its_name_begins_with_is_measured():
    read = graph("y_lens")
    other = TensorSpec("y_in", (Axis("batch"), Axis("other")), "float32")
    read = read.changed(inputs=(*read.inputs, other))
    assert measured(read, read.inputs[1]) == (other, 1)


def test_what_a_caller_says_wins():
    assert make(graph("x_lens"), length=41, below={"x_lens": 3})["x_lens"].max() < 3


def test_rows_that_are_padded_are_shorter():
    made = make(graph("x_lens"), "right_padded", length=41)
    assert made["x_lens"].min() < 41


def test_a_letter_is_a_batch_only_where_it_comes_first():
    assert time_axis(graph("lens", rows=("batch_size", "N"))) == "N"
    assert time_axis(graph("lens", rows=("N", "time"))) == "time"


def test_sound_gets_as_many_samples_as_windows_of_it_need():
    made = make(graph("waveforms_lens", rows=("batch_size", "N"), name="waveforms"))
    assert made["waveforms"].shape == (2, 4096)
    np.testing.assert_array_equal(made["waveforms_lens"], [4096, 4096])
    assert make(graph("audio_lens", name="audio"))["audio"].shape == (2, 100)
