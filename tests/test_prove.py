"""Which mutants are tried, on what, and when a survivor is a problem."""

from __future__ import annotations

import pytest

from .prove import LIST, Mutant, bodies, own_tests, problems, source, tomllib, worth_trying

SOURCE = '''
def _help(x):
    return x + 1


@operator(facts=Facts(rank=1))
def thing(ar, x, *, axis=-1):
    """y = x + 1"""
    y = (
        x - 1
    )
    return y
'''


def test_what_computes_is_tried_and_no_signature_docstring_or_fact():
    inside = bodies(SOURCE)
    assert sorted(line for lines in inside for line in lines) == [3, 9, 10, 11, 12]


@pytest.mark.parametrize(
    ("change", "line", "tried"),
    [
        ("core/ReplaceBinaryOperator_Add_Sub", 3, True),
        ("core/ReplaceBinaryOperator_Add_LShift", 3, False),
        ("core/ReplaceBinaryOperator_BitOr_Add", 3, True),
        ("core/NumberReplacer", 10, True),
        ("core/NumberReplacer", 7, False),
        ("core/RemoveDecorator", 6, False),
    ],
)
def test_changes_that_say_something(change, line, tried):
    assert worth_trying(change, line, bodies(SOURCE)) is tried


def test_an_operators_tests_are_its_own_file_or_all_that_name_it():
    assert own_tests("gru") == ["tests/ops/test_gru.py"]
    assert "tests/ops/test_elementwise.py" in own_tests("tanh")


def test_no_operator_of_that_name():
    with pytest.raises(SystemExit, match="nothing_like_it: no operator of this name"):
        source("nothing_like_it")


def test_a_survivor_is_listed_with_a_reason_or_a_problem():
    mutants = [
        Mutant("thing", "core/NumberReplacer", "x - 1", killed=True),
        Mutant("thing", "core/NumberReplacer", "return y", killed=False),
        Mutant("thing", "core/AddNot", "return y", killed=False, diff="-a\n+b"),
    ]
    entry = {"operator": "thing", "change": "core/Number*", "line": "return y", "reason": "r"}
    assert problems(mutants, [entry]) == ["survived: thing, core/AddNot, return y\n-a\n+b"]
    stale = {**entry, "line": "x - 1"}
    assert problems(mutants[:1], [stale]) == ["no such survivor: thing, core/Number*, x - 1"]
    assert problems(mutants[:1], [{**stale, "operator": "another"}]) == []


def test_entries_of_the_list_name_lines_that_are_there():
    for entry in tomllib.loads(LIST.read_text(encoding="utf-8")).get("survivor", []):
        assert set(entry) == {"operator", "change", "line", "reason"}
        lines = source(entry["operator"]).read_text(encoding="utf-8").splitlines()
        assert entry["line"] in map(str.strip, lines), entry
