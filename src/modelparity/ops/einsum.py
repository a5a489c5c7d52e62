"""Einsum: products of arrays, summed as an equation says."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, Shape
from ..engine.operator import not_causal, operator
from ..errors import GraphError
from ..graph import Array
from ._sizes import bounded, feasible


def _cost(shapes: Mapping[str, Shape], attrs: Mapping[str, Any], results: Sequence[Shape]) -> int:
    """At most: of more than two arrays, two at a time are multiplied."""
    letters = attrs["equation"].replace(" ", "").partition("->")[0].split(",")
    sizes: dict[str, int] = {}
    for own, shape in zip(letters, shapes.values(), strict=True):
        for letter, size in zip(own, shape, strict=True):
            sizes[letter] = max(size, sizes.get(letter, size))
    return math.prod(sizes.values())


@operator(
    not_causal("an equation may sum over any axis, so it is not computed block by block"),
    plain=True,
    facts=Facts(cost=_cost),
)
def einsum(ar: Arithmetic, *xs: Array, equation: str) -> Any:
    """y[output letters] = sum over the other letters of the product of x_1[its letters], x_2[its letters], ...

    x_i (one axis a letter) -> y (the letters after "->"); ``equation`` such as "nchw,nwhu->nchu". A size of 1
    broadcasts to the others of its letter. Sums accumulate in the carrier; one rounding.
    Raises `GraphError` for an equation that is none, or sizes that differ.
    Source: Einstein's summation convention as in numpy.einsum; checked against torch.einsum.
    """
    compact = equation.replace(" ", "")
    if not re.fullmatch(r"[A-Za-z]*(,[A-Za-z]*)*->[A-Za-z]*", compact):
        raise GraphError("the equation is not valid", found=equation, expected='letters, as in "ij,jk->ik"')
    left, right = compact.split("->")
    letters = left.split(",")
    if [len(own) for own in letters] != [x.ndim for x in xs]:
        ranks = ", ".join(str(x.ndim) for x in xs)
        raise GraphError("the equation does not fit the ranks", found=ranks, expected=equation)
    sizes: dict[str, int] = {}
    for own, x in zip(letters, xs, strict=True):
        for letter, size in zip(own, x.shape, strict=True):
            if sizes.setdefault(letter, size) == 1:
                sizes[letter] = size
            if size not in (1, sizes[letter]):
                raise GraphError(f"sizes of {letter!r} differ", found=size, expected=sizes[letter])
    if len(set(right)) < len(right) or not set(right) <= set(sizes):
        raise GraphError("the result's letters are not those of the inputs, once each", found=equation)
    bounded(*(sizes[letter] for letter in right))
    feasible(math.prod(sizes.values()))
    whole = [
        np.broadcast_to(x, tuple(sizes[letter] for letter in own)) for own, x in zip(letters, xs, strict=True)
    ]
    terms = math.prod(size for letter, size in sizes.items() if letter not in right)
    whole[0] = ar.operand(whole[0], terms=max(1, terms))
    return ar.rounded(np.array(np.einsum(compact, *whole, optimize=len(whole) > 1)))
