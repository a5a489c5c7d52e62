"""Arithmetic: operands exchanged, division and rounding of negative numbers, comparisons, constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from ....graph import Node
from ..fault import Group, by_format
from ..making import (
    NodeFault,
    Way,
    Written,
    ahead,
    behind,
    dropped,
    exchanged,
    instead,
    with_array,
    with_operator,
)
from ..view import At

GROUP = Group("arithmetic", "Arithmetic", 75)
#: What is taken for an operator of the same arrays, likelier confusions first.
TAKEN_FOR: Mapping[str, tuple[str, ...]] = {
    "floor_div": ("trunc_div", "div"),
    "trunc_div": ("floor_div", "div"),
    "mod": ("fmod",),
    "fmod": ("mod",),
    "greater": ("greater_equal", "less"),
    "greater_equal": ("greater", "less_equal"),
    "less": ("less_equal", "greater"),
    "less_equal": ("less", "greater_equal"),
    "equal": ("not_equal",),
    "not_equal": ("equal",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "logical_and": ("logical_or",),
    "logical_or": ("logical_and", "logical_xor"),
    "add": ("sub", "mul", "maximum"),
    "sub": ("add",),
    "mul": ("add", "div"),
    "div": ("mul", "floor_div"),
    "sin": ("cos",),
    "cos": ("sin",),
    "exp": ("exp2", "expm1"),
    "square": ("abs",),
    "abs": ("square", "relu"),
    "sqrt": ("abs",),
    "rsqrt": ("reciprocal",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "cumsum": ("cumprod",),
}
ROUNDINGS = ("round", "floor", "ceil", "trunc")
ORDERED = (
    "sub",
    "div",
    "power",
    "floor_div",
    "trunc_div",
    "mod",
    "fmod",
    "less",
    "greater",
    "less_equal",
    "greater_equal",
    "atan2",
)
UNARY = (
    "square",
    "abs",
    "sqrt",
    "neg",
    "exp",
    "log",
    "reciprocal",
    "logical_not",
    "sign",
    "rsqrt",
    "log1p",
    "expm1",
    "scale_shift",
)


def computed(at: At) -> list[str]:
    """Parameters that are no constants."""
    return [one for one, name in at.tensors.items() if at.view.array(name) is None]


class OperatorTaken(NodeFault):
    id = "operator-taken-for-another"
    group = GROUP
    ops = tuple(TAKEN_FOR)
    where = "divisions, remainders, comparisons, sums, products, powers and magnitudes"
    text = (
        "One operator is taken for one near it: truncating for flooring division, > for >=, power for "
        "magnitude."
    )
    happens = (
        "C, ONNX's Div and torch's rounding_mode='trunc' cut towards zero, Python and numpy floor; "
        "ONNX's Mod has fmod 0 or 1; power and magnitude, "
        "> and >= are one sign apart."
    )
    repair = "Write the operator of the source; try negative numbers and ties."
    repairs = by_format(
        onnx="Set Mod's attribute fmod; Div of whole numbers cuts towards zero.",
        torch='Give rounding_mode="floor" or "trunc".',
    )

    def ways(self, at: At) -> Iterator[Way]:
        if not computed(at):
            return
        for op in TAKEN_FOR[at.node.op]:
            kept = {key: value for key, value in at.node.attrs.items() if key in ("axis", "axes", "keepdims")}
            yield Way(op, f"{at.node.op} {at.name} is {op}", with_operator(at, op, **kept))


class RoundingWrong(NodeFault):
    id = "rounding-wrong"
    group = GROUP
    ops = (*ROUNDINGS, "cast")
    where = "roundings, and casts of real numbers to whole ones"
    text = "Numbers are rounded otherwise: halves away from zero, down, up or towards zero."
    happens = (
        "Python, numpy, ONNX and PyTorch round halves to even, C, Excel and JavaScript away or up; int() "
        "cuts towards zero, // floors."
    )
    repair = "Round as the source does; try halves and negative numbers."

    def ways(self, at: At) -> Iterator[Way]:
        if not computed(at):
            return
        if at.node.op == "cast":
            if at.attrs["to"].startswith(("int", "uint")) and not self._whole(at):
                for op in ROUNDINGS[:3]:
                    yield Way(op, f"{at.name} rounds by {op}", ahead(at, self.id, "x", partial(_one, op)))
            return
        for op in ROUNDINGS:
            if op != at.node.op:
                yield Way(op, f"{at.node.op} {at.name} is {op}", with_operator(at, op, "x"))
        if at.node.op == "round":
            yield Way("half up", f"{at.name} rounds halves up", instead(at, self.id, _half_up))
            yield Way(
                "half away", f"{at.name} rounds halves away from zero", instead(at, self.id, _half_away)
            )

    @staticmethod
    def _whole(at: At) -> bool:
        maker = at.maker("x")
        spec = at.view.inputs.get(at.tensors["x"])
        known = spec is not None and not spec.dtype.startswith(("float", "bfloat"))
        return (
            known
            or at.view.boolean(at.tensors["x"])
            or (maker is not None and maker.op in (*ROUNDINGS, "shape", "cast"))
        )


def _one(op: str, w: Written, x: str) -> str:
    return w(op, x)


def _half_up(w: Written, at: At) -> str:
    return w("floor", w("scale_shift", at.tensors["x"], beta=0.5))


def _half_away(w: Written, at: At) -> str:
    x = at.tensors["x"]
    return w("mul", w("sign", x), w("floor", w("scale_shift", w("abs", x), beta=0.5)))


class OperandsExchanged(NodeFault):
    id = "operands-exchanged"
    group = GROUP
    ops = (*ORDERED, "select", "matmul")
    where = "differences, quotients, powers, comparisons, choices and products of matrices"
    text = "Two operands have changed places."
    happens = "rsub(a, b) is b - a in PyTorch, and constants stand first or second in an op's layer form."
    repair = "Exchange the operands."

    def ways(self, at: At) -> Iterator[Way]:
        names = [one for one in at.tensors if one != "condition"]
        if len(names) == 2 and at.tensors[names[0]] != at.tensors[names[1]] and computed(at):
            if at.node.op == "matmul" and len(computed(at)) < 2:
                return
            yield Way("", f"the operands of {at.name} have changed places", exchanged(at, *names))


class ConstantWrong(NodeFault):
    id = "constant-wrong"
    group = GROUP
    ops = ("mul", "div", "add", "sub", "power", "scale_shift")
    where = "single numbers by which a tensor is multiplied, divided or raised, or that are added"
    text = "A number in the network is left out, inverted or another one."
    happens = "Scalars are folded into neighbours, lost with a dead node, or written as whole numbers."
    repair = "Write the number of the source."

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "scale_shift":
            if at.array("x") is None:
                yield Way("left out", f"{at.name} is left out", dropped(at))
            return
        vector = [one for one in at.tensors if (a := at.array(one)) is not None and a.size > 1]
        if at.node.op in ("mul", "div", "sub") and len(vector) == 1 and len(at.tensors) == 2:
            rest = next(one for one in at.tensors if one != vector[0])
            if at.node.op != "sub" or rest == next(iter(at.tensors)):
                yield Way("left out", f"{at.name} is left out with all of its numbers", dropped(at, rest))
            return
        parameter = next(
            (one for one in at.tensors if (array := at.array(one)) is not None and array.size == 1), None
        )
        others = [one for one in at.tensors if one != parameter]
        array = at.array(parameter) if parameter else None
        if parameter is None or array is None or len(others) != 1 or at.array(others[0]) is not None:
            return
        value = float(array.reshape(-1)[0])
        yield Way("left out", f"{at.name} is left out: {value:.6g} is lost", dropped(at, others[0]))
        for words, new in (
            ("inverted", 1 / value if value else 0.0),
            ("negated", -value),
            ("halved", value / 2),
            ("doubled", value * 2),
            ("rounded", float(np.round(value))),
        ):
            if new != value and array.dtype.kind == "f":
                edit = with_array(at, parameter, partial(np.full_like, fill_value=new))
                yield Way(
                    words, f"the number of {at.name} is {words}: {new:.6g} instead of {value:.6g}", edit
                )


class FunctionDropped(NodeFault):
    id = "function-dropped"
    group = GROUP
    ops = (*UNARY, *ROUNDINGS, "maximum", "minimum", "cumsum")
    where = "squares, roots, logarithms, exponentials, absolute values, signs, roundings"
    text = "A function is left out."
    happens = (
        "A magnitude is taken for a power, decibels for a ratio, or a conversion skips what it has no "
        "name for."
    )
    repair = "Apply the function."

    def ways(self, at: At) -> Iterator[Way]:
        rest = computed(at)
        if rest:
            yield Way("", f"{at.node.op} {at.name} is left out", dropped(at, rest[0]))


class MagnitudeForPower(NodeFault):
    id = "magnitude-for-power"
    group = GROUP
    ops = ("add", "reduce_sum", "sqrt")
    where = "sums of squares, and roots of them"
    text = "A spectrum's magnitude is taken for its power, or the other way round."
    happens = (
        "librosa's and torchaudio's mel spectra are of power 2, others' of power 1; an STFT gives neither."
    )
    repair = "Take the power of the source: power=1 or power=2."

    def ways(self, at: At) -> Iterator[Way]:
        if at.node.op == "sqrt":
            maker = at.maker("x")
            if maker is not None and _squares(at.of(maker)):
                yield Way("power", f"the root {at.name} of a sum of squares is left out", dropped(at))
        elif _squares(at):
            user = at.only_user()
            if user is None or user.op != "sqrt":
                text = f"the root of the sum of squares {at.name} is taken"
                yield Way("magnitude", text, behind(at, self.id, partial(_one, "sqrt")))


def _squares(at: At) -> bool:
    """Whether it sums squares of what is computed."""
    makers = [at.view.makers.get(name) for name in at.node.inputs if name]
    return at.node.op in ("add", "reduce_sum") and all(
        one is not None
        and (one.op == "square" or (one.op == "mul" and one.inputs[0] == one.inputs[1]) or _second(at, one))
        for one in makers
    )


def _second(at: At, node: Node) -> bool:
    """Whether a node raises to the power of two."""
    if node.op != "power":
        return False
    array = at.view.array(node.inputs[1])
    return array is not None and array.size == 1 and float(array.reshape(-1)[0]) == 2
