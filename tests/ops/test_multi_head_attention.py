from __future__ import annotations

import itertools

import numpy as np
import pytest

from modelparity.errors import GraphError

torch = pytest.importorskip("torch")
EMBED, HEADS = 8, 2


def module(rng, bias=True):
    net = torch.nn.MultiheadAttention(EMBED, HEADS, bias=bias, batch_first=True).double().eval()
    for parameter in net.parameters():
        parameter.data = torch.tensor(rng.standard_normal(tuple(parameter.shape)) / 2)
    return net


def weights(net):
    got = [net.in_proj_weight.T, net.in_proj_bias, net.out_proj.weight.T, net.out_proj.bias]
    return [None if t is None else t.detach().numpy() for t in got]


def by_torch(net, q, k, v, padding=None, mask=None, **options):
    tensors = [torch.tensor(a) for a in (q, k, v)]
    kept = [None if m is None else torch.tensor(m) for m in (padding, mask)]
    y, _ = net(*tensors, key_padding_mask=kept[0], attn_mask=kept[1], **options)
    return y.detach().numpy()


@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_equals_torch(apply, batch, bias):
    rng = np.random.default_rng(1)
    lead = () if batch is None else (batch,)
    q, k, v = rng.standard_normal((*lead, 4, EMBED)), *rng.standard_normal((2, *lead, 5, EMBED))
    net = module(rng, bias)
    y = apply("multi_head_attention", q, k, v, *weights(net), heads=HEADS)
    np.testing.assert_allclose(y, by_torch(net, q, k, v), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize(
    ("padding", "mask"),
    [
        *itertools.product(["none", "boolean"], ["none", "boolean", "per head"]),
        *itertools.product(["none", "added"], ["added", "added per head"]),
    ],
)
def test_masks_mean_what_torch_means(apply, batch, padding, mask):
    rng = np.random.default_rng(2)
    lead = () if batch is None else (batch,)
    x = rng.standard_normal((*lead, 5, EMBED))
    many = HEADS * (batch or 1)
    pad = np.zeros((*lead, 5), bool)
    pad[..., 3:] = rng.random((*lead, 2)) < 0.7
    shut = rng.random((many, 5, 5) if "head" in mask else (5, 5)) < 0.3
    shut[..., 0] = False  # no row without anything open
    value = {
        "none": None,
        "boolean": shut,
        "per head": shut,
        "added": np.where(shut, -np.inf, rng.standard_normal(shut.shape)),
        "added per head": np.where(shut, -np.inf, rng.standard_normal(shut.shape)),
    }[mask]
    pad_value = {"none": None, "boolean": pad, "added": np.where(pad, -np.inf, 0.25)}[padding]
    net = module(rng)
    want = by_torch(net, x, x, x, pad_value, value, need_weights=False)
    y = apply("multi_head_attention", x, x, x, *weights(net), pad_value, value, heads=HEADS)
    np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-13)


def test_causal_equals_torch_with_its_square_mask(apply):
    rng = np.random.default_rng(3)
    x, net = rng.standard_normal((2, 5, EMBED)), module(rng)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64).numpy()
    want = by_torch(net, x, x, x, None, mask, is_causal=True)
    y = apply("multi_head_attention", x, x, x, *weights(net), heads=HEADS, causal=True)
    np.testing.assert_allclose(y, want, rtol=1e-11, atol=1e-13)


def test_a_fully_padded_sequence_is_nan_or_the_output_bias(apply):
    """torch gives NaN if asked for the weights too, and zero attention if not: both can be reproduced."""
    rng = np.random.default_rng(4)
    x, net = rng.standard_normal((2, 5, EMBED)), module(rng)
    padding = np.array([[False] * 5, [True] * 5])
    arrays = (x, x, x, *weights(net), padding)
    formula = apply("multi_head_attention", *arrays, heads=HEADS)
    zeroed = apply("multi_head_attention", *arrays, heads=HEADS, empty_row="zero")
    np.testing.assert_allclose(formula, by_torch(net, x, x, x, padding, need_weights=True), rtol=1e-11)
    assert np.isnan(formula[1]).all()
    np.testing.assert_allclose(zeroed, by_torch(net, x, x, x, padding, need_weights=False), rtol=1e-11)
    np.testing.assert_allclose(zeroed[1], np.broadcast_to(weights(net)[3], (5, EMBED)))


def test_lanes_with_weights_of_their_own_equal_single_runs(apply_lanes):
    rng = np.random.default_rng(5)
    made = [np.stack(g) for g in zip(*(weights(module(rng)) for _ in range(3)), strict=True)]
    x = rng.standard_normal((3, 2, 5, EMBED))
    padding = np.array([[[False] * 5, [False] * 3 + [True] * 2]])
    y = apply_lanes("multi_head_attention", x, x, x, *made, padding, heads=HEADS)
    for lane in range(3):
        one = slice(lane, lane + 1)
        alone = apply_lanes(
            "multi_head_attention", x[one], x[one], x[one], *(a[one] for a in made), padding, heads=HEADS
        )
        np.testing.assert_allclose(y[lane], alone[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"heads": 3}, "multiple of 3 heads"),
        ({"in_weight": np.zeros((EMBED, EMBED))}, "in_weight"),
        ({"padding": np.zeros((2, 4), bool)}, "key_padding_mask"),
        ({"mask": np.zeros((3, 5, 5), bool)}, "attention_mask"),
    ],
)
def test_what_does_not_fit_is_refused(apply, change, said):
    rng = np.random.default_rng(6)
    x = rng.standard_normal((2, 5, EMBED))
    in_weight, *rest = weights(module(rng))
    given = {"in_weight": in_weight, "padding": None, "mask": None, "heads": HEADS, **change}
    with pytest.raises(GraphError, match=said):
        apply(
            "multi_head_attention",
            x,
            x,
            x,
            given["in_weight"],
            *rest,
            given["padding"],
            given["mask"],
            heads=given["heads"],
        )
