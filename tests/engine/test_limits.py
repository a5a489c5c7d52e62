"""What one run may ask for: refused before memory is allocated or time is spent, and adjustable."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest

from modelparity.describe.summary import summary
from modelparity.engine import run as engine
from modelparity.engine.limits import limited, limits
from modelparity.errors import GraphError, InputError
from modelparity.graph import Axis, Graph, Node, TensorSpec

VECTOR = TensorSpec("x", (Axis("n"),))


def graph(*nodes: Node, constants: dict | None = None, **more: object) -> Graph:
    """A graph of one input x (n,) whose last node gives the output."""
    return Graph("g", (VECTOR,), nodes[-1].outputs, nodes, constants or {}, **more)


def node(op: str, inputs: str, output: str, **attrs: object) -> Node:
    """A node by the names of its tensors."""
    return Node(output, op, tuple(inputs.split()), (output,), attrs)


TOO_LARGE = {
    "fill": graph(node("fill", "size", "y"), constants={"size": np.array([1 << 40])}),
    "tile": graph(node("tile", "x", "y", repeats=(1 << 40,))),
    "broadcast_to": graph(node("broadcast_to", "x", "y", shape=(1 << 40, 2))),
    "pad": graph(node("pad", "x", "y", before=(1 << 40,), after=(0,))),
    "reflected": graph(node("pad", "x", "y", before=(1,), after=(1 << 40,), mode="edge")),
    "one_hot": graph(node("one_hot", "places", "y", size=1 << 40), constants={"places": np.array([0])}),
    "range_1d": graph(
        node("range_1d", "zero end one", "y"),
        constants={"zero": np.array(0.0), "end": np.array(1e12), "one": np.array(1.0)},
    ),
    "list_write": graph(
        node("list_write", "x x_1 place", "y"),
        constants={"x_1": np.array(0.0), "place": np.array(1 << 40)},
    ),
    "gather": graph(
        node("broadcast_to", "place", "places", shape=(1 << 20,)),
        node("gather", "table places", "y"),
        constants={"table": np.zeros((1, 1 << 12)), "place": np.array(0)},
    ),
    "matmul": graph(
        node("broadcast_to", "x", "a", shape=(1 << 20, 2)),
        node("transpose", "a", "b", axes=(1, 0)),
        node("matmul", "a b", "y"),
    ),
    "einsum": graph(
        node("broadcast_to", "x", "a", shape=(1 << 20, 2)), node("einsum", "a a", "y", equation="ij,kl->ikjl")
    ),
    "pool": graph(
        node("reshape", "x", "a", shape=(-1, 1)),
        node("max_pool", "a", "y", size=(1 << 25,), strides=(1,), padding=((1 << 24, 1 << 24),)),
    ),
    "doubling": graph(
        *(
            node("concat", f"{a} {a}", b, axis=0)
            for a, b in zip(["x", *map("x{}".format, range(39))], map("x{}".format, range(40)), strict=True)
        )
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_absurd_arrays_are_refused_before_they_are_allocated(name):
    with limited(elements=1 << 24):
        tracemalloc.start()
        with pytest.raises(GraphError, match="absurd size") as caught:
            engine.run(TOO_LARGE[name], np.ones(2))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert "at most 16,777,216 elements" in str(caught.value)
    assert peak < 400 << 20


def test_what_memory_cannot_hold_is_an_error_of_the_node():
    views = graph(
        node("expand_dims", "x", "a", axes=(1, 2)),
        node("broadcast_to", "a", "b", shape=(2, 1 << 20, 1)),
        node("expand_dims", "x", "c", axes=(0, 1)),
        node("broadcast_to", "c", "d", shape=(2, 1, 2)),
        node("expand_dims", "b", "e", axes=(0,)),
        node("broadcast_to", "e", "f", shape=(1 << 9, 2, 1 << 20, 1)),
        node("transpose", "f", "h", axes=(1, 0, 2, 3)),
        node("expand_dims", "h", "i", axes=(4, 5)),
        node("broadcast_to", "x", "j", shape=(1 << 20, 2)),
        node("add", "i j", "y"),
    )
    with pytest.raises(GraphError, match="add 'y' cannot run") as caught:
        engine.run(views, np.ones(2))
    assert "next:" in str(caught.value)


def test_endless_loops_end():
    one, truth = np.array(1.0), np.array(True)
    inner = (TensorSpec("v", ()),)
    condition = Graph("condition", inner, ("go",), (), {"go": truth})
    body = Graph("body", inner, ("w",), (node("add", "v one", "w"),), {"one": one})
    loop = graph(
        Node("y", "while_loop", ("start",), ("y",), {"condition": condition, "body": body, "carried": 1}),
        constants={"start": one},
    )
    started = time.perf_counter()
    with limited(turns=1000), pytest.raises(GraphError, match="not ended after 1,000 turns"):
        engine.run(loop, np.ones(1))
    assert time.perf_counter() - started < 10


def test_what_a_thread_worked_is_asked_only_once_that_much_time_has_passed(monkeypatch):
    """It takes a thousandth of a second on some systems: as long as many a node."""
    asked = []
    worked = time.thread_time
    monkeypatch.setattr(time, "thread_time", lambda: asked.append(1) or worked())
    many = graph(*(node("add", f"a{k} a{k}" if k else "x x", f"a{k + 1}") for k in range(100)))
    with limited(seconds=60):
        engine.run(many, np.ones(2))
    assert len(asked) < 10
    with limited(seconds=1e-9), pytest.raises(GraphError, match="takes too long"):
        engine.run(many, np.ones(2))


def test_endless_windows_are_refused():
    pool = graph(
        node("reshape", "x", "a", shape=(-1, 1)),
        node("average_pool", "a", "y", size=(1 << 20,), strides=(1,), padding=((1 << 19, 1 << 19),)),
    )
    with limited(steps=1 << 20), pytest.raises(GraphError, match="take too long"):
        engine.run(pool, np.ones(2))


def test_what_fills_an_input_is_bounded():
    spec = TensorSpec("s", (Axis("n", 1 << 40),))
    odd = Graph("g", (VECTOR, spec), ("y",), (node("identity", "x", "y"),), {}, defaults={"s": 0.0})
    with pytest.raises(InputError, match="absurdly large") as caught:
        engine.run(odd, np.ones(2))
    assert "'s'" in str(caught.value)


def test_a_graph_of_absurd_inputs_is_shown_without_shapes():
    spec = TensorSpec("x", (Axis("n", 1 << 40),))
    text = summary(Graph("g", (spec,), ("y",), (node("identity", "x", "y"),), {}))
    assert "shapes are unknown: input 'x' is absurdly large" in text


def test_limits_hold_in_their_block_only():
    before = limits()
    with limited(elements=4), limited(turns=3) as both:
        assert (both.elements, both.turns, both.steps) == (4, 3, before.steps)
        with pytest.raises(GraphError, match="at most 4 elements"):
            engine.run(graph(node("tile", "x", "y", repeats=(3,))), np.ones(2))
    assert limits() == before
    assert engine.run(graph(node("tile", "x", "y", repeats=(3,))), np.ones(2))["y"].shape == (6,)
