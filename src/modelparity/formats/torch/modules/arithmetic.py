"""Functions, comparisons and quotients element by element that are no layer of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ....engine.bound_node import Call
from ..building import Built, Function, Scope, lowers

#: Operator -> PyTorch's function of the same arrays, in the same order.
_SAME: dict[str, Callable[..., Any]] = {
    **{
        op: getattr(torch, op)
        for op in (
            *("acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "exp2", "expm1"),
            *("floor", "log10", "log1p", "logical_not", "round", "rsqrt", "sign", "sin", "sinh", "square"),
            *("tan", "trunc", "logical_and", "logical_or", "logical_xor", "greater", "greater_equal", "less"),
            *("less_equal", "not_equal", "fmod"),
        )
    },
    "is_nan": torch.isnan,
    "equal": torch.eq,
    "mod": torch.remainder,
    "floor_div": torch.floor_divide,
    "trunc_div": lambda x, y: torch.div(x, y, rounding_mode="trunc"),
    "select": lambda condition, x, y: torch.where(condition.bool(), x, y),
}
_WITH_SETTINGS: dict[str, Callable[[Tensor, Mapping[str, Any]], Tensor]] = {
    "scale_shift": lambda x, a: a["alpha"] * x + a["beta"],
    "scaled_tanh": lambda x, a: a["alpha"] * torch.tanh(a["beta"] * x),
    "thresholded_relu": lambda x, a: torch.where(
        x < a["threshold"] if a["inclusive"] else x <= a["threshold"], 0.0, x
    ),
    "shrink": lambda x, a: torch.where(
        x < -a["lambd"], x + a["bias"], torch.where(x > a["lambd"], x - a["bias"], 0.0)
    ),
    "is_inf": lambda x, a: (torch.isneginf(x) & a["negative"]) | (torch.isposinf(x) & a["positive"]),
    "l2_normalize": lambda x, a: (
        functional.normalize(x, dim=a["axes"], eps=a["epsilon"])
        if a["guard"] == "floor"
        else x / (x.square().sum(a["axes"], keepdim=True) + a["epsilon"]).sqrt()
    ),
}


@lowers(*_SAME)
def function(scope: Scope, c: Call) -> Built:
    """PyTorch has the same."""
    return Function(c.node.op, _SAME[c.node.op]), c.node.inputs


@lowers(*_WITH_SETTINGS)
def with_settings(scope: Scope, c: Call) -> Built:
    """Written out, with the numbers of the node."""
    settings = dict(c.attrs)
    if isinstance(settings.get("axes"), int):
        settings["axes"] = (settings["axes"],)
    return Function(c.node.op, partial(_call, _WITH_SETTINGS[c.node.op]), attrs=settings), c.node.inputs


def _call(formula: Callable[..., Tensor], x: Tensor, *, attrs: Mapping[str, Any]) -> Tensor:
    return formula(x, attrs)
