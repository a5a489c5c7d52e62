"""What can be known of a node's results while the file is read: shapes, and arithmetic on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....engine.run import run
from ....errors import GraphError
from .node import Declined, Op, Translator, elements
from .scope import Scope, Value
from .sizes import known_sizes
from .tensors import held, is_float

#: Elements up to which whole numbers are computed while reading, and floats beside the node that computes them.
MOST, MOST_FLOATS = 1 << 16, 64
#: What is not computed while reading: constants are known anyway, the others differ from run to run.
NEVER = {
    "Constant",
    "RandomNormal",
    "RandomUniform",
    "RandomNormalLike",
    "RandomUniformLike",
    "Multinomial",
    "Bernoulli",
    "Dropout",
}


def folded(op: Op, translator: Translator | None) -> bool:
    """Whether the node's results are known and defined as such; nothing is left to translate then."""
    given = [value for value in op.values if value is not None]
    if translator is None or op.type in NEVER or any(value.items is not None for value in given):
        return False
    if given and all(value.known is not None for value in given) and _small(op):
        results = _computed(op, translator)
        if results is None:
            return False
        whole = not any(is_float(kind.dtype) for kind in op.kinds)
        for place, array in enumerate(results):
            if whole:
                op.fold(array, place)
        if not whole:
            op.translated(translator)
            for name, array in zip(op.outputs, results, strict=True):
                if name:
                    value = op.scope.values[name]
                    value.known, value.computed = value.known if value.known is not None else array, True
                    value.sizes = elements(array, value.kind.dtype)
        return True
    sizes = known_sizes(op)
    if sizes is None:
        return False
    if all(isinstance(n, int) for n in sizes):
        shape = op.kinds[0].shape
        array = np.array(sizes, held(op.kinds[0].dtype or "int64"))
        op.fold(array.reshape(()) if shape == () else array)
        return True
    op.translated(translator)
    op.scope.values[op.outputs[0]].sizes = sizes
    return True


def _small(op: Op) -> bool:
    """Whether all results have known types and shapes, and few elements."""
    most = MOST_FLOATS if any(is_float(kind.dtype) for kind in op.kinds) else MOST
    for name, kind in zip(op.outputs, op.kinds, strict=True):
        if not name or kind.dtype is None or not held(kind.dtype) or kind.shape is None:
            return False
        count = 1
        for size in kind.shape:
            if not isinstance(size, int):
                return False
            count *= size
        if count > most:
            return False
    return (
        sum(value.known.size for value in op.values if value is not None and value.known is not None) <= MOST
    )


def _computed(op: Op, translator: Translator) -> list[Any] | None:
    """The node's results, computed by the engine; None if this form of it is not understood here."""
    scope = Scope(op.scope.model, op.scope.opsets, taken=op.outputs)
    values = [None if v is None else Value(v.kind, known=v.known, sizes=v.sizes) for v in op.values]
    inner = Op(scope, op.node, op.version, values, op.kinds, op.attributes, op.where)
    try:
        translator(inner)
    except Declined:
        return None
    names = [scope.tensor(name, op.where) for name in op.outputs]
    graph = scope.builder.graph(op.type, [], list(dict.fromkeys(names)))
    wide = any(kind.dtype == "float64" for kind in op.kinds)
    try:
        results = run(graph, {}, arithmetic="float64" if wide else "declared")
    except GraphError as error:
        raise op.error(error.what, found=error.found, expected=error.expected) from error
    return [
        results[name].astype(held(kind.dtype or "float32"), copy=False)
        for name, kind in zip(names, op.kinds, strict=True)
    ]
