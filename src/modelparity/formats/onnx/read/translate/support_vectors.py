"""ONNX-ML: sums of kernels over support vectors, as scikit-learn's converter writes them."""

from __future__ import annotations

import numpy as np

from .....graph import Array
from ..node import Op, reads
from ..scope import Kind
from .classical import ACT, DOMAIN, batch, rows, transformed

KERNELS = ("LINEAR", "POLY", "RBF", "SIGMOID")


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
