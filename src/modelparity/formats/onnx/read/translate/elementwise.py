"""Elementwise operators of one array, of two, and of any number."""

from __future__ import annotations

import numpy as np

from ...counterparts import BINARY, UNARY
from ..node import Op, reads

#: ONNX operator -> core operator of one array.
ONE = {**UNARY, "Softplus": "softplus", "Mish": "mish", "BitwiseNot": "bitwise_not"}
#: ONNX operator -> core operator of two arrays, broadcast from the right.
TWO = {**BINARY, "BitwiseAnd": "bitwise_and", "BitwiseOr": "bitwise_or", "BitwiseXor": "bitwise_xor"}
#: ONNX operator of any number of arrays -> core operator of two.
FOLDED = {"Max": "maximum", "Min": "minimum", "Sum": "add"}


@reads(*ONE)
def unary(op: Op) -> None:
    """y = f(x)"""
    op.give(ONE[op.type], [op.input(0)])


@reads(*TWO)
def binary(op: Op) -> None:
    """z = f(x, y)"""
    op.give(TWO[op.type], op.inputs(0, 1))


@reads(*FOLDED)
def folded(op: Op) -> None:
    """y = f(f(x_1, x_2), x_3) ..."""
    if op.count == 1:
        op.give("identity", [op.input(0)])
        return
    total = op.input(0)
    for place in range(1, op.count - 1):
        total = op.temp(FOLDED[op.type], [total, op.input(place)])
    op.give(FOLDED[op.type], [total, op.input(op.count - 1)])


@reads("Mean")
def mean(op: Op) -> None:
    """y = (x_1 + x_2 + ...) / n"""
    total = op.input(0)
    for place in range(1, op.count):
        total = op.temp("add", [total, op.input(place)])
    op.give("div", [total, op.constant(float(op.count), "count")])


@reads("Div")
def div(op: Op) -> None:
    """z = x / y; whole numbers lose the fraction"""
    op.give("div" if op.is_float() else "trunc_div", op.inputs(0, 1))


@reads("Mod")
def mod(op: Op) -> None:
    """z = the remainder of x / y, with the sign of y, or of x (``fmod``)"""
    op.give("fmod" if op.attr("fmod", 0) else "mod", op.inputs(0, 1))


@reads("Pow")
def power(op: Op) -> None:
    """z = x^y, of x's type whatever the type of y"""
    if not op.is_float(0) and not op.is_float(1):
        op.give("power", op.inputs(0, 1))
        return
    sides = [
        op.input(k) if op.is_float(k) else op.temp("cast", [op.input(k)], dtype=op.dtype(1 - k), to="float")
        for k in (0, 1)
    ]
    if op.is_float(0):
        op.give("power", sides)
    else:
        op.give("cast", [op.temp("power", sides, dtype=op.dtype(1))], to=op.dtype(0))


@reads("BitShift")
def bit_shift(op: Op) -> None:
    """z = x moved by y bits"""
    op.give("bit_shift", op.inputs(0, 1), left=op.attr("direction") == "LEFT")


@reads("Clip")
def clip(op: Op) -> None:
    """y = min(max(x, least), most)"""
    x = op.input(0)
    if op.version < 11:
        bounds = [op.attr("min", None), op.attr("max", None)]
    else:
        bounds = [
            None
            if not op.has(k)
            else float(known.reshape(()))
            if (known := op.known(k)) is not None
            else op.input(k)
            for k in (1, 2)
        ]
    if op.is_float() and not any(isinstance(bound, str) for bound in bounds):
        op.give("clip", [x], min=bounds[0], max=bounds[1])
        return
    sides = [(k, name) for k, name in ((1, "maximum"), (2, "minimum")) if op.has(k)]
    for k, name in sides[:-1]:
        x = op.temp(name, [x, op.input(k)])
    if sides:
        op.give(sides[-1][1], [x, op.input(sides[-1][0])])
    else:
        op.give("identity", [x])


@reads("Where")
def where(op: Op) -> None:
    """z = x where the condition holds, y elsewhere"""
    op.give("select", op.inputs(0, 1, 2))


@reads("IsInf")
def is_inf(op: Op) -> None:
    """y = whether x is infinite, of the signs that count"""
    op.give(
        "is_inf",
        [op.input(0)],
        negative=op.attr("detect_negative", True, bool),
        positive=op.attr("detect_positive", True, bool),
    )


@reads("Identity")
def identity(op: Op) -> None:
    """y = x"""
    op.pass_on(op.value(0))


@reads("Dropout")
def dropout(op: Op) -> None:
    """y = x, as always after training; the mask, if asked for, is all true"""
    op.ignore("ratio", "seed", "is_test")  # they matter in training alone
    if op.has(2):
        training = op.known(2)
        if training is None:
            raise op.error("whether it is in training must be known before the model runs")
        if training.any() and (op.known(1) is None or op.const(1).any()):
            _dropping(op)
            return
    op.give("identity", [op.input(0)], output=0)
    if op.wanted(1):
        # Up to opset 9 the mask has the type of x.
        to = "float" if op.version < 10 and op.is_float() else "bool"
        op.give("fill_like", [op.input(0)], output=1, value=1.0, to=to)


def _dropping(op: Op) -> None:
    """y = x / (1 - ratio) where a random mask says so, else 0"""
    ratio = 0.5 if not op.has(1) else None if op.known(1) is None else float(op.const(1).reshape(()))
    if ratio is None:
        raise op.error("the share that is dropped must be known before the model runs")
    shape = op.temp("shape", [op.input(0)], dtype="int64")
    kept = op.temp("random_bernoulli", [shape], probability=1.0 - ratio)
    scaled = op.temp("mul", [op.input(0), op.constant(1.0 / (1.0 - ratio) if ratio < 1 else 0.0, "scale")])
    op.give("mul", [scaled, kept], output=0)
    if op.wanted(1):
        op.give("cast", [kept], output=1, to="bool")


@reads("Swish")
def swish(op: Op) -> None:
    """y = x / (1 + exp(-alpha x))"""
    alpha = op.attr("alpha", 1.0)
    if alpha == 1.0:
        op.give("silu", [op.input(0)])
        return
    share = op.temp("sigmoid", [op.temp("mul", [op.input(0), op.constant(alpha, "alpha")])])
    op.give("mul", [op.input(0), share])


@reads("QuickGelu", domain="com.microsoft")
def quick_gelu(op: Op) -> None:
    """y = x / (1 + exp(-alpha x))"""
    share = op.temp("sigmoid", [op.temp("mul", [op.input(0), op.constant(op.attr("alpha", 1.702), "alpha")])])
    op.give("mul", [op.input(0), share], kind=op.kind())


@reads("Shrink")
def shrink(op: Op) -> None:
    """y = x + bias where x < -lambd, x - bias where x > lambd, else 0"""
    op.give("shrink", [op.input(0)], lambd=op.attr("lambd", 0.5), bias=op.attr("bias", 0.0))


@reads("Affine", "ParametricSoftplus", "ScaledTanh")
def retired(op: Op) -> None:
    """Experimental activations that early exporters used."""
    alpha, beta = op.attr("alpha", 1.0), op.attr("beta", 0.0 if op.type == "Affine" else 1.0)
    kind = op.kind()
    if op.type == "ScaledTanh":
        op.give("scaled_tanh", [op.input(0)], alpha=alpha, beta=beta, kind=kind)
    elif op.type == "Affine":
        scaled = op.temp("mul", [op.input(0), op.constant(alpha, "alpha")])
        op.give("add", [scaled, op.constant(beta, "beta")], kind=kind)
    else:
        soft = op.temp("softplus", [op.temp("mul", [op.input(0), op.constant(beta, "beta")])])
        op.give("mul", [soft, op.constant(alpha, "alpha")], kind=kind)


@reads("BitCast")
def bit_cast(op: Op) -> None:
    """y = the same bits read as another type of the same width"""
    op.ignore("to")  # inference has the type
    to = op.kinds[0].dtype or ""
    op.give("bit_cast", [op.input(0)], source=op.dtype(0), to=to)


def scalar(op: Op, place: int) -> float | None:
    """An input that is known and has one element."""
    known = op.known(place)
    return float(np.asarray(known).reshape(())) if known is not None and known.size == 1 else None
