"""ONNX-ML: ensembles of decision trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np

from .....graph import Array
from ..node import Op, reads
from ..scope import Kind
from .classical import ACT, DOMAIN, batch, given_labels, given_scores, rows, transformed

RULES = {
    "BRANCH_LEQ": "leq",
    "BRANCH_LT": "lt",
    "BRANCH_GTE": "gte",
    "BRANCH_GT": "gt",
    "BRANCH_EQ": "eq",
    "BRANCH_NEQ": "neq",
    "LEAF": "leaf",
}
#: Rules and aggregates of opset 5, by their numbers.
MEMBER = "member"
CODES = ("leq", "lt", "gte", "gt", "eq", "neq", MEMBER)
AGGREGATES = ("average", "sum", "min", "max")


@reads("TreeEnsembleRegressor", domain=DOMAIN)
def tree_ensemble_regressor(op: Op) -> None:
    """y = what the leaves of all trees come to, transformed"""
    count = op.attr("n_targets")
    words = {one.upper(): one for one in AGGREGATES}
    aggregate = op.choice("aggregate_function", words, "SUM")
    y = _grown(op, "target", count, aggregate=aggregate)
    y = transformed(op, y, op.choice("post_transform", {one: one for one in ACT}, "NONE"))
    op.give("identity", [y], kind=Kind("float32", (batch(op), count)))


@reads("TreeEnsembleClassifier", domain=DOMAIN)
def tree_ensemble_classifier(op: Op) -> None:
    """labels = those of the largest scores, scores = the sums of the leaves of all trees, transformed"""
    ints, texts = op.attr("classlabels_int64s", ()), op.attr("classlabels_strings", ())
    count = max(len(ints), len(texts))
    how = op.choice("post_transform", {one: one for one in ACT}, "NONE")
    classes = set(op.attr("class_ids"))
    if count == 2 and len(classes) == 1:
        _binary(op, how, ints, texts)
        return
    if count < 2:
        op.declined("fewer than two labels")
    scores = _grown(op, "class", count)
    given_labels(op, op.temp("argmax", [scores], dtype="int64", axis=-1), ints, texts)
    given_scores(op, transformed(op, scores, how), count)


def _binary(op: Op, how: str, ints: Sequence[int], texts: Sequence[str]) -> None:
    """Two labels of which the trees know one: its score, and what is left of one, or the same negated."""
    sure = min(_numbers(op, "class_weights"), default=0) >= 0
    base = _numbers(op, "base_values")
    if len(base) > 1:
        op.declined("two base values for one score")
    scores = _grown(op, "class", 1, targets=[0] * len(op.attr("class_ids")))
    limit = op.constant(np.float32(0.5 if sure else 0), "limit")
    above = op.temp("greater", [scores, limit], dtype="bool")
    places = op.temp("cast", [above], dtype="int64", to="int64")
    places = op.temp("reshape", [places], dtype="int64", shape=(-1,))
    given_labels(op, places, ints, texts)
    if sure:
        other = op.temp("sub", [op.constant(np.float32(1), "one"), scores], dtype="float32")
    else:
        other = op.temp("neg", [scores], dtype="float32")
    both = op.temp("concat", [other, scores], dtype="float32", axis=-1)
    given_scores(op, transformed(op, both, "NONE" if sure else how), 2)


def _grown(
    op: Op, what: str, count: int, *, aggregate: str = "sum", targets: Sequence[int] | None = None
) -> str:
    """The trees' sums (batch, count), of attributes that begin with ``nodes_`` and ``target_`` or ``class_``."""
    op.ignore("nodes_hitrates", "nodes_hitrates_as_tensor")  # how often a node was passed in training
    names = list(zip(op.attr("nodes_treeids"), op.attr("nodes_nodeids"), strict=True))
    place = {name: k for k, name in reversed(list(enumerate(names)))}
    roots = list({tree: k for k, (tree, _) in reversed(list(enumerate(names)))}.values())[::-1]
    modes = op.attr("nodes_modes")
    if unknown := set(modes) - set(RULES):
        raise op.error("unknown rule of a node", found=sorted(unknown)[0], expected=", ".join(RULES))
    rules = [RULES[mode] for mode in modes]

    def placed(side: str) -> list[int]:
        ids = op.attr(f"nodes_{side}nodeids")
        return [
            0 if rule == "leaf" else place[tree, to]
            for (tree, _), to, rule in zip(names, ids, rules, strict=True)
        ]

    leaves = zip(op.attr(f"{what}_treeids"), op.attr(f"{what}_nodeids"), strict=True)
    missing = op.attr("nodes_missing_value_tracks_true", ()) or (0,) * len(names)
    settings = {
        "rules": tuple(rules),
        "features": tuple(op.attr("nodes_featureids")),
        "yes": tuple(placed("true")),
        "no": tuple(placed("false")),
        "missing": tuple(bool(one) for one in missing),
        "roots": tuple(sorted(roots)),
        "leaves": tuple(place[one] for one in leaves),
        "targets": tuple(op.attr(f"{what}_ids") if targets is None else targets),
    }
    arrays = (_numbers(op, "nodes_values"), _numbers(op, f"{what}_weights"), _numbers(op, "base_values"))
    return _ensemble(op, *arrays, settings, count, aggregate)


def _ensemble(
    op: Op,
    thresholds: Array,
    weights: Array,
    base: Array,
    settings: Mapping[str, Any],
    count: int,
    aggregate: str,
    dtype: str = "float32",
) -> str:
    inputs = [rows(op), op.constant(thresholds, "thresholds"), op.constant(weights, "weights")]
    if len(base):
        inputs.append(op.constant(base, "base"))
    return op.temp("tree_ensemble", inputs, dtype=dtype, count=count, aggregate=aggregate, **settings)


def _numbers(op: Op, name: str) -> Array:
    """An attribute that is a list of floats, or under another name a tensor; empty if it is neither."""
    tensor = op.attr(f"{name}_as_tensor", None)
    given = op.attr(name, ())
    return np.asarray(given, np.float32) if tensor is None else _array(tensor)


def _array(tensor: tuple[str, Array]) -> Array:
    """The numbers of an attribute that is a tensor."""
    return tensor[1].reshape(-1)


@reads("TreeEnsemble", domain=DOMAIN)
def tree_ensemble(op: Op) -> None:
    """y = what the leaves of all trees come to, transformed; inner nodes and leaves are listed apart"""
    op.ignore("nodes_hitrates")  # how often a node was passed in training
    modes, splits = _array(op.attr("nodes_modes")).tolist(), _array(op.attr("nodes_splits"))
    inner, leaves = len(modes), len(op.attr("leaf_targetids"))
    nodes = [
        _Node(*one)
        for one in zip(
            [CODES[mode] for mode in modes],
            op.attr("nodes_featureids"),
            splits.tolist(),
            _placed(op, "true", inner),
            _placed(op, "false", inner),
            map(bool, op.attr("nodes_missing_value_tracks_true", ()) or (0,) * inner),
            strict=True,
        )
    ]
    nodes += [_Node("leaf", 0, 0.0, 0, 0, False)] * leaves
    members = op.attr("membership_values", None)
    _asked_one_by_one(op, nodes, [] if members is None else _array(members).tolist())
    settings = {
        "rules": tuple(node.rule for node in nodes),
        "features": tuple(node.feature for node in nodes),
        "yes": tuple(node.yes for node in nodes),
        "no": tuple(node.no for node in nodes),
        "missing": tuple(node.missing for node in nodes),
        "roots": tuple(op.attr("tree_roots")),
        "leaves": tuple(range(inner, inner + leaves)),
        "targets": tuple(op.attr("leaf_targetids")),
    }
    thresholds = np.array([node.threshold for node in nodes], splits.dtype)
    weights, none = _array(op.attr("leaf_weights")), np.zeros(0)
    count, aggregate = op.attr("n_targets"), AGGREGATES[op.attr("aggregate_function", 1)]
    y = _ensemble(op, thresholds, weights, none, settings, count, aggregate, op.dtype(0))
    y = transformed(op, y, ACT[op.attr("post_transform", 0)])
    op.give("identity", [y], kind=Kind(op.dtype(0), (batch(op), count)))


@dataclass(frozen=True)
class _Node:
    rule: str
    feature: int
    threshold: float
    yes: int
    no: int
    missing: bool


def _placed(op: Op, side: str, inner: int) -> list[int]:
    """Where nodes go on: leaves stand behind the inner ones."""
    pairs = zip(op.attr(f"nodes_{side}nodeids"), op.attr(f"nodes_{side}leafs"), strict=True)
    return [inner + to if leaf else to for to, leaf in pairs]


def _asked_one_by_one(op: Op, nodes: list[_Node], members: list[float]) -> None:
    """A node that asks for one of several values as a chain of nodes that ask for one each, added at the end.

    The values of all such nodes follow each other in ``members``, NaN behind those of each.
    """
    left = iter(members)
    for place, node in enumerate(nodes[:]):
        if node.rule != MEMBER:
            continue
        values = list(takewhile(lambda value: not np.isnan(value), left))
        if not values:
            raise op.error(f"node {place} asks for one of no values", expected="numbers, then NaN")
        for k, value in enumerate(values):
            at = place if k == 0 else len(nodes)
            last = k == len(values) - 1
            one = replace(node, rule="eq", threshold=value, no=node.no if last else len(nodes) + (k > 0))
            if k == 0:
                nodes[at] = one
            else:
                nodes.append(one)
