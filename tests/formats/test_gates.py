"""Gates of recurrent layers brought from one order into another."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.formats.gates import PEEPHOLES, gates, ordered


@pytest.mark.parametrize("axis", [0, -1])
def test_gates_are_told_by_letters(axis):
    stacked = np.moveaxis(np.repeat([[1.0, 2.0, 3.0, 4.0]], 3, axis=0).repeat(2, axis=1), -1, axis)
    found = gates(stacked, "ifog", axis=axis)
    assert {gate: part.flat[0] for gate, part in found.items()} == {"i": 1, "f": 2, "o": 3, "g": 4}
    assert {part.shape[axis] for part in found.values()} == {2}


@pytest.mark.parametrize("want", ["iofg", "ifgo", "fiog"])
def test_an_order_and_its_inverse_undo_each_other(want):
    array = np.arange(40.0).reshape(2, 20)
    turned = ordered(array, "ifog", want, axis=-1)
    assert np.array_equal(turned[:, :5], gates(array, "ifog", axis=-1)[want[0]])
    assert not np.array_equal(turned, array)
    assert np.array_equal(ordered(turned, want, "ifog", axis=-1), array)


def test_gates_may_be_negated():
    array = np.arange(1.0, 7.0)
    assert ordered(array, "rzn", "zrn", axis=-1, negated="z").tolist() == [-3, -4, 1, 2, 5, 6]
    assert ordered(array, PEEPHOLES, "iof", axis=0).tolist() == [1, 2, 5, 6, 3, 4]


def test_an_axis_that_is_no_multiple_of_the_gates_is_refused():
    with pytest.raises(ValueError, match=r"an axis of 7 has no 3 gates of one size \(rzn\)"):
        ordered(np.zeros((2, 7)), "rzn", "zrn", axis=-1)


@pytest.mark.parametrize("want", ["zr", "zrg", "zrnn"])
def test_orders_of_other_letters_are_refused(want):
    with pytest.raises(ValueError, match=f"gates 'rzn' do not become '{want}'"):
        ordered(np.zeros(6), "rzn", want, axis=0)
