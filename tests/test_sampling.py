"""What `make test` leaves out of a matrix is two thirds of it, and no network and no recipe altogether."""

from __future__ import annotations

from itertools import product

import pytest

from . import sampling
from .sampling import third


@pytest.fixture(autouse=True)
def _sampled(monkeypatch):
    """Also where the whole was asked for."""
    monkeypatch.setattr(sampling, "WHOLE", False)


@pytest.mark.parametrize("shape", [(65, 10), (3, 3), (10, 2), (2, 10), (1, 1), (1, 7)])
@pytest.mark.parametrize("shift", [0, 1, 2])
def test_every_row_and_column_takes_part(shape, shift):
    cells = list(product(range(shape[0]), range(shape[1])))
    kept = third(cells, shift=shift)
    assert kept <= set(cells)
    assert [*map(sorted, map(set, zip(*kept, strict=True)))] == [[*range(size)] for size in shape]
    assert len(kept) <= max(len(cells) / 3 + 1, *shape)


def test_three_shifts_are_the_whole():
    cells = list(product("abcdefg", range(10)))
    assert set().union(*(third(cells, shift=shift) for shift in range(3))) == set(cells)


def test_a_column_that_one_row_alone_has_takes_part():
    cells = [("a", "x"), ("b", "x"), ("b", "own"), ("c", "x")]
    assert ("b", "own") in third(cells)


def test_nothing_of_nothing():
    assert third([]) == set()


def test_the_whole_where_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(sampling, "WHOLE", True)
    cells = set(product(range(5), range(7)))
    assert third(cells) == cells
