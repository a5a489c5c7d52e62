"""Layers that work element by element, normalise, reduce, reshape and join, against numpy and torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from modelparity.errors import ArtefactError

F = torch.nn.functional
RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 4, 3, 5))
C = 4


def single(a):
    return np.asarray(a, np.float32).astype(np.float64)


def tensor(a):
    return torch.from_numpy(np.array(a, np.float64))


SLOPE, GAIN = single(RNG.uniform(0.1, 0.9, C)), single(RNG.uniform(0.5, 2, C))
MEAN, SHIFT = single(RNG.standard_normal(C)), single(RNG.standard_normal(C))
FULL = single(RNG.standard_normal((C, 3, 5)))


@dataclass(frozen=True)
class Case:
    """A layer added to a builder from x to y, and what it means in numpy."""

    label: str
    add: Callable[[Any], Any]
    twin: Callable[[Any], Any]
    x: Any = None


def channel(a):
    return a.reshape(-1, 1, 1)


def over_the_batch(b):
    """Statistics of the whole batch, which the builder refuses to write."""
    b.add_batchnorm("n", C, GAIN, SHIFT, None, None, "x", "y", True, True, epsilon=0.5)
    b.spec.neuralNetwork.layers[0].batchnorm.instanceNormalization = False


def act(kind, params, twin):
    return Case(kind, lambda b: b.add_activation("a", kind, "x", "y", params), twin)


def unary(mode, twin, **more):
    return Case(mode, lambda b: b.add_unary("u", "x", "y", mode, **more), twin, np.abs(X) + 0.1)


CASES = [
    act("RELU", None, lambda x: np.maximum(x, 0)),
    act("LEAKYRELU", [0.25], lambda x: np.where(x >= 0, x, 0.25 * x)),
    act("THRESHOLDEDRELU", 0.5, lambda x: np.where(x >= 0.5, x, 0)),
    act("PRELU", SLOPE, lambda x: np.where(x >= 0, x, channel(SLOPE) * x)),
    act("TANH", None, np.tanh),
    act("SCALED_TANH", [1.5, 0.75], lambda x: 1.5 * np.tanh(0.75 * x)),
    act("SIGMOID", None, lambda x: 1 / (1 + np.exp(-x))),
    act("SIGMOID_HARD", [0.25, 0.5], lambda x: np.clip(0.25 * x + 0.5, 0, 1)),
    act("ELU", 1.5, lambda x: np.where(x > 0, x, 1.5 * np.expm1(x))),
    act("SOFTSIGN", None, lambda x: x / (1 + np.abs(x))),
    act("SOFTPLUS", None, lambda x: np.log1p(np.exp(x))),
    act("PARAMETRICSOFTPLUS", [GAIN, SLOPE], lambda x: channel(GAIN) * np.log1p(np.exp(channel(SLOPE) * x))),
    unary("rsqrt", lambda x: 1 / np.sqrt(x + np.float32(0.5)), epsilon=0.5),
    unary("inverse", lambda x: 1 / (2 * x + 1 + 0.25), scale=2, shift=1, epsilon=0.25),
    unary("power", lambda x: x**1.5, alpha=1.5),
    unary("threshold", lambda x: np.maximum(x, 0.75), alpha=0.75),
    Case(
        "gelu tanh",
        lambda b: b.add_gelu("g", "x", "y", "TANH_APPROXIMATION"),
        lambda x: F.gelu(tensor(x), approximate="tanh").numpy(),
    ),
    Case(
        "gelu sigmoid",
        lambda b: b.add_gelu("g", "x", "y", "SIGMOID_APPROXIMATION"),
        lambda x: x / (1 + np.exp(-np.float64(np.float32(1.702)) * x)),
    ),
    Case(
        "batchnorm",
        lambda b: b.add_batchnorm("n", C, GAIN, SHIFT, MEAN, GAIN, "x", "y", epsilon=0.5),
        lambda x: F.batch_norm(tensor(x), *map(tensor, (MEAN, GAIN, GAIN, SHIFT)), eps=0.5).numpy(),
    ),
    Case(
        "batchnorm of the batch",
        over_the_batch,
        lambda x: F.batch_norm(tensor(x), None, None, tensor(GAIN), tensor(SHIFT), True, eps=0.5).numpy(),
    ),
    Case(
        "batchnorm of instances",
        lambda b: b.add_batchnorm("n", C, GAIN, SHIFT, None, None, "x", "y", True, True, epsilon=0.5),
        lambda x: F.instance_norm(tensor(x), None, None, tensor(GAIN), tensor(SHIFT), eps=0.5).numpy(),
    ),
    Case(
        "mvn",
        lambda b: b.add_mvn("n", "x", "y", True, True, 0.5),
        lambda x: F.layer_norm(tensor(x), (4, 3, 5), eps=0.5).numpy(),
    ),
    Case(
        "mvn mean",
        lambda b: b.add_mvn("n", "x", "y", False, False, 0.5),
        lambda x: x - x.mean((2, 3), keepdims=True),
    ),
    Case(
        "l2normalize",
        lambda b: b.add_l2_normalize("n", "x", "y", 0.5),
        lambda x: x / np.sqrt((x**2).sum((1, 2, 3), keepdims=True) + 0.5),
    ),
    Case(
        "lrn",
        lambda b: b.add_lrn("n", "x", "y", alpha=2, beta=0.5, local_size=3, k=1.5),
        lambda x: F.local_response_norm(tensor(x), 3, 2, 0.5, 1.5).numpy(),
    ),
    Case("softmax", lambda b: b.add_softmax("s", "x", "y"), lambda x: torch.softmax(tensor(x), 1).numpy()),
    Case(
        "scale",
        lambda b: b.add_scale("s", GAIN, SHIFT, True, "x", "y", [C], [C]),
        lambda x: channel(GAIN) * x + channel(SHIFT),
    ),
    Case("bias", lambda b: b.add_bias("s", FULL, "x", "y", [C, 3, 5]), lambda x: x + FULL),
    Case(
        "multiply by a number",
        lambda b: b.add_elementwise("e", ["x"], "y", "MULTIPLY", 2.5),
        lambda x: 2.5 * x,
    ),
    Case("average", lambda b: b.add_elementwise("e", ["x", "x", "x"], "y", "AVE"), lambda x: x),
    Case("maximum", lambda b: b.add_elementwise("e", ["x", "x"], "y", "MAX"), lambda x: x),
    Case(
        "log sum",
        lambda b: b.add_reduce("r", "x", "y", "HW", "logsum", 0.5),
        lambda x: np.log(x + 0.5).sum((2, 3), keepdims=True),
        np.abs(X),
    ),
    Case(
        "argmax", lambda b: b.add_reduce("r", "x", "y", "H", "argmax"), lambda x: x.argmax(2, keepdims=True)
    ),
    Case(
        "flatten",
        lambda b: b.add_flatten("f", 1, "x", "y"),
        lambda x: x.transpose(0, 2, 3, 1).reshape(2, -1, 1, 1),
    ),
    Case("slice", lambda b: b.add_slice("s", "x", "y", "height", 1, -1, 1), lambda x: x[:, :, 1:-1]),
    Case(
        "concat",
        lambda b: b.add_elementwise("c", ["x", "x"], "y", "CONCAT"),
        lambda x: np.concatenate([x, x], 1),
    ),
    Case(
        "interleaved",
        lambda b: b.add_concat_nd("c", ["x", "x"], "y", axis=2, interleave=True),
        lambda x: x.repeat(2, 2),
    ),
    Case("tile", lambda b: b.add_tile("t", "x", "y", [2, 3]), lambda x: np.tile(x, (1, 1, 2, 3))),
    Case("band", lambda b: b.add_matrix_band_part("m", "x", "y", 1, 0), lambda x: np.tril(np.triu(x, -1))),
    Case(
        "layer norm",
        lambda b: b.add_layer_normalization("n", "x", "y", [3, 5], FULL[0], FULL[1], 0.5),
        lambda x: F.layer_norm(tensor(x), (3, 5), tensor(FULL[0]), tensor(FULL[1]), 0.5).numpy(),
    ),
    Case(
        "reduce all",
        lambda b: b.add_reduce_sum("r", "x", "y", None, False, True),
        lambda x: x.sum().reshape(1),
    ),
    Case(
        "reduce log sum exp",
        lambda b: b.add_reduce_logsumexp("r", "x", "y", [-1, 0], False),
        lambda x: np.log(np.exp(x).sum((0, 3))),
    ),
    Case(
        "cumsum",
        lambda b: b.add_cumsum("c", ["x"], "y", axis=2, exclusive=True, reverse=True),
        lambda x: np.cumsum(x[:, :, ::-1], 2)[:, :, ::-1] - x,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_a_layer_is_what_it_says(network, run, case):
    b, x = network({"x": X.shape}), X if case.x is None else case.x
    case.add(b)
    expected = case.twin(x)
    y = run(b, x=x)
    assert y.shape == expected.shape
    np.testing.assert_allclose(y, expected, rtol=1e-6, atol=1e-7)


def test_inner_products_embeddings_and_dots(network, run):
    weight, bias = single(RNG.standard_normal((6, 60))), single(RNG.standard_normal(6))
    for shape in ((60,), (7, 60), (2, 7, 60), (2, 4, 3, 5), (3, 2, 4, 3, 5)):
        x = RNG.standard_normal(shape)
        b = network({"x": shape})
        b.add_inner_product("ip", weight, bias, 60, 6, True, "x", "y")
        flat = x.reshape((*shape[:-3], 60)) if len(shape) > 3 else x
        expected = flat @ weight.T + bias
        np.testing.assert_allclose(
            run(b, x=x), expected.reshape(*expected.shape, *(1, 1)[: 2 * (len(shape) > 3)])
        )
    b = network({"x": (3, 2, 1, 1, 1)})
    b.add_embedding("e", weight, bias, 60, 6, True, "x", "y")
    indices = RNG.integers(0, 60, (3, 2))
    np.testing.assert_array_equal(
        run(b, x=indices[..., None, None, None])[..., 0, 0], weight.T[indices] + bias
    )
    left, right = RNG.standard_normal((2, 2, 4, 1, 1))
    for cosine in (False, True):
        b = network({"x": (2, 4, 1, 1), "z": (2, 4, 1, 1)})
        b.add_elementwise("d", ["x", "z"], "y", "COS" if cosine else "DOT")
        expected = (left * right).sum(1, keepdims=True)
        if cosine:
            expected = expected / (np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1))[:, None]
        np.testing.assert_allclose(run(b, x=left, z=right), expected, atol=1e-12)


def test_classic_reshapes_and_permutations(network, run):
    x = RNG.standard_normal((4, 3, 5))
    b = network({"x": (4, 3, 5)}, classic=True)
    b.add_reshape("r", "x", "y", (5, 2, 6), 1)
    np.testing.assert_array_equal(run(b, x=x), x.transpose(1, 2, 0).reshape(2, 6, 5).transpose(2, 0, 1))
    b = network({"x": (4, 3, 5)}, classic=True)
    b.add_permute("p", (0, 3, 1, 2), "x", "y")
    np.testing.assert_array_equal(run(b, x=x), x.transpose(2, 0, 1))
    b = network({"x": (4, 3, 5)}, classic=True)
    b.add_permute("p", (1, 0, 2, 3), "x", "y")  # the channel becomes the sequence
    np.testing.assert_array_equal(run(b, x=x), x[:, None, None])
    b = network({"x": (4, 3, 5)}, classic=True)
    b.add_sequence_repeat("s", 3, "x", "y")
    np.testing.assert_array_equal(run(b, x=x), np.tile(x[None, None], (3, 1, 1, 1, 1)))


def test_dynamic_slices_and_tiles_take_their_inputs(network, run):
    x = RNG.standard_normal((5, 6))
    b = network({"x": (5, 6), "begin": (2,)})
    b.add_slice_dynamic("s", ["x", "begin"], "y", [4, -1], [1, 2], [False, True], [False, False])
    np.testing.assert_array_equal(run(b, x=x, begin=[1, 3]), x[1:4, 0:-1:2])
    names = ["begin", "end", "stride", "open_begin", "open_end"]
    b = network({"x": (5, 6), **dict.fromkeys(names, (2,))})
    b.add_slice_dynamic("s", ["x", *names], "y", squeeze_masks=[True, False])
    y = run(b, x=x, begin=[-2, 3], end=[0, 5], stride=[1, -1], open_begin=[1, 1], open_end=[0, 1])
    np.testing.assert_array_equal(y, x[-2, ::-1])
    # What is left out, coremltools writes five times, whatever the rank.
    b = network({"x": (5, 6), "begin": (2,), "end": (2,)})
    b.add_slice_dynamic("s", ["x", "begin", "end"], "y")
    np.testing.assert_array_equal(run(b, x=x, begin=[1, 3], end=[4, 5]), x[1:4, 3:5])
    b = network({"x": (5, 6), "begin": (2,), "end": (2,)})
    b.add_slice_dynamic("s", ["x", "begin", "end"], "y", strides=[1, 1, 2])
    with pytest.raises(ArtefactError, match="for each axis is needed"):
        run(b, x=x, begin=[1, 3], end=[4, 5])
    b = network({"x": (5, 6), "reps": (1,)})
    b.add_tile("t", ["x", "reps"], "y")
    np.testing.assert_array_equal(run(b, x=x, reps=[2]), np.tile(x, 2))


def test_suppression_pads_and_counts(network, run):
    boxes = np.array([[[0.5, 0.5, 1, 1], [0.6, 0.5, 1, 1], [5, 5, 1, 1]]])
    scores = np.array([[[0.9], [0.8], [0.7]]])
    b = network({"boxes": (1, 3, 4), "scores": (1, 3, 1)}, ["b", "s", "i", "n"])
    b.add_nms("nms", ["boxes", "scores"], ["b", "s", "i", "n"], 0.5, 0.1, 4, False)
    got = run(b, boxes=boxes, scores=scores)
    assert got["i"].tolist() == [[0, 2, -1, -1]]
    assert got["n"].tolist() == [2]
    np.testing.assert_array_equal(got["b"][0], [*boxes[0, [0, 2]], [0] * 4, [0] * 4])


def softmax(b, source="x", target="y"):
    b.add_softmax("s", source, target)


def twice(b):
    softmax(b)
    b.add_softmax("t", "x", "y")


def absurd(b):
    b.add_fill_static("f", "y", [1 << 20, 1 << 20])


@pytest.mark.parametrize(
    ("add", "what"),
    [
        (lambda b: softmax(b, "nowhere"), r"layer 0 \(softmax 's'\): blob 'nowhere' is read, but"),
        (lambda b: softmax(b, "y"), r"layer 0 .*'y' is read(.*\n)*.*a cycle has no order to run in"),
        (twice, "layer 1 .*'y' is defined twice"),
        (lambda b: softmax(b, "x", "z"), "output 'y'.*blob 'y' is read"),
        (absurd, "targetShape is not valid"),
        (lambda b: b.add_slice_static("s", "x", "y", [0], [1], [1], [False], [False]), "one begin, end"),
    ],
)
def test_what_no_network_can_be(network, graph_of, add, what):
    b = network({"x": X.shape})
    add(b)
    with pytest.raises(ArtefactError, match=f"network.mlmodel, .*{what}"):
        graph_of(b)


def product(b):
    b.add_batched_mat_mul("m", ["x"], "y", False, False, 5, 2, W=np.ones((5, 2)))


@pytest.mark.parametrize(
    ("add", "damage", "what"),
    [
        (softmax, lambda m: m.input.append("x"), "number of inputs does not fit"),
        (softmax, lambda m: m.ClearField("softmax"), "no type that is known"),
        (softmax, lambda m: m.custom.SetInParent(), r"'custom' is not supported\n.*code outside"),
        (lambda b: b.add_gelu("g", "x", "y"), lambda m: setattr(m.gelu, "mode", 9), "unknown mode"),
        (CASES[0].add, lambda m: m.activation.ClearField("ReLU"), "no activation"),
        (
            lambda b: b.add_lrn("l", "x", "y", 1, 1, 3),
            lambda m: m.lrn.ClearField("localSize"),
            "localSize is not valid",
        ),
        (
            lambda b: b.add_bias("b", SHIFT, "x", "y", [C]),
            lambda m: m.bias.ClearField("bias"),
            "weight is missing",
        ),
        (product, lambda m: m.batchedMatmul.bias.floatValue.append(1), r"not understood\n.*found: +bias"),
    ],
)
def test_what_no_layer_can_be(network, graph_of, add, damage, what):
    b = network({"x": X.shape})
    add(b)
    damage(b.spec.neuralNetwork.layers[0])
    with pytest.raises(ArtefactError, match=f"network.mlmodel, layer 0 .*{what}"):
        graph_of(b)


def test_a_field_from_the_future_is_named(network, graph_of):
    b = network({"x": X.shape})
    b.add_softmax("s", "x", "y")
    b.spec.neuralNetwork.layers[0].softmax.MergeFromString(b"\xd0\x0f\x01")  # field 250
    with pytest.raises(ArtefactError, match=r"a field that is not known\n.*field number 250"):
        graph_of(b)


def test_every_layer_type_has_a_reader_but_the_custom_one():
    from modelparity.formats.coreml.nn.registry import reads
    from modelparity.formats.coreml.proto import module

    oneof = module("NeuralNetwork").NeuralNetworkLayer.DESCRIPTOR.oneofs_by_name["layer"]
    assert {field.name for field in oneof.fields} - set(reads.all()) == {"custom"}
    assert set(reads.all()) <= {field.name for field in oneof.fields}
