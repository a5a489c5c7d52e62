"""Optional values that are tensors: whether there is one, and which."""

from __future__ import annotations

import numpy as np

from ..node import Op, reads


@reads("OptionalHasElement")
def optional_has_element(op: Op) -> None:
    """y = whether there is an element: a tensor is one"""
    op.fold(np.array(op.has(0)), dtype="bool")


@reads("OptionalGetElement")
def optional_get_element(op: Op) -> None:
    """y = the element: the tensor itself"""
    op.pass_on(op.value(0))
