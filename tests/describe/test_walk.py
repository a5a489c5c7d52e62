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
