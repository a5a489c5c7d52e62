"""What operators declare of themselves is what their kernels do."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from modelparity.describe.walk import ELEMENT
from modelparity.engine.facts import Facts, Range, always, rank_of, spanned_by
from modelparity.engine.operator import find, names, operator

from .contradictions import contradictions, multiplied
from .examples import RUNNING, call, examples


@pytest.mark.parametrize("name", names())
def test_no_fact_contradicts_the_kernel(name):
    own = find(name)
    if own.facts == Facts() or name in RUNNING:
        return
    given = examples(own)
    assert given, f"declare an example of {name!r} in tests/ops/examples.py: it has facts"
    if own.facts.windowed:
        assert any(one.short for one in given), (
            f"no example of {name!r} says what is too short for its window"
        )
    for one in given:
        assert contradictions(own, one) == []


def test_operators_that_run_others_are_compared_where_they_are_looked_through():
    """In tests/engine/test_inner.py, describe/test_ranges.py and verdict/test_floor_of_what_is_inside.py."""
    assert set(RUNNING) == {"by_length", "cond", "while_loop", "with_settings"}, (
        "a new one needs a test there"
    )


@pytest.mark.parametrize("name", names())
def test_what_declares_no_cost_multiplies_little(name):
    """So little that what its elements cost anyway covers it."""
    own = find(name)
    if own.facts.cost or name in RUNNING:
        return
    for one in examples(own):
        tally, results = multiplied(own, one)
        assert tally.products == 0, f"{name} sums products: declare what it costs"
        assert tally.others <= ELEMENT * sum(y.size for y in (*results, *filter(np.size, one.arrays)))


@pytest.mark.parametrize("name", names())
def test_what_runs_graphs_says_which(name):
    own = find(name)
    assert own.control == bool(own.facts.graphs)
    assert not own.facts.chooses or own.facts.graphs


@pytest.mark.parametrize("name", names())
def test_what_has_recurrent_weights_is_recurrent(name):
    own = find(name)
    assert own.facts.recurrent >= ("recurrent" in own.kernel.__annotations__)


def declared(facts, kernel):
    return operator(facts=facts, plain=True)(kernel).operator


def doubled(ar, x):
    return 2 * x


def largest(ar, x):
    return x.max(axis=0)


def padded(ar, x):
    return np.pad(x, 1)


def centred(ar, x):
    return x - x.mean()


def rolled(ar, x):
    return np.roll(x, 1)


def summed(ar, x):
    return np.cumsum(x, axis=0)


def last(ar, x):
    return x[-1:]


def looked_up(ar, indices, table):
    return table[indices % len(table)]


def cut_short(ar, x):
    return x[:, :-1]


@pytest.mark.parametrize(
    ("facts", "kernel", "said"),
    [
        (Facts(moves=("x",)), doubled, "is in the result and in none of"),
        (Facts(moves=("x",)), padded, r"moves only, but 0\.0 is in the result"),
        (Facts(moves=("x",)), largest, "what it picks depends on the values"),
        (Facts(moves=("y",)), rolled, "'y', which is no parameter"),
        (Facts(elementwise=True), centred, "changes the result at another place"),
        (Facts(elementwise=True), rolled, "depends on where an element stands"),
        (Facts(elementwise=True), cut_short, r"give \(3, 3\)"),
        (Facts(broadcasts=True), largest, "from rank 2 comes rank 1"),
        (Facts(range=always(-1, 1)), doubled, r"range -1 to 1, but it gives"),
        (Facts(range=spanned_by("x")), doubled, "range .* but it gives"),
        (Facts(range=always(0, 1, quiet=True)), lambda ar, x: (x > 0) * 1.0, "no tail next to zero"),
        (Facts(range=lambda given, attrs: Range(-1e31, 1e31, total=0)), doubled, "sums to one"),
        (Facts(recurrent=True), summed, "as in a sum"),
        (Facts(recurrent=True), last, "does not reach the last"),
        (Facts(windowed=True), doubled, r"takes \(1, 4\)"),
        (Facts(lookup="table"), looked_up, "index 5 is taken"),
        (Facts(lookup="table"), doubled, "no such array"),
        (Facts(cuts={"x": {0: 2}}), doubled, r"x \(3, 4\) does not fall into 2 parts"),
        (Facts(rank=rank_of("x")), largest, "to give rank 2, but gives rank 1"),
        (Facts(cost=lambda shapes, attrs, results: 13), doubled, "it says to multiply 13 times, but"),
        (Facts(state=lambda shapes, attrs: 3), doubled, "does not stream"),
    ],
)
def test_a_fact_that_contradicts_the_kernel_is_found(facts, kernel, said):
    example = call([1, 2], (5, 3)) if kernel is looked_up else call((3, 4), short=(1, 4))
    found = contradictions(declared(facts, kernel), example)
    assert len(found) >= 1
    assert any(re.search(said, one) for one in found), found


@pytest.mark.parametrize(
    ("name", "wrong", "letter"), [("lstm", "oifg", "o"), ("lstm", "figo", "i"), ("gru", "zrn", "z")]
)
def test_gates_in_another_order_are_found(name, wrong, letter):
    own = find(name)
    changed = replace(own, facts=replace(own.facts, gates=wrong))
    assert f"gates {wrong}, but the one called {letter} is another" in contradictions(
        changed, examples(own)[0]
    )


def test_a_state_that_is_counted_wrongly_is_found():
    own = find("lstm")
    wrong = replace(own, facts=replace(own.facts, state=lambda shapes, attrs: shapes["recurrent"][-2]))
    example = call((6, 3), (1, 3, 16), (1, 4, 16), (1, 16))
    assert contradictions(own, example) == []
    assert contradictions(wrong, example) == ["it says to keep 4 numbers, but a stream carries 8"]
