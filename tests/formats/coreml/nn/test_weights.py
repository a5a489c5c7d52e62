"""Weights in every precision: what is stored, and what it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity.errors import ArtefactError

RNG = np.random.default_rng(0)
OUT, IN = 3, 5
X = RNG.standard_normal((2, IN))


def packed(numbers, bits):
    """Numbers of so many bits one after the other, the highest bit first."""
    ones = (np.reshape(numbers, (-1, 1)) >> np.arange(bits)[::-1]) & 1
    return np.packbits(ones.astype(np.uint8)).tobytes()


def product(network, raw, **how):
    b = network({"x": X.shape})
    b.add_inner_product("ip", raw, None, IN, OUT, False, "x", "y", is_quantized_weight=True, **how)
    return b


@pytest.mark.parametrize("bits", range(1, 9))
@pytest.mark.parametrize("each", [1, OUT])
def test_linear_quantisation(network, run, bits, each):
    numbers = RNG.integers(0, 1 << bits, (OUT, IN))
    scale = RNG.uniform(0.1, 1, each).astype(np.float32)
    bias = RNG.standard_normal(each).astype(np.float32)
    b = product(
        network,
        packed(numbers, bits),
        quantization_type="linear",
        nbits=bits,
        quant_scale=scale,
        quant_bias=bias,
    )
    weight = numbers * scale.astype(np.float64)[:, None] + bias.astype(np.float64)[:, None]
    np.testing.assert_allclose(run(b, x=X), X @ weight.T, atol=1e-12)


@pytest.mark.parametrize("bits", [1, 3, 4, 8])
def test_lookup_tables(network, run, bits):
    numbers = RNG.integers(0, 1 << bits, (OUT, IN))
    table = RNG.standard_normal(1 << bits).astype(np.float32)
    b = product(network, packed(numbers, bits), quantization_type="lut", nbits=bits, quant_lut=table)
    np.testing.assert_allclose(run(b, x=X), X @ table.astype(np.float64)[numbers].T, atol=1e-12)


def test_half_precision_keeps_its_type(network, graph_of, run):
    weight = RNG.standard_normal((OUT, IN)).astype(np.float16)
    b = network({"x": X.shape})
    b.add_inner_product("ip", weight.astype(np.float32), None, IN, OUT, False, "x", "y")
    stored = b.spec.neuralNetwork.layers[0].innerProduct.weights
    stored.ClearField("floatValue")
    stored.float16Value = weight.tobytes()
    np.testing.assert_allclose(run(b, x=X), X @ weight.astype(np.float64).T, atol=1e-12)
    assert {a.dtype.name for a in graph_of(b).constants.values()} == {"float16"}


def test_dynamic_quantisation_is_a_node_of_its_own(network, graph_of, run):
    numbers, scale = RNG.integers(-127, 128, (OUT, IN)), np.float32(0.02)
    b = product(
        network,
        numbers.astype(np.int8).tobytes(),
        quantization_type="linear",
        nbits=8,
        quant_scale=np.array([scale]),
        int_8_dynamic_quantize=True,
    )
    step = np.abs(X).max() / 127
    expected = (np.rint(X / step) * step) @ (numbers * np.float64(scale)).T
    np.testing.assert_allclose(run(b, x=X), expected, atol=1e-9)
    assert "dynamic_quantize" in [node.op for node in graph_of(b).nodes]


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (
            lambda w: setattr(w, "rawValue", w.rawValue[:-1]),
            r"bytes for 15 values of 4 bits does not fit\n.*found: +7",
        ),
        (lambda w: setattr(w.quantization, "numberOfBits", 9), "number of bits is not valid"),
        (lambda w: setattr(w.quantization, "numberOfBits", 5), "number of bytes for 15 values of 5 bits"),
        (lambda w: w.quantization.linearQuantization.scale.append(1), r"length of scale does not fit"),
        (lambda w: w.quantization.ClearField("linearQuantization"), "no quantisation type"),
        (lambda w: w.ClearField("quantization"), "quantisation does not fit the values"),
        (lambda w: w.floatValue.append(1), "stored in several forms"),
        (
            lambda w: w.quantization.lookupTableQuantization.floatValue.append(1),
            "entries of the lookup table",
        ),
    ],
)
def test_what_a_quantised_weight_cannot_be(network, graph_of, damage, what):
    b = product(
        network,
        packed(np.zeros((OUT, IN), int), 4),
        quantization_type="linear",
        nbits=4,
        quant_scale=np.ones(1),
        quant_bias=np.zeros(1),
    )
    damage(b.spec.neuralNetwork.layers[0].innerProduct.weights)
    with pytest.raises(ArtefactError, match=rf"layer 0 \(innerProduct 'ip'\), weights: .*{what}"):
        graph_of(b)
