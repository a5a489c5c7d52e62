"""Identity: what a linear unit's activation is."""

from __future__ import annotations

from ..engine.arithmetic import Arithmetic
from ..engine.facts import Facts
from ..engine.operator import operator
from ..graph import Array


@operator(facts=Facts(moves=("x",)))
def identity(ar: Arithmetic, x: Array) -> Array:
    """y = x

    x (...) -> y (...), exactly and in any shape.
    Source: ONNX operator Identity, torch.nn.Identity, madmom's activation "linear".
    """
    return x
