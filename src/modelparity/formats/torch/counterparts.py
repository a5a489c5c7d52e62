"""Operators that PyTorch has too, element by element: read and built by these tables, so that one line adds both."""

from __future__ import annotations

#: Function of PyTorch -> operator of one array without settings.
UNARY = {
    "abs": "abs",
    "erf": "erf",
    "exp": "exp",
    "hardswish": "hard_swish",
    "log": "log",
    "mish": "mish",
    "neg": "neg",
    "reciprocal": "reciprocal",
    "relu": "relu",
    "sigmoid": "sigmoid",
    "silu": "silu",
    "sqrt": "sqrt",
    "tanh": "tanh",
}
#: Function of PyTorch -> operator of two arrays, broadcast from the right.
BINARY = {"maximum": "maximum", "minimum": "minimum", "mul": "mul"}
