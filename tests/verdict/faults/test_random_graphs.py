"""On graphs that nobody drew up: a mistake runs or is refused, leaves the graph alone, and is the same each time."""

from __future__ import annotations

from itertools import islice

import numpy as np
from hypothesis import given, settings, strategies as st

import modelparity as mp
from modelparity import Graph
from modelparity.errors import ModelparityError
from modelparity.verdict.faults import FittedFault, everywhere, faults

from .graphs import Built

CATALOGUE = [one for one in faults() if not isinstance(one, FittedFault)]
#: (name, what is put on top of an array (time, 4), which stays so wide).
LAYERS = {
    "dense": lambda b, x: b("dense", x, b.weight(4, 4), b.weight(4)),
    "matmul": lambda b, x: b("add", b("matmul", x, b.weight(4, 4)), b.weight(4)),
    "lstm": lambda b, x: b("lstm", x, b.weight(1, 4, 16), b.weight(1, 4, 16), b.weight(1, 16), results=3),
    "gru": lambda b, x: b(
        "gru", x, b.weight(2, 4, 6), b.weight(2, 2, 6), b.weight(2, 6), results=2, direction="bidirectional"
    ),
    "conv": lambda b, x: b("conv", x, b.weight(3, 2, 4), padding=((2, 0),), groups=2),
    "norm": lambda b, x: b("layer_norm", x, b.positive(4), b.weight(4)),
    "batch": lambda b, x: b("batch_norm", x, b.weight(4), b.positive(4)),
    "tanh": lambda b, x: b("tanh", x),
    "softmax": lambda b, x: b("softmax", x, axis=-1),
    "skip": lambda b, x: b("add", x, b("relu", b("dense", x, b.weight(4, 4)))),
    "turned": lambda b, x: b("transpose", b("transpose", x, axes=(1, 0)), axes=(1, 0)),
    "cut": lambda b, x: _rejoined(b, x),
    "scaled": lambda b, x: b("div", x, b.constant(np.float32(1.7))),
    "floored": lambda b, x: b("add", x, b("floor", b("scale_shift", x, alpha=3.0))),
}


def _rejoined(b: Built, x: str) -> str:
    part = b("split", x, results=2, axis=-1, sizes=(2, 2))
    return b("concat", f"{part}.1", part, axis=-1)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Two to six layers over (time, 4)."""
    b = Built(f"random{draw(st.integers(0, 99))}")
    x = b.input("time", 4)
    for layer in draw(st.lists(st.sampled_from(sorted(LAYERS)), min_size=2, max_size=6)):
        x = LAYERS[layer](b, x)
    return b.graph(x)


@given(graph=graphs(), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_mistake_in_any_graph_runs_or_is_refused(graph: Graph, data: st.DataObject) -> None:
    before = graph.hash
    x = np.random.default_rng(0).standard_normal((6, 4))
    one = data.draw(st.sampled_from(CATALOGUE))
    found = list(islice(one.applications(graph), 12))
    for made in [
        *found,
        *(everywhere([other for other in found if other.variant == made.variant]) for made in found[:1]),
    ]:
        assert set(made.nodes) <= {node.name for node in graph.nodes}
        try:
            changed = made.changed()
            outputs = mp.run(changed, x)
        except ModelparityError:
            continue
        assert changed.hash != before, made.key
        assert set(outputs) == set(graph.outputs)
        again = mp.run(made.changed(), x)
        assert all(np.array_equal(outputs[name], again[name], equal_nan=True) for name in outputs)
    assert graph.hash == before
