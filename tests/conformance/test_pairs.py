"""A corpus of pairs as strangers bring them: every kind of interface in two formats, right ones and spoilt ones.

All get a band on the scale without an option, and all get the right one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import modelparity as mp
from modelparity.errors import ConversionError
from modelparity.graph import Axis, Graph, Node, TensorSpec

TIME, BATCH, ONE = Axis("time"), Axis("batch"), Axis("one", 1)
IN, HIDDEN, OUT = 3, 5, 4
FEATURE = Axis("feature", IN)
#: How much of its own size the spoilt weight is off.
SPOILT = np.float32(1.001)


def table(seed, *shape):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def dense(axes, *, order=None, back=None, flat=None, ends=("x", "y")):
    """tanh(x W) over the last axis after ``order``; the result turned ``back``, or brought to the shape ``flat``."""
    x, y = ends
    nodes, at = [], x
    if order:
        nodes.append(Node("in", "transpose", (at,), ("turned",), {"axes": order}))
        at = "turned"
    nodes.append(Node("product", "matmul", (at, "W"), ("product",)))
    turned = back or flat
    nodes.append(Node("tanh", "tanh", ("product",), ("made" if turned else y,)))
    if back:
        nodes.append(Node("out", "transpose", ("made",), (y,), {"axes": back}))
    if flat:
        nodes.append(Node("out", "reshape", ("made",), (y,), {"shape": flat}))
    return Graph("dense", (TensorSpec(x, tuple(axes)),), (y,), tuple(nodes), {"W": table(1, IN, OUT)})


def heads(names, seeds, widths=(4, 4, 4)):
    """Dense layers side by side, an output each."""
    nodes = tuple(Node(f"p{i}", "matmul", ("x", f"W{i}"), (name,)) for i, name in enumerate(names))
    tables = {f"W{i}": table(seed, IN, widths[seed]) for i, seed in enumerate(seeds)}
    return Graph("heads", (TensorSpec("x", (TIME, FEATURE)),), tuple(names), nodes, tables)


def sums(names, seeds=(0, 1)):
    """tanh(a A + b B): inputs of two widths."""
    widths = {0: 3, 1: 6}
    inputs = tuple(
        TensorSpec(name, (TIME, Axis(f"f{seed}", widths[seed])))
        for name, seed in zip(names, seeds, strict=True)
    )
    nodes = (
        *(Node(f"p{s}", "matmul", (name, f"W{s}"), (f"p{s}",)) for name, s in zip(names, seeds, strict=True)),
        Node("sum", "add", ("p0", "p1"), ("sum",)),
        Node("tanh", "tanh", ("sum",), ("y",)),
    )
    return Graph("sums", inputs, ("y",), nodes, {f"W{s}": table(s, widths[s], OUT) for s in seeds})


def cell(kind, *, whole=True, state=False, shown=True):
    """A recurrent layer; its states are inputs and outputs, or it starts from zeros."""
    count = {"gru": 3, "lstm": 4}[kind]
    states = [("h", "hn"), ("c", "cn")][: count - 2]
    inputs = [TensorSpec("x", (TIME if whole else Axis("time", 1), FEATURE))]
    given = tuple(name for name, _ in states)
    if state:
        inputs += [TensorSpec(name, (Axis("d", 1), Axis("hidden", HIDDEN))) for name in given]
    arguments = ("x", "W", "R", *(("", "", *given) if state else ()))
    results = ("y", *(name for _, name in states))
    tables = {"W": table(1, 1, IN, count * HIDDEN), "R": table(2, 1, HIDDEN, count * HIDDEN) / 2}
    outputs = results if state and shown else ("y",)
    return Graph(kind, tuple(inputs), outputs, (Node(kind, kind, arguments, results),), tables)


@dataclass(frozen=True)
class Kind:
    """Two graphs that compute the same behind different interfaces."""

    reference: Graph
    candidate: Graph


PLAIN = dense((TIME, FEATURE))
FIXED = Axis("time", 10)
KINDS = {
    "the same": Kind(PLAIN, PLAIN),
    "other names": Kind(PLAIN, dense((TIME, FEATURE), ends=("serving_default_x", "Identity"))),
    "a batch more": Kind(PLAIN, dense((ONE, TIME, FEATURE))),
    "a batch less": Kind(dense((ONE, TIME, FEATURE)), PLAIN),
    "a free batch less": Kind(dense((BATCH, TIME, FEATURE)), PLAIN),
    "a batch between": Kind(PLAIN, dense((TIME, ONE, FEATURE))),
    "rank four": Kind(PLAIN, dense((ONE, ONE, TIME, FEATURE))),
    "rank five": Kind(PLAIN, dense((TIME, ONE, ONE, ONE, FEATURE))),
    "channels first": Kind(PLAIN, dense((FEATURE, TIME), order=(1, 0), back=(1, 0))),
    "channels last": Kind(
        dense((ONE, FEATURE, TIME), order=(0, 2, 1), back=(0, 2, 1)), dense((ONE, TIME, FEATURE))
    ),
    "time first": Kind(dense((ONE, TIME, FEATURE)), dense((TIME, ONE, FEATURE))),
    "outputs alone turned": Kind(PLAIN, dense((TIME, FEATURE), back=(1, 0))),
    "one fixed length": Kind(PLAIN, dense((FIXED, FEATURE))),
    "one fixed length in a batch": Kind(PLAIN, dense((ONE, FIXED, FEATURE))),
    "flattened outputs": Kind(dense((FIXED, FEATURE)), dense((FIXED, FEATURE), flat=(10 * OUT,))),
    "no time axis": Kind(PLAIN, dense((ONE, FEATURE))),
    "outputs of other widths": Kind(heads("abc", (0, 1, 2), (4, 5, 6)), heads("pqr", (2, 0, 1), (4, 5, 6))),
    "outputs of one width": Kind(heads("abc", (0, 1, 2)), heads("pqr", (2, 0, 1))),
    "an output more": Kind(heads("ab", (0, 1)), heads("abc", (0, 1, 2))),
    "inputs of other names": Kind(sums(("a", "b")), sums(("left", "right"), (1, 0))),
    "a state more": Kind(cell("gru"), cell("gru", state=True)),
    "states more": Kind(cell("lstm"), cell("lstm", state=True)),
    "a state without its output": Kind(cell("gru"), cell("gru", state=True, shown=False)),
    "frame by frame with a state": Kind(cell("gru"), cell("gru", whole=False, state=True)),
    "frame by frame with states": Kind(cell("lstm"), cell("lstm", whole=False, state=True)),
}
#: Formats that have no form of a kind; the graph itself stands for a third format.
FORMATS = ("", ".onnx", ".mlpackage")


def spoilt(graph):
    name = next(iter(graph.constants))
    return graph.changed(constants={**graph.constants, name: graph.constants[name] * SPOILT})


def written(graph, suffix, path):
    """The candidate in a format; None where the format has no form of it."""
    if not suffix:
        return graph
    try:
        return mp.convert(graph, path.with_suffix(suffix))
    except ConversionError:
        return None


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_gets_its_band_without_an_option(kind, tmp_path):
    pair, formats = KINDS[kind], 0
    for place, suffix in enumerate(FORMATS):
        right = written(pair.candidate, suffix, tmp_path / f"right{place}")
        wrong = written(spoilt(pair.candidate), suffix, tmp_path / f"wrong{place}")
        if right is None or wrong is None:
            continue
        formats += 1
        verdict = mp.check(pair.reference, right, length=20 if _free(pair) else None)
        assert verdict.ok, f"{suffix}: {verdict}"
        assert verdict.fit.identity == (kind == "the same"), suffix
        found = mp.check(pair.reference, wrong, length=20 if _free(pair) else None)
        assert found.band == "wrong", f"{suffix}: {found}"
    assert formats >= 2


def _free(pair):
    """Whether the length is anybody's to choose, so that a short one saves time."""
    fixed = any(axis.name == "time" and axis.size not in (None, 1) for axis in pair.candidate.inputs[0].axes)
    return not fixed and any(
        axis.name == "time" and axis.size is None for axis in pair.reference.inputs[0].axes
    )


def test_the_corpus_is_large_enough():
    assert 2 * 2 * len(KINDS) >= 60
