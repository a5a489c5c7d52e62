"""Probabilities of classes by pairs of them; those of files are compared with onnxruntime in `test_classical`."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.engine.arithmetic import arithmetic
from modelparity.engine.operator import find
from modelparity.errors import GraphError


def coupled(r: list[list[float]], classes: int) -> np.ndarray:
    return find("couple_pairs").kernel(arithmetic("float64"), np.array(r)[None], classes=classes)[0]


def test_pairs_that_agree_give_what_they_agree_on() -> None:
    wanted = np.array([0.5, 0.3, 0.2])
    pairs = [[wanted[i] / (wanted[i] + wanted[j]) for i, j in ((0, 1), (0, 2), (1, 2))]]
    np.testing.assert_allclose(coupled(pairs, 3), [wanted], atol=0.005)


def test_of_two_classes_the_pair_says_all() -> None:
    found = coupled([[0.9], [0.5], [0.05]], 2)
    np.testing.assert_allclose(found[:, 0], [0.9, 0.5, 0.05], atol=0.005)
    np.testing.assert_allclose(found.sum(axis=-1), 1)


def test_another_number_of_pairs_is_refused() -> None:
    with pytest.raises(GraphError, match="one number a pair"):
        coupled([[0.5, 0.5]], 3)
