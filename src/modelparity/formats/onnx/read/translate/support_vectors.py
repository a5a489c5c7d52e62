"""ONNX-ML: sums of kernels over support vectors, as scikit-learn's converter writes them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, combinations

import numpy as np

from .....graph import Array
from ..node import Op, reads
from ..scope import Kind
from .classical import ACT, DOMAIN, batch, given_labels, given_scores, rows, transformed

KERNELS = ("LINEAR", "POLY", "RBF", "SIGMOID")
#: How far from 0 and 1 a probability of one of two classes is kept.
SURE = 1e-7


@reads("SVMRegressor", domain=DOMAIN)
def svm_regressor(op: Op) -> None:
    """y = sum over s of c[s] K(x, v[s]) + rho, transformed; with ``one_class`` 1 where that is above 0, else -1

    K is x v (LINEAR), (gamma x v + offset)^degree (POLY), exp(-gamma |x - v|^2) (RBF), or tanh(gamma x v + offset)
    (SIGMOID); without support vectors c are weights of x. Source: ONNX-ML SVMRegressor; checked against onnxruntime.
    """
    count = op.attr("n_supports", 0)
    kernel = op.choice("kernel_type", {one: one for one in KERNELS}, "LINEAR")
    coefficients = np.array(op.attr("coefficients"), np.float32)
    held, settings = op.attr("support_vectors", ()), np.array(op.attr("kernel_params", (0, 0, 0)), np.float32)
    rho = np.array(op.attr("rho", (0.0,)), np.float32)
    if len(settings) < 3 or len(rho) != 1 or (count and (coefficients.size != count or len(held) % count)):
        found = (
            f"{count} support vectors, {len(held)} numbers, {coefficients.size} coefficients, {len(rho)} rho"
        )
        raise op.error("support vectors and coefficients do not fit", found=found)
    x = rows(op)
    if count:
        x = _kernel(op, x, np.array(held, np.float32).reshape(count, -1), kernel, settings)
    weights = op.constant(coefficients.reshape(-1, 1), "coefficients")
    y = op.temp("dense", [x, weights, op.constant(rho, "rho")], dtype="float32")
    if op.attr("one_class", 0):
        above = op.temp("greater", [y, op.constant(np.float32(0), "zero")], dtype="bool")
        ways = [op.constant(np.float32(n), name) for n, name in ((1, "inside"), (-1, "outside"))]
        y = op.temp("select", [above, *ways], dtype="float32")
    y = transformed(op, y, op.choice("post_transform", {one: one for one in ACT}, "NONE"))
    op.give("identity", [y], kind=Kind("float32", (batch(op), 1)))


@reads("SVMClassifier", domain=DOMAIN)
def svm_classifier(op: Op) -> None:
    """labels = those that most pairs of classes vote for; scores = the pairs' decisions, or probabilities of classes

    The decision between classes i < j is the sum over their support vectors of c K(x, v), plus rho; above 0 it is for
    i. K as above. Without support vectors scores are x c' + rho and the largest has the label.
    Source: ONNX-ML SVMClassifier; checked against onnxruntime, whose scores of two classes are -d and d (1 - d
    and d, and no more, where they should pass a softmax).
    """
    ints, texts = op.attr("classlabels_ints", ()), op.attr("classlabels_strings", ())
    count, how = max(len(ints), len(texts)), op.choice("post_transform", {one: one for one in ACT}, "NONE")
    kernel = op.choice("kernel_type", {one: one for one in KERNELS}, "LINEAR")
    settings = np.array(op.attr("kernel_params", (0, 0, 0)), np.float32)
    coefficients = np.array(op.attr("coefficients"), np.float32)
    rho = np.array(op.attr("rho"), np.float32)
    held, each = op.attr("support_vectors", ()), op.attr("vectors_per_class", ())
    slopes, shifts = op.attr("prob_a", ()), op.attr("prob_b", ())
    pairs, vectors = count * (count - 1) // 2, sum(each)
    if count < 2 or how == "PROBIT":
        op.declined("fewer than two classes" if count < 2 else "a probit transform")
    fits = len(slopes) == len(shifts) and len(slopes) in (0, pairs) and len(settings) >= 3
    if vectors:
        fits = fits and len(each) == count and min(each) >= 0 and len(held) % vectors == 0
        fits = fits and len(rho) == pairs and coefficients.size == (count - 1) * vectors
    else:
        fits = fits and len(rho) >= 1 and coefficients.size % count == 0
    if not fits:
        found = (
            f"{count} classes, {vectors} support vectors, {coefficients.size} coefficients, {len(rho)} rho"
        )
        raise op.error("support vectors and coefficients do not fit", found=found)
    x = rows(op)
    if not vectors:
        _linear(op, x, coefficients.reshape(count, -1), rho[0], how, ints, texts)
        return
    x = _kernel(op, x, np.array(held, np.float32).reshape(vectors, -1), kernel, settings)
    weights = op.constant(_by_pair(coefficients.reshape(count - 1, vectors), each), "coefficients")
    decisions = op.temp("dense", [x, weights, op.constant(rho, "rho")], dtype="float32")
    given_labels(op, _voted(op, decisions, count), ints, texts)
    if slopes:
        scores = _probabilities(
            op, decisions, np.array(slopes, np.float32), np.array(shifts, np.float32), count
        )
        given_scores(op, transformed(op, scores, how), count)
    elif count == 2:
        whole = op.constant(np.float32(how.startswith("SOFTMAX")), "whole")
        both = [op.temp("sub", [whole, decisions], dtype="float32"), decisions]
        scores = op.temp("concat", both, dtype="float32", axis=-1)
        given_scores(op, transformed(op, scores, "LOGISTIC") if how == "LOGISTIC" else scores, 2)
    else:
        given_scores(op, transformed(op, decisions, how), pairs)


def _linear(
    op: Op, x: str, weights: Array, rho: np.float32, how: str, ints: Sequence[int], texts: Sequence[str]
) -> None:
    """Scores of the classes themselves; of two, the second has the label wherever the larger score is enough."""
    count = len(weights)
    bias = op.constant(np.full(count, rho, np.float32), "rho")
    scores = op.temp("dense", [x, op.constant(weights.T, "coefficients"), bias], dtype="float32")
    places = op.temp("argmax", [scores], dtype="int64", axis=-1)
    if count == 2:
        sure = bool((weights >= 0).all())
        most = op.temp("reduce_max", [scores], dtype="float32", axes=(-1,))
        limit = op.constant(np.float32(0.5 if sure else 0), "limit")
        above = op.temp("greater_equal" if sure else "greater", [most, limit], dtype="bool")
        places = op.temp("select", [above, op.constant(np.int64(1), "second"), places], dtype="int64")
    given_labels(op, places, ints, texts)
    given_scores(op, transformed(op, scores, how), count)


def _by_pair(coefficients: Array, each: Sequence[int]) -> Array:
    """(class less one, vector) -> (vector, pair): what each vector counts in the decision between two classes."""
    starts, places = [0, *accumulate(each)], range(len(each))
    columns = []
    for one, other in combinations(places, 2):
        column = np.zeros(coefficients.shape[1], np.float32)
        column[starts[one] : starts[one + 1]] = coefficients[other - 1, starts[one] : starts[one + 1]]
        column[starts[other] : starts[other + 1]] = coefficients[one, starts[other] : starts[other + 1]]
        columns.append(column)
    return np.stack(columns, axis=1)


def _voted(op: Op, decisions: str, count: int) -> str:
    """The class that most pairs are for (batch); of equal ones the first."""
    one, other = (
        np.eye(count, dtype=np.int64)[list(k)] for k in zip(*combinations(range(count), 2), strict=True)
    )
    above = op.temp("greater", [decisions, op.constant(np.float32(0), "zero")], dtype="bool")
    wide = op.temp("expand_dims", [above], dtype="bool", axes=(-1,))
    ways = [op.constant(votes, name) for votes, name in ((one, "for_the_first"), (other, "for_the_second"))]
    votes = op.temp("select", [wide, *ways], dtype="int64")
    total = op.temp("reduce_sum", [votes], dtype="int64", axes=(-2,))
    return op.temp("argmax", [total], dtype="int64", axis=-1)


def _probabilities(op: Op, decisions: str, slopes: Array, shifts: Array, count: int) -> str:
    """Probabilities of the classes (batch, class), from a logistic of each decision."""
    scaled = op.temp("mul", [decisions, op.constant(-slopes, "minus_slopes")], dtype="float32")
    moved = op.temp("sub", [scaled, op.constant(shifts, "shifts")], dtype="float32")
    first = op.temp("sigmoid", [moved], dtype="float32")
    kept = op.temp("clip", [first], dtype="float32", min=SURE, max=1 - SURE)
    return op.temp("couple_pairs", [kept], dtype="float32", classes=count)


def _kernel(op: Op, x: str, vectors: Array, kernel: str, settings: Array) -> str:
    """K of rows (batch, in) and vectors (count, in) -> (batch, count)."""
    gamma, offset, degree = (op.constant(settings[k], f"setting_{k}") for k in range(3))
    if kernel == "RBF":
        wide = op.temp("expand_dims", [x], dtype="float32", axes=(-2,))
        apart = op.temp("sub", [wide, op.constant(vectors, "support_vectors")], dtype="float32")
        square = op.temp("reduce_sum_square", [apart], dtype="float32", axes=(-1,), keepdims=False)
        minus = op.constant(-settings[0], "minus_gamma")
        return op.temp("exp", [op.temp("mul", [square, minus], dtype="float32")], dtype="float32")
    product = op.temp("matmul", [x, op.constant(vectors.T, "support_vectors")], dtype="float32")
    if kernel == "LINEAR":
        return product
    scaled = op.temp("mul", [product, gamma], dtype="float32")
    moved = op.temp("add", [scaled, offset], dtype="float32")
    if kernel == "SIGMOID":
        return op.temp("tanh", [moved], dtype="float32")
    return op.temp("power", [moved, degree], dtype="float32")
