"""Half precision told from coarse outputs: honest candidates called reduced, and wrong ones that are.

Honest candidates compute with weights of float16 or bfloat16, or round every result to it; ``reduced`` is expected.
Wrong ones have another last layer (2 per cent larger, without its bias, or as it is) and outputs that something
coarser than half precision has made: steps of a power of two, or of three or seven of them, whole numbers, powers of
two, four different numbers. None of them may be called reduced. Run it from the root of a checkout.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_variable] = "1"

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import modelparity as mp
from modelparity.engine.rounded_weights import rounded_weights
from modelparity.family import add_folder
from modelparity.graph import Axis, Graph, Node, TensorSpec
from modelparity.runtimes import Runtime

HALVES = ("float16", "bfloat16")
Arrays = Mapping[str, np.ndarray]


class Changed(Runtime):
    """The engine in an arithmetic, whose outputs something else has been made of."""

    name = "changed"

    def __init__(self, arithmetic: str, change: Callable[[np.ndarray], np.ndarray] = lambda y: y) -> None:
        self.arithmetic, self.change = arithmetic, change

    def accepts(self, artefact: object) -> bool:
        return isinstance(artefact, Graph)

    def run(self, artefact: Graph, feeds: Arrays) -> Arrays:
        found = mp.run(artefact, feeds, arithmetic=self.arithmetic)
        return {name: self.change(y) if y.dtype.kind == "f" else y for name, y in found.items()}


def heads() -> Iterator[Graph]:
    """Heads of classifiers and regressors over 32 features."""
    rng = np.random.default_rng(7)
    spec = TensorSpec("x", (Axis("time"), Axis("feature", 32)))
    for op, many in (
        ("sigmoid", 8),
        ("sigmoid", 1),
        ("softmax", 10),
        ("softmax", 1000),
        ("tanh", 6),
        (None, 4),
    ):
        constants = {
            "w": (rng.normal(size=(32, many)) * 0.2).astype(np.float32),
            "b": (rng.normal(size=many) * 0.1).astype(np.float32),
        }
        nodes = [Node("a", "dense", ("x", "w", "b"), ("a" if op else "y",))]
        nodes += [Node("y", op, ("a",), ("y",), {"axis": -1} if op == "softmax" else {})] if op else []
        yield Graph(f"{op or 'linear'} {many}", (spec,), ("y",), tuple(nodes), constants)


def honest() -> dict[str, Callable[[Graph], tuple[Graph, Runtime]]]:
    """{what: (reference) -> a candidate of half precision, and what runs it}."""
    found: dict[str, Callable[[Graph], tuple[Graph, Runtime]]] = {}
    for precision in HALVES:
        found[f"{precision} weights"] = lambda g, p=precision: (rounded_weights(g, p), Changed("float32"))
        found[f"{precision} arithmetic"] = lambda g, p=precision: (g, Changed(p))
        found[f"{precision} weights and arithmetic"] = lambda g, p=precision: (
            rounded_weights(g, p),
            Changed(p),
        )
    found["float16 outputs"] = lambda g: (g, Changed("float16", lambda y: y.astype(np.float16)))
    return found


def in_steps(step: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda y: (np.round(y.astype(np.float64) / step) * step).astype(np.float32)


def few(y: np.ndarray) -> np.ndarray:
    """The nearest of four numbers that every half type holds."""
    numbers = np.array([45, 77, 139, 179]) / 256
    return numbers[np.abs(np.abs(y)[..., None] - numbers).argmin(-1)].astype(np.float32)


COARSE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    **{f"1/{n}": in_steps(1 / n) for n in (16, 64, 128, 256, 512, 1024, 2048, 4096)},
    "3/256": in_steps(3 / 256),
    "3/1024": in_steps(3 / 1024),
    "7/1024": in_steps(7 / 1024),
    "whole numbers": np.round,
    "powers of two": lambda y: np.exp2(np.round(np.log2(np.maximum(np.abs(y), 1e-6)))).astype(np.float32),
    "four numbers": few,
}


def mistakes(graph: Graph) -> dict[str, Graph]:
    """The network as it is, its last layer 2 per cent larger, and without its bias."""
    last = next(
        node for node in reversed(graph.nodes) if any(name in graph.constants for name in node.inputs)
    )
    own = [name for name in last.inputs if name in graph.constants]
    matrix = max(own, key=lambda name: graph.constants[name].size)
    vector = min(own, key=lambda name: graph.constants[name].size)
    return {
        "as it is": graph,
        "2 % more": changed(graph, matrix, 1.02),
        "no bias": changed(graph, vector, 0.0),
    }


def changed(graph: Graph, name: str, factor: float) -> Graph:
    array = graph.constants[name]
    return graph.changed(constants={**graph.constants, name: array * array.dtype.type(factor)})


def cases(reference: Graph, candidate: Graph, runtime: Runtime) -> Iterator[tuple[str, str]]:
    """(case, band) of every case that was judged."""
    verdict = mp.check(reference, candidate, runtime=runtime, expect="reduced")
    for one in verdict.cases:
        yield one.case, one.band


def main() -> None:
    parser = argparse.ArgumentParser(prog="half_precision", description=__doc__.splitlines()[0])
    parser.add_argument("--whole", action="store_true", help="all the fixtures, not every third")
    parser.add_argument("--json", type=Path, help="also write what was counted there")
    args = parser.parse_args()
    add_folder("fixtures", Path("fixtures"), alone=("crf",))
    fixtures = [one.load() for one in mp.families()["fixtures"].models() if one.candidates]
    graphs = [*heads(), *fixtures[:: 1 if args.whole else 3]]
    sound: dict[str, Counter[str]] = {}
    for what, make in honest().items():
        for graph in graphs:
            for case, band in cases(graph, *make(graph)):
                key = f"{what}, {'one frame' if case == 'one_frame' else 'many'}"
                sound.setdefault(key, Counter())[band] += 1
                if band != "reduced":
                    print(f"{key}: {graph.name} is {band}")
    wrong: dict[str, Counter[str]] = {}
    for what, change in COARSE.items():
        for graph in graphs:
            for how, candidate in mistakes(graph).items():
                for case, band in cases(graph, candidate, Changed("float32", change)):
                    wrong.setdefault(what, Counter())[band] += 1
                    if band != "wrong":
                        print(f"{what}, {how}: {graph.name} on {case} is {band}")
    table = Table("candidates", title="half precision")
    for name in ("cases", "reduced", "wrong", "other"):
        table.add_column(name, justify="right")
    for what, count in [*sound.items(), *((f"in steps: {k}", v) for k, v in wrong.items())]:
        rest = count.total() - count["reduced"] - count["wrong"]
        table.add_row(what, *(f"{n:,}" for n in (count.total(), count["reduced"], count["wrong"], rest)))
    Console(width=110).print(table)
    if args.json:
        args.json.write_text(json.dumps({"sound": sound, "wrong": wrong}, indent=1) + "\n")


if __name__ == "__main__":
    main()
