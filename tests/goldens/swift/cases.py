"""Goldens with made-up truths and floors, and candidates that depart from them in every way there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from modelparity import Golden, Graph, Node, TensorSpec
from modelparity.describe.output_types import output_types
from modelparity.goldens.provenance import FIELDS
from modelparity.goldens.terms import PRECISIONS, Half, Terms
from modelparity.verdict.floor import Floor
from modelparity.verdict.reduced import PRECISIONS as STRICTEST_FIRST

SHAPES = [
    (),
    (1,),
    (7,),
    (8,),
    (8,),
    (0,),
    (3, 4),
    (2, 0, 3),
    (2, 3, 4),
    (1, 2, 3, 2),
    (2, 1, 2, 3, 2),
    (300,),
    (40, 30),
]
NAMES = [
    "y",
    "probabilities",
    "it's",
    'say "no"',
    "état 1",
    "a/b",
    "back\\slash",
    "tab\tbed",
    "z",
    "\u2028",
    "net_2.out",
]
#: Element types that a graph may declare.
DECLARED = ["float32", "float32", "float32", "float16", "float64", "bfloat16"]
WHOLE = ["int64", "int32", "bool", "uint8", "uint64", "int16"]
SCALES = [1.0, 1.0, 1e-3, 1e4, 1e-38, 1e-45, 1e-310, 1e37, 1e38, 1e300, 6e4, 6e-8, 1e6]


@dataclass(frozen=True)
class Made:
    """A network's signature, its golden, and what a candidate gave."""

    graph: Graph
    golden: Golden
    outputs: dict[str, np.ndarray[Any, Any]]
    expect: str
    weights: str | None
    candidate: str
    settings: dict[str, str]


def make(seed: int) -> Made:
    """Case ``seed``: the same on every machine."""
    rng = np.random.default_rng([20, seed])
    count = int(rng.choice([1, 1, 1, 2, 3]))
    names = [str(name) for name in rng.choice(NAMES, count, replace=False)]
    graph = _graph(rng, names)
    declared = output_types(graph)
    truth = {name: _truth(rng, declared.get(name) if _is_float(graph, name) else None) for name in names}
    floors = {name: _floor(rng, array) for name, array in truth.items()}
    halves = {precision: _half(rng, precision, truth, floors) for precision in PRECISIONS}
    with_terms = (
        rng.random() < 0.9 or graph.native == "declared" or names != sorted(names) or bool(graph.states)
    )
    terms = Terms({name: declared.get(name) for name in names}, graph.states, halves) if with_terms else None
    floor = Floor(
        "float32", floors, int(rng.choice([4, 8, 60])), str(rng.choice(["well", "well", "ill"])), {}
    )
    recipe = rng.choice([None, "noise", "features"])
    about: dict[str, Any] = dict.fromkeys(FIELDS, "text")
    about |= {
        "spec": 1 + seed % 2,
        "engine": 1,
        "model": graph.name,
        "model_hash": graph.hash,
        "native": graph.native,
    }
    about |= {"recipe": recipe and str(recipe), "seed": recipe and 2**40, "length": None}
    about |= {"source_format": None, "source_name": "a\u00e9\u4e2d\U0001f600\x7f'.pkl", "source_sha256": None}
    golden = Golden({"x": np.zeros((), np.float32)}, truth, floor, about, {"W": "ab"}, terms)
    expect = str(rng.choice(["rounding", "rounding", "reduced", "exact"]))
    outputs = {name: _candidate(rng, name, golden, declared.get(name), expect) for name in names}
    if graph.states and rng.random() < 0.5 and count > 1:
        outputs.pop(graph.states["x"])
    weights = str(rng.choice(STRICTEST_FIRST)) if rng.random() < 0.1 else None
    candidate = graph.name if rng.random() < 0.1 else f"candidate {seed}.mlpackage"
    settings = {"units": "cpuOnly"} | ({"names": "y is var_12"} if rng.random() < 0.2 else {})
    return Made(graph, golden, outputs, expect, weights, candidate, settings)


def _is_float(graph: Graph, name: str) -> bool:
    node = next(node for node in graph.nodes if name in node.outputs)
    return node.attrs.get("whole") is None


def _graph(rng: np.random.Generator, names: list[str]) -> Graph:
    """A graph that is never run: nodes that say what is declared."""
    native = str(rng.choice(["float32", "float32", "float16", "declared"]))
    nodes = []
    for name in names:
        whole = rng.random() < 0.15
        dtype = str(rng.choice(WHOLE if whole else DECLARED))
        nodes.append(Node(name, "identity", ("x",), (name,), {"whole": True} if whole else {}, dtype=dtype))
    states = {"x": names[-1]} if rng.random() < 0.1 else {}
    return Graph(
        "family/net", (TensorSpec("x", ()),), tuple(names), tuple(nodes), {}, native=native, states=states
    )


def _truth(rng: np.random.Generator, declared: str | None) -> np.ndarray[Any, Any]:
    shape = SHAPES[int(rng.integers(len(SHAPES)))]
    if declared is None:
        dtype = np.dtype(str(rng.choice(["int64", "int32", "bool", "uint64", "int16"])))
        low, high = (0, 2) if dtype.kind == "b" else (-(2**62), 2**63 - 1) if dtype.itemsize == 8 else (-9, 9)
        return rng.integers(low, high, shape, dtype=np.int64).astype(dtype)
    with np.errstate(all="ignore"):
        truth = rng.standard_normal(shape) * float(rng.choice(SCALES))
    if rng.random() < 0.3:
        truth = np.asarray(np.round(truth * 8) / 8)
    truth = np.array(truth)
    for odd in (np.nan, np.inf, -np.inf, 0.0, -0.0):
        if rng.random() < 0.08:
            truth[rng.random(shape) < 0.2] = odd
    return truth


def _floor(rng: np.random.Generator, truth: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if truth.dtype.kind != "f":
        return np.zeros(truth.shape)
    finite = np.where(np.isfinite(truth), np.abs(truth), 0.0)
    floor = np.array(finite * 2.0**-21 * np.exp(rng.standard_normal(truth.shape)) + 1.2e-38)
    if rng.random() < 0.15:
        floor[rng.random(truth.shape) < 0.3] = float(rng.choice([0.0, 0.0, np.inf, 5e-324]))
    return floor


def _half(rng: np.random.Generator, precision: str, truth: Any, floors: Any) -> Half:
    width = 2.0**-10 if precision == "float16" else 2.0**-7
    weights, wide = {}, {}
    for name, array in truth.items():
        floats = array.dtype.kind == "f"
        with np.errstate(all="ignore"):
            moved = array * (1 + width * rng.standard_normal(array.shape)) if floats else array
            wide[name] = np.asarray(floors[name] * (2.0**21 * width))
        weights[name] = np.asarray(moved, dtype=array.dtype)
    return Half(weights, wide)


def _candidate(rng: np.random.Generator, name: str, golden: Golden, declared: str | None, expect: str) -> Any:
    truth, floor = golden.outputs[name], golden.floor.outputs[name]
    if truth.dtype.kind != "f":
        return _whole_candidate(rng, truth)
    own = "float32" if declared in (None, "bfloat16") else declared
    dtype = np.dtype(own)
    if rng.random() < 0.15:
        dtype = np.dtype(str(rng.choice(["float16", "float32", "float64", "int32", "bool", "int64"])))
    if expect == "reduced" and rng.random() < 0.3:
        with np.errstate(all="ignore"):
            return np.asarray(truth, dtype=np.float16)
    halves = golden.terms.halves if golden.terms else {}
    ways = [
        "exact",
        "near",
        "near",
        "around",
        "around",
        "one",
        "far",
        "scaled",
        "shape",
        "steps",
        "powers",
        *halves,
    ]
    way = str(rng.choice(ways))
    sign = rng.choice([-1.0, 1.0], truth.shape)
    with np.errstate(all="ignore"):
        floors = np.where(np.isfinite(floor), floor, 0.0)
        got = {
            "exact": lambda: truth,
            "near": lambda: truth + sign * floors * rng.random(truth.shape) * 0.9,
            "around": lambda: (
                truth + sign * floors * (1 + rng.choice([-1, 0, 1]) * 2.0**-12 * rng.random(truth.shape))
            ),
            "one": lambda: truth + floors * 10.0 ** rng.integers(0, 12) * (rng.random(truth.shape) < 0.05),
            "far": lambda: truth + sign * floors * 10.0 ** float(rng.uniform(0, 9)),
            "scaled": lambda: truth * float(rng.choice([-1.0, 1.01, 0.0, 2.0, 1e10])),
            "steps": lambda: _in_steps(rng, truth),
            "powers": lambda: np.exp2(np.round(np.log2(np.abs(truth)))),
            "shape": lambda: truth[None] if rng.random() < 0.5 else truth.reshape(-1)[: truth.size // 2],
        }.get(way, lambda: _halved(rng, way, golden, name, floors))()
        got = np.asarray(got)
        for odd in (np.nan, np.inf, -np.inf):
            if rng.random() < 0.05:
                got = np.where(rng.random(got.shape) < 0.2, odd, got)
        if dtype.kind in "ib":
            got = np.clip(np.nan_to_num(got), -(2.0**31), 2.0**31 - 1)
        return np.asarray(got, dtype=dtype)


def _in_steps(rng: np.random.Generator, truth: Any) -> Any:
    """As a quantiser makes it: half types hold most of these numbers, and have made none."""
    step = (
        float(rng.choice([1, 1, 3, 7]))
        * 2.0 ** float(rng.integers(-12, -3))
        * float(np.nanmax(np.abs(truth), initial=0))
    )
    step = 2.0 ** np.round(np.log2(step)) if rng.random() < 0.7 else step
    return np.round(truth / step) * step


def _halved(rng: np.random.Generator, precision: str, golden: Golden, name: str, floors: Any) -> Any:
    """As half precision would give it: its weights, its arithmetic, or its numbers only."""
    half = golden.terms.halves[precision]  # type: ignore[union-attr]
    way = int(rng.integers(3))
    if way == 0:
        return half.weights[name] + floors * rng.standard_normal(floors.shape) * 0.3
    base = golden.outputs[name] if way == 1 else half.weights[name]
    wide = np.where(np.isfinite(half.floor[name]), half.floor[name], 0.0)
    got = np.asarray(base + wide * rng.uniform(-0.9, 0.9, wide.shape), np.float32)
    if precision == "float16":
        return got.astype(np.float16)
    return (
        (np.ascontiguousarray(got).view(np.uint32) & np.uint32(0xFFFF0000))
        .view(np.float32)
        .reshape(got.shape)
    )


def _whole_candidate(rng: np.random.Generator, truth: np.ndarray[Any, Any]) -> Any:
    got = np.array(truth)
    if rng.random() < 0.5 and truth.size:
        change = rng.random(truth.shape) < 0.3
        got = np.where(change, ~got if got.dtype.kind == "b" else got + got.dtype.type(1), got).astype(
            truth.dtype
        )
    if rng.random() < 0.3:
        with np.errstate(all="ignore"):
            got = got.astype(
                str(rng.choice(["int32", "int64", "uint64", "float32", "float16", "bool", "int8"]))
            )
    return got
