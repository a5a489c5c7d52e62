from __future__ import annotations

import warnings

import numpy as np
import pytest

from modelparity.errors import GraphError

torch = pytest.importorskip("torch")
EMBED, HEADS, INNER = 8, 2, 12


def layer(rng, norm, activation, epsilon=1e-5):
    net = (
        torch.nn.TransformerEncoderLayer(
            EMBED,
            HEADS,
            INNER,
            activation=activation,
            layer_norm_eps=epsilon,
            batch_first=True,
            norm_first=norm == "pre",
        )
        .double()
        .eval()
    )
    for parameter in net.parameters():
        parameter.data += torch.tensor(rng.standard_normal(tuple(parameter.shape)) / 3)
    return net


def weights(net):
    attend = net.self_attn
    got = [
        attend.in_proj_weight.T,
        attend.in_proj_bias,
        attend.out_proj.weight.T,
        attend.out_proj.bias,
        net.linear1.weight.T,
        net.linear1.bias,
        net.linear2.weight.T,
        net.linear2.bias,
        net.norm1.weight,
        net.norm1.bias,
        net.norm2.weight,
        net.norm2.bias,
    ]
    return [t.detach().numpy() for t in got]


@pytest.mark.parametrize("fast", [False, True], ids=["plain", "fused kernel"])
@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("masked", ["none", "padding", "causal", "pairs", "padding and pairs"])
def test_equals_torch_in_eval_mode(apply, norm, activation, batch, masked, fast):
    rng = np.random.default_rng(1)
    net = layer(rng, norm, activation)
    lead = () if batch is None else (batch,)
    x = rng.standard_normal((*lead, 5, EMBED))
    padding = np.zeros((*lead, 5), bool)
    padding[..., 4] = True
    pairs = rng.random((5, 5)) < 0.3
    pairs[:, 0] = False
    square = np.triu(np.ones((5, 5), bool), 1)
    pad = padding if "padding" in masked else None
    mask = square if masked == "causal" else pairs if "pairs" in masked else None
    with torch.set_grad_enabled(not fast), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the fused kernel, about prototypes
        want = (
            net(
                torch.tensor(x),
                src_mask=None if mask is None else torch.tensor(mask),
                src_key_padding_mask=None if pad is None else torch.tensor(pad),
            )
            .detach()
            .numpy()
        )
    y = apply(
        "transformer_encoder_layer",
        x,
        *weights(net),
        pad,
        None if masked == "causal" else mask,
        heads=HEADS,
        norm=norm,
        activation=activation,
        causal=masked == "causal",
    )
    np.testing.assert_allclose(y, want, rtol=1e-10, atol=1e-12)


def test_epsilon_is_the_norms(apply):
    rng = np.random.default_rng(2)
    net, x = layer(rng, "post", "relu", epsilon=0.5), rng.standard_normal((5, EMBED))
    y = apply("transformer_encoder_layer", x, *weights(net), heads=HEADS, epsilon=0.5)
    np.testing.assert_allclose(y, net(torch.tensor(x)).detach(), rtol=1e-11)


def test_lanes_with_weights_of_their_own_equal_single_runs(apply_lanes):
    rng = np.random.default_rng(3)
    made = [np.stack(g) for g in zip(*(weights(layer(rng, "pre", "gelu")) for _ in range(3)), strict=True)]
    x = rng.standard_normal((3, 2, 5, EMBED))
    options = {"heads": HEADS, "norm": "pre", "activation": "gelu"}
    y = apply_lanes("transformer_encoder_layer", x, *made, **options)
    for lane in range(3):
        one = slice(lane, lane + 1)
        alone = apply_lanes("transformer_encoder_layer", x[one], *(a[one] for a in made), **options)
        np.testing.assert_allclose(y[lane], alone[0], rtol=1e-11)


def test_a_fully_padded_sequence_stays_finite_if_empty_rows_are_zero(apply):
    rng = np.random.default_rng(4)
    net, x = layer(rng, "post", "relu"), rng.standard_normal((2, 5, EMBED))
    padding = np.array([[False] * 5, [True] * 5])
    options = {"heads": HEADS}
    formula = apply("transformer_encoder_layer", x, *weights(net), padding, **options)
    zeroed = apply("transformer_encoder_layer", x, *weights(net), padding, empty_row="zero", **options)
    assert np.isnan(formula[1]).all()
    assert np.isfinite(zeroed).all()
    np.testing.assert_array_equal(formula[0], zeroed[0])


def test_unknown_norm_is_refused(apply):
    net = layer(np.random.default_rng(5), "post", "relu")
    with pytest.raises(GraphError, match="unknown norm"):
        apply("transformer_encoder_layer", np.zeros((5, EMBED)), *weights(net), heads=HEADS, norm="middle")


def test_unknown_activation_is_never_the_identity(apply):
    net = layer(np.random.default_rng(6), "post", "relu")
    with pytest.raises(GraphError, match="unknown operator 'geluu'"):
        apply(
            "transformer_encoder_layer", np.zeros((5, EMBED)), *weights(net), heads=HEADS, activation="geluu"
        )
