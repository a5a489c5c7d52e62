"""A run for its shapes alone says what it takes."""

from __future__ import annotations

import numpy as np

from modelparity.describe.walk import ELEMENT, TooMuch, walked
from modelparity.graph import Axis, Graph, Node, TensorSpec


def graph(nodes, constants, *axes):
    spec = TensorSpec("x", tuple(Axis(f"a{k}", n) for k, n in enumerate(axes)))
    return Graph("g", (spec,), ("y",), tuple(nodes), constants)


def test_a_product_costs_its_multiplications_and_an_element_its_passes():
    weights = {"w": np.ones((500, 7), np.float32)}
    both = graph([Node("d", "dense", ("x", "w"), ("h",)), Node("r", "relu", ("h",), ("y",))], weights, 3, 500)
    run = walked(both, {"x": np.ones((3, 500))})
    assert run.products == 3 * 500 * 7
    assert run.work == 3 * 500 * 7 + ELEMENT * 3 * 7


def test_a_look_up_in_a_large_table_costs_what_it_reads():
    table = {"w": np.ones((30_000, 8), np.float32)}
    run = walked(graph([Node("e", "gather", ("w", "x"), ("y",))], table, 5), {"x": np.arange(5)})
    assert (run.products, run.work) == (0, ELEMENT * 5 * 8)


def test_products_of_what_is_computed_cost_too():
    nodes = [
        Node("t", "transpose", ("x",), ("h",), {"axes": (1, 0)}),
        Node("m", "matmul", ("x", "h"), ("y",)),
    ]
    run = walked(graph(nodes, {}, 60, 200), {"x": np.ones((60, 200))})
    assert run.products == 60 * 200 * 60


def test_a_run_stops_where_it_takes_more_than_it_may():
    nodes = [Node("m", "matmul", ("x", "x"), ("h",)), Node("r", "relu", ("h",), ("y",))]
    run = walked(graph(nodes, {}, 100, 100), {"x": np.ones((100, 100))}, most_work=999_999)
    assert run.done == 1
    assert isinstance(run.refusal, TooMuch)
    assert "1,000,000 multiplications" in str(run.refusal)


def square(name):
    """The product of a matrix with itself."""
    spec = TensorSpec("m", (Axis("row", 20), Axis("column", 20)))
    return Graph(name, (spec,), ("n",), (Node("p", "matmul", ("m", "m"), ("n",)),), {})


def test_what_a_loop_does_counts_as_often_as_it_is_done():
    m, count = TensorSpec("m", (Axis("row", 20), Axis("column", 20))), TensorSpec("k", (), "int64")
    go = Graph(
        "go", (m, count), ("more",), (Node("c", "less", ("k", "end"), ("more",)),), {"end": np.int64(30)}
    )
    nodes = (Node("p", "matmul", ("m", "m"), ("n",)), Node("k", "add", ("k", "one"), ("next",)))
    body = Graph("body", (m, count), ("n", "next"), nodes, {"one": np.int64(1)})
    loop = Node(
        "loop", "while_loop", ("x", "start"), ("y", "k"), {"condition": go, "body": body, "carried": 2}
    )
    run = walked(graph([loop], {"start": np.int64(0)}, 20, 20), {"x": np.eye(20, dtype="f4")})
    assert run.refusal is None
    assert run.products == 30 * 20**3
    assert run.work >= run.products


def test_the_branch_that_is_taken_counts():
    branches = {"then": square("then"), "otherwise": Graph("o", square("o").inputs, ("m",), (), {})}
    for taken, products in ((True, 20**3), (False, 0)):
        node = Node("if", "cond", ("which", "x"), ("y",), branches)
        run = walked(graph([node], {"which": np.bool_(taken)}, 20, 20), {"x": np.eye(20, dtype="f4")})
        assert run.products == products
