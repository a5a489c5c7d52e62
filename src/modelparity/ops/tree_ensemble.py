"""Tree ensemble: decision trees whose leaves add up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.operator import operator
from ..errors import GraphError
from ..graph import Array

#: How a node compares an element with its threshold; where that is true it goes on at ``yes``, else at ``no``.
RULES = {
    "leq": np.less_equal,
    "lt": np.less,
    "gte": np.greater_equal,
    "gt": np.greater,
    "eq": np.equal,
    "neq": np.not_equal,
}
LEAF = "leaf"


@operator(plain=True)
def tree_ensemble(
    ar: Arithmetic,
    x: Array,
    thresholds: Array,
    weights: Array,
    base: Array | None = None,
    *,
    rules: Sequence[str],
    features: Sequence[int],
    yes: Sequence[int],
    no: Sequence[int],
    missing: Sequence[bool],
    roots: Sequence[int],
    leaves: Sequence[int],
    targets: Sequence[int],
    count: int,
    aggregate: str = "sum",
) -> Array:
    """y[b, t] = base[t] + the sum of the weights for target t of the leaves that row b of x comes to, one a tree

    x (batch, in), thresholds (node), weights (entry), base (count) or (1) -> y (batch, count). Node n asks whether
    ``rules[n]`` is true of x[b, features[n]] and thresholds[n], and goes on at yes[n] or no[n]; at NaN by missing[n];
    a node of rule "leaf" ends it. Entry k belongs to node leaves[k] and target targets[k]. ``aggregate``: "sum",
    "average" (divided by the number of trees), "min" or "max" of the entries, 0 where a target has none.
    Comparisons are exact; what is added is rounded as a sum of one term a tree.
    Raises `GraphError` for an unknown rule or aggregate, a place that is not there, and trees that never end.
    Source: ONNX-ML TreeEnsembleRegressor; checked against onnxruntime and onnx.reference.
    """
    trees = _Trees(rules, features, yes, no, missing, leaves, targets)
    trees.check(x, thresholds, weights, count, aggregate)
    at = trees.ends(x, thresholds, roots)
    least = {"min": np.inf, "max": -np.inf}.get(aggregate, 0.0)
    y = np.full((len(x), count), least, ar.dtype)
    gather = {"min": np.minimum, "max": np.maximum}.get(aggregate, np.add)
    for entry in range(trees.most):
        rows, places = np.nonzero(trees.held[at] > entry)
        of = trees.order[trees.first[at[rows, places]] + entry]
        gather.at(y, (rows, trees.targets[of]), weights[of])
    if aggregate in ("min", "max"):
        y = np.where(np.isfinite(y), y, 0)
    elif aggregate == "average":
        y = y / ar.dtype.type(max(len(roots), 1))
    y = ar.summed(y.astype(ar.dtype), len(roots))
    return y if base is None else ar.rounded(y + base)


class _Trees:
    """Nodes of all trees by their place, and which entries each leaf holds."""

    def __init__(
        self,
        rules: Sequence[str],
        features: Sequence[int],
        yes: Sequence[int],
        no: Sequence[int],
        missing: Sequence[bool],
        leaves: Sequence[int],
        targets: Sequence[int],
    ) -> None:
        self.rules = np.array(rules)
        self.features, self.yes, self.no = (np.array(a, np.int64) for a in (features, yes, no))
        self.missing, self.targets = np.array(missing, bool), np.array(targets, np.int64)
        self.leaves = np.array(leaves, np.int64)
        self.nodes = len(self.rules)

    def check(self, x: Array, thresholds: Array, weights: Array, count: int, aggregate: str) -> None:
        """Raises `GraphError` for what does not fit together."""
        if x.ndim != 2 or aggregate not in ("sum", "average", "min", "max"):
            raise GraphError("x or a setting does not fit", found=f"x {x.shape}, {aggregate}")
        lengths = {len(one) for one in (self.features, self.yes, self.no, self.missing, thresholds)}
        if lengths != {self.nodes} or not len(self.leaves) == len(self.targets) == len(weights):
            raise GraphError("lists of nodes or of leaves differ in length", expected=f"{self.nodes} nodes")
        if unknown := set(self.rules.tolist()) - {*RULES, LEAF}:
            raise GraphError("unknown rule", found=sorted(unknown)[0], expected=", ".join((*RULES, LEAF)))
        inside = self.rules != LEAF
        for what, places, end in (
            ("feature", self.features[inside], x.shape[1]),
            ("node", np.concatenate([self.yes[inside], self.no[inside], self.leaves]), self.nodes),
            ("target", self.targets, count),
        ):
            if places.size and not 0 <= places.min() <= places.max() < end:
                raise GraphError(
                    f"a {what} is out of range", found=int(places.max()), expected=f"below {end}"
                )
        self.order = np.argsort(self.leaves, kind="stable")
        self.held = np.bincount(self.leaves, minlength=self.nodes)
        self.first = np.cumsum(self.held) - self.held
        self.most = int(self.held.max(initial=0))

    def ends(self, x: Array, thresholds: Array, roots: Sequence[int]) -> Array:
        """The leaf that each row comes to in each tree (batch, tree)."""
        at = np.tile(np.array(roots, np.int64), (len(x), 1))
        rows = np.arange(len(x))[:, None]
        for _ in range(self.nodes + 1):
            on = self.rules[at] != LEAF
            if not on.any():
                return at
            value, limit = x[rows, self.features[at] * on], thresholds[at]
            answer = np.zeros(at.shape, bool)
            for name, compare in RULES.items():
                answer = np.where(self.rules[at] == name, compare(value, limit), answer)
            answer = np.where(np.isnan(value), self.missing[at], answer)
            at = np.where(on, np.where(answer, self.yes[at], self.no[at]), at)
        raise GraphError("a tree never ends", expected="every path from a root to a leaf")
