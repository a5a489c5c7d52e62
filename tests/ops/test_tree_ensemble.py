"""Decision trees, against a walk from root to leaf by hand."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.engine.arithmetic import Arithmetic
from modelparity.engine.operator import find
from modelparity.errors import GraphError

RULES = {"leq": "<=", "lt": "<", "gte": ">=", "gt": ">", "eq": "==", "neq": "!="}
#: Two trees of three nodes, of which the second has two entries at one leaf.
TREES = {
    "rules": ("leq", "leaf", "leaf", "leq", "leaf", "leaf"),
    "features": (0, 0, 0, 1, 0, 0),
    "yes": (1, 0, 0, 4, 0, 0),
    "no": (2, 0, 0, 5, 0, 0),
    "missing": (True, False, False, False, False, False),
    "roots": (0, 3),
    "leaves": (1, 2, 4, 5, 5),
    "targets": (0, 1, 0, 0, 1),
    "count": 2,
}
THRESHOLDS = np.array([0.5, 0, 0, -1.0, 0, 0])
WEIGHTS = np.array([1.0, 2.0, 4.0, 8.0, 16.0])


def ensemble(x, base=None, **changed):
    kernel = find("tree_ensemble").kernel
    attrs = {**TREES, **changed}
    given = [np.asarray(x, float), THRESHOLDS, WEIGHTS, *([] if base is None else [np.asarray(base, float)])]
    return kernel(Arithmetic(), *given, **attrs)


def test_leaves_add_up():
    np.testing.assert_array_equal(ensemble([[0, 0], [1, -2], [1, 0]]), [[9, 16], [4, 2], [8, 18]])


def test_what_is_missing_goes_where_the_node_says():
    np.testing.assert_array_equal(ensemble([[np.nan, np.nan]]), ensemble([[0, 0]]))


@pytest.mark.parametrize(
    ("aggregate", "want"), [("average", [4.5, 8]), ("min", [1, 16]), ("max", [8, 16]), ("sum", [9, 16])]
)
def test_aggregates(aggregate, want):
    np.testing.assert_array_equal(ensemble([[0, 0]], [10, 20], aggregate=aggregate), [np.add(want, [10, 20])])


@pytest.mark.parametrize("rule", RULES)
def test_rules(rule):
    x = np.array([[0.0, 0], [0.5, 0], [1.0, 0]])
    got = ensemble(x, rules=(rule, *TREES["rules"][1:]))[:, 0]
    met = [eval(f"{value} {RULES[rule]} 0.5") for value in x[:, 0]]
    np.testing.assert_array_equal(got, 8 + np.array(met, float))


@pytest.mark.parametrize(
    "changed",
    [
        {"rules": ("near", *TREES["rules"][1:])},
        {"yes": (9, *TREES["yes"][1:])},
        {"features": (7, *TREES["features"][1:])},
        {"targets": (2, *TREES["targets"][1:])},
        {"yes": (0, *TREES["yes"][1:]), "no": (0, *TREES["no"][1:])},
        {"aggregate": "median"},
        {"missing": (True,)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_does_not_fit_is_refused(changed):
    with pytest.raises(GraphError):
        ensemble([[0, 0]], **changed)
