"""What no stream can compute is refused before the first block: by name, place and reason."""

from __future__ import annotations

import numpy as np
import pytest

from modelparity import stream
from modelparity.errors import GraphError, InputError, NotCausalError

from .stacks import WIDTH, Build, conv, dense, gru, stack


def reduced(b, x, width):
    return b("reduce_mean", x, axes=(0,))


def normed(b, x, width):
    return b("softmax", x, axis=0)


def padded(b, x, width):
    return conv(b, x, width, padding=((1, 1),))


def padded_in_time(b, x, width):
    return b("pad", x, before=(1, 0), after=(1, 0))


def mirrored_in_time(b, x, width):
    return b("pad", x, before=(1, 0), after=(0, 0), mode="reflect")


def both_ways(b, x, width):
    return b("rnn", x, b.weight(2, width, width), b.weight(2, width, width), direction="bidirectional")


def attending(b, x, width):
    return b("attention", x, x, x)


def positioned(b, x, width):
    return b("add", x, b.weight(60, width))


def by_product(b, x, width):
    return b("matmul", x, b("transpose", x, axes=(1, 0)))


@pytest.mark.parametrize(
    ("layer", "node", "why"),
    [
        (both_ways, "rnn 'rnn_1'", "reads the sequence backwards"),
        (normed, "softmax 'softmax_1'", "along the time axis"),
        (padded, "conv 'conv_1'", "pads the time axis"),
        (attending, "attention 'attention_1'", "attends to other frames"),
        (padded_in_time, "pad 'pad_1'", "time"),
        (mirrored_in_time, "pad 'pad_1'", "comes later"),
        (reduced, "reduce_mean 'reduce_mean_1'", "time"),
        (by_product, "matmul 'matmul_2'", "time"),
    ],
)
def test_what_needs_the_future_is_refused_by_name_place_and_reason(layer, node, why):
    b = Build()
    with pytest.raises(NotCausalError) as caught:
        stream(b.graph(layer(b, dense(b, "x", WIDTH), WIDTH)))
    text = str(caught.value)
    assert f"{node} cannot run block by block: " in text
    assert why in text
    assert text.startswith("layers[")
    assert "use run()" in text


def test_a_fixed_tensor_with_a_value_for_every_frame_is_refused():
    b = Build()
    stream(b.graph(b("add", "x", b.weight(1, WIDTH))))
    b = Build()
    with pytest.raises(GraphError, match="add 'add_0' cannot run"):
        stream(b.graph(positioned(b, "x", WIDTH)))


@pytest.mark.parametrize("read_on", [True, False])
def test_a_last_state_is_known_only_at_the_end(read_on):
    b = Build()
    gru(b, "x", WIDTH)
    out = b("tanh", "h0") if read_on else "h0"
    with pytest.raises(NotCausalError, match="last state"):
        stream(b.graph(out))


def test_outputs_without_time_are_refused():
    b = Build()
    with pytest.raises(NotCausalError, match="output 't0' has no time axis"):
        stream(b.graph(b("exp", b.weight(3))))


def test_blocks_that_do_not_fit_are_refused():
    s = stream(stack([dense], 14))
    for block, said in (
        (np.ones((3, 5)), "axis 'feature'"),
        (np.ones(WIDTH), "rank 1"),
        (np.ones((3, 4), int), "type"),
    ):
        with pytest.raises(InputError, match=said):
            s.push(block)


def test_a_perturbed_stream_is_refused():
    from modelparity.engine.perturbed import Perturbed

    with pytest.raises(GraphError, match="not perturbed"):
        stream(stack([dense], 15), arithmetic=Perturbed("float32"))
