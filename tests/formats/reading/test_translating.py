"""The words that all readers share, on the smallest operation there can be."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import ArtefactError, GraphError
from modelparity.formats.graph_builder import Builder
from modelparity.formats.reading.channels import (
    channels_last,
    give_channels_first,
    resolved,
    to_first,
    to_last,
)
from modelparity.formats.reading.translating import Operation, known_as, trimmed, whole_numbers


class Small(Operation[str]):
    """Operands by name, all of rank 3; known ones are arrays."""

    def __init__(self, operands, settings):
        super().__init__("small", "file, node 3", Builder(list(operands)))
        self.operands, self.set, self.given = operands, settings, []

    def has(self, key):
        return key in self.operands

    def input(self, key, *, optional=False):
        if not self.has(key) and not optional:
            raise self.missing(key)
        return key if self.has(key) else ""

    def known(self, key):
        return self.operands.get(key)

    def rank(self, key):
        return 3

    def dtype(self, key):
        return None

    def settings(self):
        return self.set

    def give(self, core, inputs, /, *, output=None, **attrs):
        self.given.append(core)
        return self.builder.emit(core, trimmed(inputs), hint=self.label, **attrs)

    @property
    def label(self):
        return "y"


def test_a_setting_is_of_its_kind_or_refused():
    op = Small({}, {"alpha": 2, "sizes": np.array([3, 4]), "bad": "many"})
    assert op.attr("alpha", 1.0, float) == 2.0
    assert isinstance(op.attr("alpha", 1.0, float), float)
    assert op.attr("sizes", kind=whole_numbers) == (3, 4)
    assert op.attr("left out", None, float) is None
    with pytest.raises(ArtefactError, match=r"small: attribute 'bad' is of a wrong kind\n.*many'\n.*int"):
        op.attr("bad", kind=int)
    with pytest.raises(ArtefactError, match="attribute 'beta' is missing"):
        op.attr("beta")
    with pytest.raises(ArtefactError, match=r"wrong kind\n.*1\.5\n.*whole numbers"):
        Small({}, {"sizes": 1.5}).attr("sizes", kind=whole_numbers)


def test_a_setting_of_some_words_is_what_each_stands_for():
    op = Small({}, {"mode": "sharp"})
    assert op.choice("mode", {"sharp": 1, "soft": 2}) == 1
    assert op.choice("other", known_as("a", "b"), "b") == "b"
    with pytest.raises(ArtefactError, match=r"unknown mode\n.*sharp\n.*soft, blunt"):
        op.choice("mode", known_as("soft", "blunt"))


def test_what_nobody_looked_at_is_an_error_unless_ignored():
    op = Small({}, {"alpha": 1, "beta": 2})
    with pytest.raises(ArtefactError, match=r"file, node 3: small: attribute 'beta' is not understood"):
        op.translated(lambda one: one.attr("alpha"))
    op.ignore("beta")
    op.finished()


@pytest.mark.parametrize("slip", [GraphError("no such size", found=3), TypeError("a list"), KeyError("k")])
def test_whatever_a_translator_trips_over_names_the_operator_and_its_place(slip):
    def translate(op):
        raise slip

    with pytest.raises(ArtefactError, match="file, node 3: small: ") as caught:
        Small({}, {}).translated(translate)
    assert caught.value.__cause__ is slip


def test_inputs_left_out_at_the_end_are_dropped_and_others_keep_their_places():
    op = Small({"x": None}, {})
    op.temp("lstm", ["x", "", "w", "", ""])
    assert op.builder.nodes[0].inputs == ("x", "", "w")
    assert op.input("bias", optional=True) == ""
    with pytest.raises(ArtefactError, match="'bias' is missing"):
        op.input("bias")


def test_known_operands_are_turned_when_read_and_others_by_a_node():
    weight = np.arange(6.0).reshape(1, 2, 3)
    op = Small({"w": weight, "x": None}, {})
    turned = op.turned("w", (2, 0, 1))
    assert np.shares_memory(op.builder.constants[turned], weight)
    assert not op.builder.nodes
    op.shaped("x", (-1, 1))
    assert [node.op for node in op.builder.nodes] == ["reshape"]


def test_channels_go_last_and_come_back():
    for rank, spatial in ((4, 2), (3, 2), (5, 3), (3, 0)):
        order = [to_last(rank, spatial)[axis] for axis in to_first(rank, spatial)]
        assert order == list(range(rank))
    op = Small({"x": None}, {})
    give_channels_first(op, channels_last(op, "x"), 3)
    assert [node.attrs["axes"] for node in op.builder.nodes] == [(0, 2, 1), (0, 2, 1)]


def test_same_padding_becomes_numbers_where_the_sizes_are_known():
    assert resolved((5, 6), (2, 4), "same", (1, 2)) == ((0, 1), (1, 1))
    assert resolved((5,), (2,), "same_lower", (1,)) == ((1, 0),)
    assert resolved((None,), (2,), "same", (1,)) == "same"
    assert resolved((5,), (2,), ((1, 1),), (1,)) == ((1, 1),)
