"""The outputs of a classifier."""

from __future__ import annotations

import numpy as np

from ..operators import Op, reads


@reads("classify")
def classify(op: Op) -> None:
    """label = the class with the largest probability; the probabilities in the order of the classes"""
    classes = [item.item() if isinstance(item, np.ndarray) else item for item in op.value("classes")]
    if not classes or len(set(classes)) < len(classes):
        raise op.error("class labels are missing or occur twice", found=len(classes))
    flat = op.temp(
        "reshape", [op.input("probabilities")], dtype=op.dtype("probabilities"), shape=(len(classes),)
    )
    index = op.temp("argmax", [flat], dtype="int32", axis=0)
    op.give("gather", [op.constant(np.array(classes), "classes"), index], output=0, axis=0)
    op.give("identity", [flat], output=1)
