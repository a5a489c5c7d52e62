"""A graph as a file of fewer bits holds it."""

from __future__ import annotations

import numpy as np

from ..graph import Graph
from .arithmetic import arithmetic


def rounded_weights(graph: Graph, precision: str) -> Graph:
    """The graph with every floating-point constant rounded to ``precision``, as a shrunken file holds it."""
    ar = arithmetic(precision)
    constants = {
        name: ar.cast(a).astype(np.float32) if a.dtype.kind == "f" else a
        for name, a in graph.constants.items()
    }
    return graph.changed(constants=constants, source=None)
