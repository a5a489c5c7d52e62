"""A layer of attention over all that came before, as decoders are exported: a cache that grows, and its mask."""

from __future__ import annotations

import numpy as np

from modelparity import Axis, Graph, Node, TensorSpec

WIDTH = 4


def attention(*, wrong_beyond=None, mask=True, before=False):
    """x (seq, width), mask (total), past (past, width) -> y (seq, width), present (total, width).

    ``wrong_beyond``: y is 1 % less where total is more. ``before``: the mask is over the past alone, as long as it.
    """
    rng = np.random.default_rng(0)
    tables = {name: rng.standard_normal((WIDTH, WIDTH)) / 2 for name in "qk"}
    tables |= {"low": np.array(-1e9), "one": np.array(1.0), "some": np.array(0.99), "rows": np.array([0])}
    tables["most"] = np.array([wrong_beyond or 0])
    inputs = [TensorSpec("x", (Axis("seq"), Axis("width", WIDTH)))]
    inputs += [TensorSpec("mask", (Axis("past" if before else "total"),), "int64")] if mask else []
    inputs += [TensorSpec("past", (Axis("past"), Axis("width", WIDTH)))]
    nodes = [
        Node("queries", "matmul", ("x", "q"), ("queries",)),
        Node("keys", "matmul", ("x", "k"), ("keys",)),
        Node("present", "concat", ("past", "keys"), ("present",), {"axis": 0}),
        Node("turned", "transpose", ("present",), ("turned",)),
        Node("scores", "matmul", ("queries", "turned"), ("scores",)),
    ]
    at = "scores"
    if mask:
        whole = "mask"
        if before:
            nodes += [
                Node("new", "reduce_sum", ("keys",), ("new",), {"axes": (1,)}),
                Node("on", "equal", ("new", "new"), ("on",)),
                Node("ones", "cast", ("on",), ("ones",), {"to": "int64"}),
                Node("whole", "concat", ("mask", "ones"), ("whole",), {"axis": 0}),
            ]
            whole = "whole"
        nodes += [
            Node("keep", "cast", (whole,), ("keep",), {"to": "bool"}),
            Node("masked", "select", ("keep", "scores", "low"), ("masked",)),
        ]
        at = "masked"
    nodes += [
        Node("weights", "softmax", (at,), ("weights",), {"axis": -1}),
        Node("read", "matmul", ("weights", "present"), ("read",)),
    ]
    out = "read"
    if wrong_beyond is not None:
        nodes += [
            Node("sizes", "shape", ("present",), ("sizes",)),
            Node("total", "gather", ("sizes", "rows"), ("long",), {"axis": 0}),
            Node("beyond", "greater", ("long", "most"), ("beyond",)),
            Node("factor", "select", ("beyond", "some", "one"), ("factor",)),
            Node("less", "mul", ("read", "factor"), ("less",)),
        ]
        out = "less"
    nodes.append(Node("y", "identity", (out,), ("y",)))
    return Graph("attention", tuple(inputs), ("y", "present"), tuple(nodes), tables)
