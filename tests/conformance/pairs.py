"""A corpus of pairs as strangers bring them: every kind of interface in two formats, right ones and spoilt ones.

``python -m tests.conformance.pairs`` judges them all without an option and prints how many get a band on the scale,
and how many the right one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import modelparity as mp
from modelparity.errors import ConversionError, ModelparityError
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


def started(kind="gru", *, state=False):
    """A recurrent layer that starts from what it has learned; with ``state``, from what it is given."""
    plain = cell(kind, state=state)
    if state:
        return plain
    (node,) = plain.nodes
    begun = (*node.inputs[:3], "", "", "h0")
    held = {**plain.constants, "h0": table(7, 1, HIDDEN)}
    return plain.changed(nodes=(Node(node.name, node.op, begun, node.outputs),), constants=held)


def products():
    """One step of an RNN as sums of products, as some exporters write it: the state goes in and out."""
    nodes = (
        Node("in", "matmul", ("x", "W"), ("xw",)),
        Node("past", "matmul", ("h", "R"), ("hr",)),
        Node("sum", "add", ("xw", "hr"), ("sum",)),
        Node("tanh", "tanh", ("sum",), ("y",)),
        Node("next", "identity", ("y",), ("hn",)),
    )
    inputs = (TensorSpec("x", (ONE, FEATURE)), TensorSpec("h", (ONE, Axis("hidden", HIDDEN))))
    return Graph(
        "products", inputs, ("y", "hn"), nodes, {"W": table(1, IN, HIDDEN), "R": table(2, HIDDEN, HIDDEN) / 2}
    )


def recurrence():
    """The same as a layer over time."""
    held = {"W": table(1, 1, IN, HIDDEN), "R": table(2, 1, HIDDEN, HIDDEN) / 2}
    node = Node("rnn", "rnn", ("x", "W", "R"), ("y",))
    return Graph("rnn", (TensorSpec("x", (TIME, FEATURE)),), ("y",), (node,), held)


def layer(axes, *, width=IN, to=None, back=None):
    """Two dense layers, as audio plug-ins have them; brought ``to`` (time, feature) before, and ``back`` after."""
    nodes, at = [], "x"
    for name, (op, attrs) in (to or {}).items():
        nodes.append(Node(name, op, (at,), (name,), attrs))
        at = name
    nodes.append(Node("dense1", "dense", (at, "W", "b"), ("p",)))
    nodes.append(Node("tanh", "tanh", ("p",), ("q",)))
    nodes.append(Node("dense2", "dense", ("q", "V", "c"), ("made" if back else "y",)))
    at = "made"
    for place, (op, attrs) in enumerate(back or ()):
        out = "y" if place == len(back) - 1 else f"back{place}"
        nodes.append(Node(f"back{place}", op, (at,), (out,), attrs))
        at = out
    held = {
        "W": table(1, width, HIDDEN),
        "b": table(3, HIDDEN),
        "V": table(2, HIDDEN, width),
        "c": table(4, width),
    }
    return Graph("layers", (TensorSpec("x", tuple(axes)),), ("y",), tuple(nodes), held)


def image(turned=False):
    """A square image, its height and width as they are, or swapped."""
    nodes = [Node("t", "transpose", ("x",), ("t",), {"axes": (1, 0)})] if turned else []
    nodes.append(Node("product", "matmul", ("t" if turned else "x", "W"), ("y",)))
    axes = (Axis("height", 6), Axis("width", 6))
    return Graph("image", (TensorSpec("x", axes),), ("y",), tuple(nodes), {"W": table(1, 6, OUT)})


def counted():
    """Numbers, which are above zero, and that as whole numbers."""
    nodes = (
        Node("product", "matmul", ("x", "W"), ("p",)),
        Node("above", "greater", ("p", "limit"), ("above",)),
        Node("whole", "cast", ("above",), ("whole",), {"to": "int64"}),
    )
    held = {"W": table(1, IN, OUT), "limit": np.float32(0)}
    return Graph("counted", (TensorSpec("x", (TIME, FEATURE)),), ("above", "whole", "p"), nodes, held)


def looked_up(dtype):
    """A table of rows, and what is computed of them."""
    nodes = (Node("row", "embedding", ("i", "W"), ("row",)), Node("tanh", "tanh", ("row",), ("y",)))
    return Graph("rows", (TensorSpec("i", (TIME,), dtype),), ("y",), nodes, {"W": table(1, 7, OUT)})


@dataclass(frozen=True)
class Kind:
    """Two graphs that compute the same behind different interfaces; ``wrong`` ones do not, and a spoilt candidate.

    ``formats`` are those that the candidate is written in; the graph itself stands for a third one.
    """

    reference: Graph
    candidate: Graph
    wrong: Graph | None = None
    formats: tuple[str, ...] = ("", ".onnx", ".mlpackage")


PLAIN = dense((TIME, FEATURE))
#: What audio plug-ins load, and what Macs load: neither knows a batch.
PLUGINS = (".json", ".mlmodel")
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
    "one member of one fixed length": Kind(
        dense((Axis("window"), Axis("sample"), FEATURE)), dense((ONE, Axis("sample", 10), FEATURE))
    ),
    "members that the candidate lacks": Kind(dense((Axis("window"), TIME, FEATURE)), PLAIN),
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
    "frame by frame as plain products": Kind(recurrence(), products()),
    "a state that was learned": Kind(started(), started(), wrong=started(state=True)),
    "unit axes behind": Kind(
        PLAIN, dense((TIME, ONE, FEATURE, ONE, ONE), order=(0, 1, 3, 4, 2), back=(0, 1, 4, 2, 3))
    ),
    "a width that the weights fix": Kind(dense((TIME, Axis("width"))), PLAIN),
    "a length that is bounded": Kind(PLAIN, dense((Axis("time", None, 4, 16), FEATURE))),
    "outputs of one shape, swapped": Kind(
        heads("ab", (0, 1)), heads("ab", (0, 1)), wrong=heads("ab", (1, 0))
    ),
    "a square image": Kind(image(), image(), wrong=image(turned=True)),
    "booleans and wide whole numbers out": Kind(counted(), counted()),
    "wide whole numbers in": Kind(looked_up("int64"), looked_up("int32")),
    "float64": Kind(PLAIN.changed(native="float64"), PLAIN.changed(native="float64")),
    "plug-ins against (time, channel)": Kind(layer((TIME, FEATURE)), layer((TIME, FEATURE)), formats=PLUGINS),
    "plug-ins against a batch": Kind(layer((ONE, TIME, FEATURE)), layer((TIME, FEATURE)), formats=PLUGINS),
    "plug-ins against channels first": Kind(
        layer(
            (ONE, FEATURE, TIME),
            to={"turned": ("transpose", {"axes": (0, 2, 1)})},
            back=(("transpose", {"axes": (0, 2, 1)}),),
        ),
        layer((TIME, FEATURE)),
        formats=PLUGINS,
    ),
    "plug-ins against samples": Kind(
        layer(
            (TIME,),
            width=1,
            to={"channel": ("expand_dims", {"axes": (1,)})},
            back=(("squeeze", {"axes": (1,)}),),
        ),
        layer((TIME, Axis("feature", 1)), width=1),
        formats=PLUGINS,
    ),
    "plug-ins against a row of samples": Kind(
        layer(
            (ONE, TIME),
            width=1,
            to={"channel": ("expand_dims", {"axes": (2,)})},
            back=(("squeeze", {"axes": (2,)}),),
        ),
        layer((TIME, Axis("feature", 1)), width=1),
        formats=PLUGINS,
    ),
}


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


@dataclass(frozen=True)
class Judged:
    """What became of one pair: its kind, format, whether it is right, and the verdict or the error's text."""

    kind: str
    suffix: str
    right: bool
    found: mp.Verdict | str

    @property
    def placed(self):
        """Whether it got a band on the scale."""
        return isinstance(self.found, mp.Verdict) and self.found.judged

    @property
    def true(self):
        """Whether that is the right one."""
        return self.placed and (self.found.ok if self.right else self.found.band == "wrong")


def judged(name, folder) -> Iterator[Judged]:
    """Every pair of a kind, in every format that has a form of it, judged without an option."""
    kind = KINDS[name]
    wrong = kind.wrong or spoilt(kind.candidate)
    for place, suffix in enumerate(kind.formats):
        for right, graph in ((True, kind.candidate), (False, wrong)):
            candidate = written(graph, suffix, folder / f"{'right' if right else 'wrong'}{place}")
            if candidate is None:
                continue
            try:
                found = mp.check(kind.reference, candidate, length=20 if _free(kind) else None)
            except ModelparityError as error:
                found = str(error)
            yield Judged(name, suffix, right, found)


def main():
    with tempfile.TemporaryDirectory() as folder:
        found = [
            one for place, name in enumerate(KINDS) for one in judged(name, _made(Path(folder) / str(place)))
        ]
    for one in found:
        if not one.true:
            print(f"{one.kind}, {one.suffix or 'graph'}, {'right' if one.right else 'wrong'}: {one.found}")
    placed, true = (100 * np.mean([getattr(one, what) for one in found]) for what in ("placed", "true"))
    kinds = len({one.kind for one in found})
    print(
        f"{len(found)} pairs of {kinds} kinds: {placed:.1f} % get a band on the scale, {true:.1f} % the right one"
    )
    return 0 if true == 100 else 1


def _made(folder):
    folder.mkdir()
    return folder


def _free(kind):
    """Whether the length is anybody's to choose, so that a short one saves time."""
    sizes = [axis for axis in kind.candidate.inputs[0].axes if axis.name == "time"]
    fixed = any(axis.most is not None or axis.size not in (None, 1) for axis in sizes)
    return not fixed and any(
        axis.name == "time" and axis.size is None for axis in kind.reference.inputs[0].axes
    )


if __name__ == "__main__":
    sys.exit(main())
