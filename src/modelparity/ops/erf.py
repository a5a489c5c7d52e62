"""Erf: the error function."""

from __future__ import annotations

from scipy import special

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts, always
from ..engine.operator import operator
from ..graph import Array


@operator(facts=Facts(range=always(-1, 1)))
def erf(ar: Arithmetic, x: Array) -> Array:
    """y = 2 / sqrt(pi) integral from 0 to x of exp(-t^2) dt

    x (...) -> y (...), each in [-1, 1].
    Source: DLMF 7.2.1, as scipy.special.erf; checked against torch.erf.
    """
    return ar.rounded(special.erf(x))
