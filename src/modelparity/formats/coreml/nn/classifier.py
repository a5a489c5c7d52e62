"""What a classifier makes of its probabilities: the class, and the probabilities in the order of the labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import ArtefactError
from .inputs_outputs import deliver
from .scope import Scope


def add_classes(scope: Scope, spec: Any, network: Any) -> list[str]:
    """Nodes for the outputs of a classifier; returns their names: class, probabilities.

    Probabilities are an array in the order of the labels; the class is its label.
    """
    where = scope.builder.origin = "class labels"
    kind = network.WhichOneof("ClassLabels")
    labels = list(getattr(network, kind).vector) if kind else []
    if not labels:
        raise ArtefactError(
            "the classifier has no class labels", where=where, found="none", expected="a label for each class"
        )
    if len(set(labels)) < len(labels):
        seen: set[Any] = set()
        twice = next(one for one in labels if one in seen or seen.add(one))  # type: ignore[func-returns-value]
        raise ArtefactError(
            "a class label occurs twice", where=where, found=repr(twice)[:80], expected="labels of their own"
        )
    blob = network.labelProbabilityLayerName or (*network.layers[-1].output, "")[0]
    builder, names = scope.builder, []
    probabilities = scope.read(blob, where)
    (flat,) = builder.emit("reshape", [probabilities], hint=f"{blob}.flat", shape=(len(labels),))
    predicted, by_class = spec.description.predictedFeatureName, spec.description.predictedProbabilitiesName
    if predicted:
        (index,) = builder.emit("argmax", [flat], hint=f"{predicted}.index", axis=0)
        table = builder.constant(np.array(labels), f"{predicted}.labels")
        (label,) = builder.emit("gather", [table, index], hint=f"{predicted}.label", axis=0)
        deliver(scope, predicted, label)
        names.append(predicted)
    if by_class:
        deliver(scope, by_class, flat)
        names.append(by_class)
    return names
