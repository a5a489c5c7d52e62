"""Small graphs, in which together every known mistake can be made: one architecture or group of operators each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from modelparity import Axis, Graph, Node, TensorSpec
from modelparity.graph import Array

#: {name of the graph: what makes it}.
GRAPHS: dict[str, Callable[[], Graph]] = {}


class Built:
    """A graph put together node by node: ``b("dense", x, b.weight(4, 3))`` returns the name of the result."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rng = np.random.default_rng(sum(map(ord, name)))
        self.nodes, self.constants, self.inputs = list[Node](), dict[str, Array](), list[TensorSpec]()

    def input(self, *axes: int | str, dtype: str = "float32", name: str = "x") -> str:
        found = tuple(Axis(a) if isinstance(a, str) else Axis(f"axis{k}", a) for k, a in enumerate(axes))
        self.inputs.append(TensorSpec(name, found, dtype))
        return name

    def weight(self, *shape: int, scale: float = 0.6) -> str:
        return self.constant((scale * self.rng.standard_normal(shape)).astype(np.float32))

    def positive(self, *shape: int) -> str:
        return self.constant(self.rng.uniform(0.3, 1.8, shape).astype(np.float32))

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def __call__(self, op: str, *inputs: str, results: int = 1, **attrs: Any) -> str:
        name = f"n{len(self.nodes)}_{op}"
        outputs = tuple(name if k == 0 else f"{name}.{k}" for k in range(results))
        self.nodes.append(Node(name, op, inputs, outputs, attrs))
        return name

    def graph(self, *outputs: str, **more: Any) -> Graph:
        return Graph(self.name, tuple(self.inputs), outputs, tuple(self.nodes), self.constants, **more)


def built(function: Callable[[Built], Graph]) -> Callable[[Built], Graph]:
    name = function.__name__
    GRAPHS[name] = lambda: function(Built(name))
    return function


@built
def lstms(b: Built) -> Graph:
    """Peepholes, initial states, two directions, a clip, a projection, states that are used."""
    x = b.input("time", 4)
    state = b.weight(2, 3), b.weight(2, 3)
    arrays = b.weight(2, 4, 12), b.weight(2, 3, 12), b.weight(2, 12), b.weight(2, 3, 3)
    both = b("lstm", x, *arrays, *state, results=3, direction="bidirectional", clip=1.5)
    bias = b("add", b.weight(1, 16), b.weight(1, 16))
    h = b("lstm", both, b.weight(1, 6, 16), b.weight(1, 4, 16), bias, results=3)
    short = b.weight(1, 4, 24), b.weight(1, 4, 24), b.weight(1, 6, 4), b.weight(1, 24)
    y = b("projected_lstm", h, *short, results=3)
    same = b("lstm", y, b.weight(1, 4, 16), b.weight(1, 4, 16), b.weight(1, 16), results=3)
    back = b(
        "lstm", same, b.weight(1, 4, 16), b.weight(1, 4, 16), b.weight(1, 16), results=3, direction="reverse"
    )
    return b.graph(back, f"{both}.1", f"{both}.2")


@built
def grus(b: Built) -> Graph:
    x = b.input("time", 4)
    one = b(
        "gru",
        x,
        b.weight(1, 4, 12),
        b.weight(1, 4, 12),
        b.weight(1, 12),
        b.weight(1, 12),
        b.weight(1, 4),
        results=2,
    )
    two = b(
        "gru",
        one,
        b.weight(2, 4, 9),
        b.weight(2, 3, 9),
        b.weight(2, 9),
        results=2,
        reset="before",
        direction="bidirectional",
    )
    return b.graph(
        b("rnn", two, b.weight(1, 6, 6), b.weight(1, 6, 6), b.weight(1, 6), b.weight(1, 6), results=2)
    )


@built
def with_states(b: Built) -> Graph:
    x, h, c = b.input("time", 4), b.input(1, 4, name="h"), b.input(1, 4, name="c")
    y = b("lstm", x, b.weight(1, 4, 16), b.weight(1, 4, 16), b.weight(1, 16), "", h, c, results=3)
    return b.graph(y, f"{y}.1", f"{y}.2", states={"h": f"{y}.1", "c": f"{y}.2"})


@built
def activations(b: Built) -> Graph:
    y = b.input("time", 6)
    settings: Sequence[tuple[str, dict[str, float]]] = (
        *(("relu", {}), ("leaky_relu", {"slope": 0.2}), ("elu", {"alpha": 0.7}), ("gelu", {}), ("silu", {})),
        *(
            ("sigmoid", {}),
            ("hard_sigmoid", {"alpha": 0.3, "beta": 0.4}),
            ("softplus", {"beta": 2.0}),
            ("erf", {}),
        ),
        *(
            ("clip", {"min": -0.4, "max": 0.5}),
            ("tanh", {}),
            ("scaled_tanh", {}),
            ("hard_swish", {}),
            ("softsign", {}),
        ),
    )
    for op, attrs in settings:
        y = b(op, b("dense", y, b.weight(6, 6, scale=1.0), b.weight(6)), **attrs)
    return b.graph(b("softmax", b("dense", b("prelu", y, b.weight(6)), b.weight(6, 4, scale=2.0)), axis=-1))


@built
def convolutions(b: Built) -> Graph:
    x = b.input("time", 9, 3)
    y = b(
        "conv",
        x,
        b.weight(3, 3, 3, 4),
        b.weight(4),
        padding=((2, 0), (1, 1)),
        dilations=(1, 1),
        strides=(1, 1),
    )
    y = b("relu", b("batch_norm", y, b.weight(4), b.positive(4), b.positive(4), b.weight(4), epsilon=1e-4))
    y = b("conv", y, b.weight(3, 2, 2, 8), b.weight(8), padding="same", groups=2)
    y = b("max_pool", y, size=(2, 2), padding=((0, 0), (1, 0)), ceil=False)
    y = b("normalize", b("tanh", y), b.weight(8), b.positive(8), b.positive(8), b.weight(8))
    y = b("average_pool", y, size=(2, 2), strides=(1, 1), padding=((1, 1), (1, 1)))
    y = b("conv", y, b.weight(2, 2, 8, 8), b.weight(8), padding=((1, 0), (0, 1)), dilations=(2, 1))
    y = b("pad", y, before=(1, 0, 0), after=(1, 2, 0), value=0.5)
    y = b("windows", y, size=2)
    return b.graph(b("dense", y, b.weight(128, 5), b.weight(5)))


@built
def transposed(b: Built) -> Graph:
    x = b.input(1, 8, 8, 4)
    y = b("conv_transpose", x, b.weight(3, 3, 4, 8), b.weight(8), strides=(2, 2), padding=((1, 1), (1, 1)))
    y = b("transpose", y, axes=(0, 3, 1, 2))
    y = b("pixel_shuffle", y, factor=2)
    y = b("resize", y, axes=(2, 3), scales=(0.5, 0.5), mode="nearest", grid="half_pixel")
    y = b("resample", y, "", b.constant(np.float32([0.7, 0.7])), axes=(2, 3), mode="cubic")
    y = b(
        "grid_sample",
        y,
        b.constant(np.random.default_rng(1).uniform(-1.2, 1.2, (1, 4, 5, 2)).astype(np.float32)),
    )
    y = b("reshape", b("transpose", y, axes=(0, 2, 3, 1)), shape=(1, -1))
    return b.graph(b("matmul", y, b.weight(40, 40)))


@built
def transformer(b: Built) -> Graph:
    """Written out, with embeddings, positions, rotary halves and a causal mask."""
    ids = b.input(1, 6, dtype="int64", name="ids")
    x = b("mul", b("embedding", ids, b.weight(9, 8)), b.constant(np.float32(8**0.5)))
    x = b("add", x, b("slice", b.weight(10, 8), starts=(0,), ends=(6,), axes=(0,)))
    normed = b("layer_norm", x, b.positive(8), b.weight(8), axes=(-1,), epsilon=1e-5)
    heads = [
        b(
            "transpose",
            b("reshape", b("dense", normed, b.weight(8, 8), b.weight(8)), shape=(1, 6, 2, 4)),
            axes=(0, 2, 1, 3),
        )
        for _ in range(3)
    ]
    angle = b("mul", b.constant(np.arange(6, dtype=np.float32)[:, None]), b.constant(np.float32([1.0, 0.01])))
    angle = b("concat", angle, angle, axis=-1)
    turned = []
    for one in heads[:2]:
        front = b("slice", one, starts=(0,), ends=(2,), axes=(-1,))
        back = b("slice", one, starts=(2,), ends=(4,), axes=(-1,))
        half = b("concat", b("neg", back), front, axis=-1)
        turned.append(b("add", b("mul", one, b("cos", angle)), b("mul", half, b("sin", angle))))
    scores = b("matmul", turned[0], b("transpose", turned[1], axes=(0, 1, 3, 2)))
    scores = b("div", scores, b.constant(np.float32(2.0)))
    mask = b("triangle", b("fill_like", scores, value=1.0), diagonal=0)
    scores = b("select", b("cast", mask, to="bool"), scores, b.constant(np.float32(-1e9)))
    y = b("matmul", b("softmax", scores, axis=-1), heads[2])
    y = b("reshape", b("transpose", y, axes=(0, 2, 1, 3)), shape=(1, 6, 8))
    x = b("add", x, b("dense", y, b.weight(8, 8), b.weight(8)))
    normed = b("layer_norm", x, b.positive(8), b.weight(8), axes=(-1,), epsilon=1e-5)
    inner = b("gelu", b("dense", normed, b.weight(8, 16), b.weight(16)))
    x = b("add", x, b("dense", inner, b.weight(16, 8), b.weight(8)))
    return b.graph(b("layer_norm", x, b.positive(8), b.weight(8), axes=(-1,), epsilon=1e-5))


@built
def attention(b: Built) -> Graph:
    """As operators: grouped, causal, masked, packed, and a whole layer."""
    x = b.input("time", 8)
    q = b("transpose", b("reshape", b("dense", x, b.weight(8, 16)), shape=(0, 4, 4)), axes=(1, 0, 2))
    k, v = (
        b("transpose", b("reshape", b("dense", x, b.weight(8, 8)), shape=(0, 2, 4)), axes=(1, 0, 2))
        for _ in range(2)
    )
    shared = b("attention", q, k, v, grouped=True, causal=True)
    masked = b(
        "attention",
        q,
        q,
        q,
        b("greater", b("matmul", x, b("transpose", x, axes=(1, 0))), b.constant(np.float32(-4.0))),
        empty_row="zero",
    )
    plain = b("attention", k, k, v)
    wide = b("add", shared, masked)
    y = b("reshape", b("transpose", wide, axes=(1, 0, 2)), shape=(0, 16))
    y = b(
        "add",
        b("dense", y, b.weight(16, 8)),
        b("reshape", b("transpose", plain, axes=(1, 0, 2)), shape=(0, 8)),
    )
    y = b(
        "multi_head_attention", y, y, y, b.weight(8, 24), b.weight(24), b.weight(8, 8), b.weight(8), heads=2
    )
    layer = (
        *(
            b.weight(8, 24),
            b.weight(24),
            b.weight(8, 8),
            b.weight(8),
            b.weight(8, 16),
            b.weight(16),
            b.weight(16, 8),
            b.weight(8),
        ),
        *(b.positive(8), b.weight(8), b.positive(8), b.weight(8)),
    )
    return b.graph(b("transformer_encoder_layer", y, *layer, heads=2))


@built
def repeated_heads(b: Built) -> Graph:
    k = b("expand_dims", b.input(1, 2, 5, 4), axes=(2,))
    tiled = b("tile", k, repeats=(1, 1, 3, 1, 1))
    y = b("reshape", tiled, shape=(1, 6, -1, 4))
    mask = np.where(np.tril(np.ones((5, 5))) > 0, 0.0, -1e9).astype(np.float32)
    scores = b("add", b("matmul", y, b("transpose", y, axes=(0, 1, 3, 2))), b.constant(mask))
    return b.graph(b("matmul", b("softmax", scores, axis=-1), y))


@built
def norms(b: Built) -> Graph:
    x = b.input(1, 5, 6)
    y = b("rms_norm", b("layer_norm", x, b.positive(6), b.weight(6)), b.positive(6))
    y = b("group_norm", y, b.positive(6), b.weight(6), groups=3, spatial=1)
    y = b("instance_norm", y, b.positive(6), b.weight(6), spatial=1)
    variance = b("reduce_mean", b("square", y), axes=(2,), keepdims=True)
    root = b("sqrt", b("add", variance, b.constant(np.float32(1e-5))))
    return b.graph(b("l2_normalize", b("div", y, root), axes=(-1,)))


@built
def front_end(b: Built) -> Graph:
    """Power, bands, logarithm, difference, as features are made."""
    x = b.input("time", 6)
    y = b("mul", b("sub", x, b.constant(np.float32(0.2))), b.constant(np.float32(1.7)))
    y = b("add", b("square", y), b.constant(np.float32(1e-7)))
    y = b("log", y)
    y = b("log1p", b("abs", b("scale_shift", y, alpha=0.5)))
    parts = b("split", y, results=2, axis=-1, sizes=(3, 3))
    y = b("maximum", b("sub", parts, f"{parts}.1"), b.constant(np.float32(-0.3)))
    best = b("reduce_max", y, axes=(1,), keepdims=True)
    return b.graph(b("concat", b("power", b("exp", y), b.constant(np.float32(1.5))), best, axis=-1), best)


@built
def whole_numbers(b: Built) -> Graph:
    """Division, remainder, rounding and comparison of negative numbers."""
    x = b.input("time", 6)
    n = b("cast", b("scale_shift", x, alpha=4.0), to="int64")
    three = b.constant(np.int64(3))
    y = b("add", b("cast", b("floor_div", n, three), to="float"), b("cast", b("mod", n, three), to="float"))
    y = b("add", y, b("round", b("div", b("cast", n, to="float"), b.constant(np.float32(2.0)))))
    above = b("greater", b("cast", n, to="float"), b.constant(np.float32(0.0)))
    y = b("select", above, y, b("sin", y))
    return b.graph(y, b("argmax", y, axis=-1))


@built
def quantised(b: Built) -> Graph:
    x = b.input("time", 4)
    w = b.constant(b.rng.integers(-100, 100, (4, 3)).astype(np.int8))
    scale = b.constant(np.float32([[0.01, 0.02, 0.04]]))
    w = b("dequantize", w, scale, b.constant(np.array([[3, -4, 9]], np.int8)))
    return b.graph(b("matmul", x, w))


@built
def image(b: Built) -> Graph:
    x = b.input(1, 3, 8, 8)
    y = b("conv", b("transpose", x, axes=(0, 2, 3, 1)), b.weight(3, 3, 3, 4), padding=((1, 1), (1, 1)))
    y = b("max_pool", b("relu", y), size=(2, 2))
    y = b("reshape", b("transpose", y, axes=(0, 3, 1, 2)), shape=(1, -1))
    return b.graph(b("softmax", b("dense", y, b.weight(64, 5), b.weight(5)), axis=1))


@built
def spectra(b: Built) -> Graph:
    """Frames with a window, the power of a spectrum, its root, a mask before a softmax of scores."""
    x = b.input(9, 16)
    frames = b("mul", x, b.constant(np.hanning(16).astype(np.float32)))
    re, im = b("matmul", frames, b.weight(16, 6)), b("matmul", frames, b.weight(16, 6))
    power = b("add", b("square", re), b("mul", im, im))
    root = b("sqrt", b("add", b("mul", re, re), b("square", im)))
    scores = b("matmul", power, b("transpose", root, axes=(1, 0)))
    shut = b.constant(np.triu(np.ones((9, 9), bool), 1))
    low = b.constant(np.float32(-1e9))
    scaled = b("div", scores, b.constant(np.float32(4)))
    seen = b("select", shut, low, scaled)
    return b.graph(b("matmul", b("softmax", seen), root), power)


@built
def batches(b: Built) -> Graph:
    """A recurrent layer of a batch, of which some features are picked."""
    x = b.input(6, 3, 4)
    y = b("gru", x, b.weight(1, 4, 9), b.weight(1, 3, 9))
    return b.graph(b("gather", y, b.constant(np.array([2, 0])), axis=2))
