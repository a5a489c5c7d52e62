"""attention within transformers' own modules: padding, causal masks, cross attention, relative and rotary positions,
grouped heads. Projections and positions are computed here in numpy; the middle is the operator's."""

from __future__ import annotations

import os

import numpy as np
import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # everything is built here
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers", reason="pip install transformers")

WIDTH, HEADS, BATCH, TIME = 16, 4, 2, 7
SIZE = WIDTH // HEADS
SMALL = {
    "hidden_size": WIDTH,
    "num_hidden_layers": 1,
    "num_attention_heads": HEADS,
    "intermediate_size": 16,
    "vocab_size": 10,
    "attn_implementation": "eager",
}


def made(module, seed=3):
    """In float64 and eval mode, with weights that hide nothing."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for one in module.parameters():
            one.copy_(0.4 * torch.randn(one.shape, generator=generator))
    return module.double().eval()


def states(time=TIME, seed=1):
    return np.random.default_rng(seed).standard_normal((BATCH, time, WIDTH))


def linear(layer, x):
    y = x @ layer.weight.detach().numpy().T
    return y if layer.bias is None else y + layer.bias.detach().numpy()


def heads(x):
    """(batch, time, heads * size) -> (batch, heads, time, size)"""
    return x.reshape(*x.shape[:2], -1, SIZE).swapaxes(1, 2)


def joined(x):
    return x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1)


def close(got, want):
    """As near as modules come that take their softmax or their positions in float32 whatever they are given."""
    np.testing.assert_allclose(got, want.detach().numpy(), rtol=1e-6, atol=2e-6)


def rotated(x, angles):
    """Pairs half a head apart, turned by an angle for each position: (..., time, size), (time, size / 2)."""
    a, b = np.split(x, 2, axis=-1)
    cos, sin = np.cos(angles), np.sin(angles)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def angles(base, time=TIME):
    return np.arange(time)[:, None] * base ** -(np.arange(0, SIZE, 2) / SIZE)


def test_bert_with_padding(apply):
    from transformers.models.bert.modeling_bert import BertSelfAttention

    layer = made(BertSelfAttention(transformers.BertConfig(**SMALL)))
    x, there = states(), np.ones((BATCH, TIME), bool)
    there[0, -3:] = there[1, :1] = False
    mask = there[:, None, None, :]
    want = layer(torch.from_numpy(x), torch.from_numpy(np.where(mask, 0.0, -np.inf)))[0]
    q, k, v = (heads(linear(one, x)) for one in (layer.query, layer.key, layer.value))
    close(joined(apply("attention", q, k, v, mask)), want)


def test_bert_looking_at_another_sequence(apply):
    from transformers.models.bert.modeling_bert import BertCrossAttention

    config = transformers.BertConfig(**SMALL, is_decoder=True, add_cross_attention=True)
    layer = made(BertCrossAttention(config))
    x, memory = states(), states(5, seed=2)
    want = layer(torch.from_numpy(x), torch.from_numpy(memory))[0]
    q, k, v = heads(linear(layer.query, x)), *(heads(linear(one, memory)) for one in (layer.key, layer.value))
    close(joined(apply("attention", q, k, v)), want)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_llama_rotary_grouped_causal(apply, groups):
    from transformers.models.llama.modeling_llama import LlamaAttention

    config = transformers.LlamaConfig(**SMALL, num_key_value_heads=groups, head_dim=SIZE, rope_theta=100.0)
    layer = made(LlamaAttention(config, 0))
    x, turn = states(), angles(100.0)
    position = tuple(torch.from_numpy(np.tile(f(turn), 2)[None]) for f in (np.cos, np.sin))
    shut = np.triu(np.full((TIME, TIME), -np.inf), 1)[None, None]
    want = layer(torch.from_numpy(x), position_embeddings=position, attention_mask=torch.from_numpy(shut))[0]
    q, k, v = (heads(linear(one, x)) for one in (layer.q_proj, layer.k_proj, layer.v_proj))
    assert k.shape[1] == groups
    y = apply("attention", rotated(q, turn), rotated(k, turn), v, causal=True, grouped=True)
    close(linear(layer.o_proj, joined(y)), want)


@pytest.mark.parametrize("decoder", [False, True])
def test_t5_with_relative_buckets(apply, decoder):
    from transformers.models.t5.modeling_t5 import T5Attention

    config = transformers.T5Config(
        d_model=WIDTH,
        d_kv=SIZE,
        num_heads=HEADS,
        is_decoder=decoder,
        relative_attention_num_buckets=8,
        relative_attention_max_distance=6,
        attn_implementation="eager",
    )
    layer = made(T5Attention(config, has_relative_attention_bias=True, layer_idx=0))
    x = states(20)
    mask = torch.from_numpy(np.triu(np.full((20, 20), -np.inf), 1)[None, None]) if decoder else None
    want = layer(torch.from_numpy(x), mask=mask)[0]
    bias = layer.compute_bias(20, 20).detach().numpy()
    q, k, v = (heads(linear(one, x)) for one in (layer.q, layer.k, layer.v))
    close(linear(layer.o, joined(apply("attention", q, k, v, bias, scale=1.0, causal=decoder))), want)


def conformer(kind):
    from transformers.models.wav2vec2_conformer import modeling_wav2vec2_conformer as library

    config = transformers.Wav2Vec2ConformerConfig(
        **SMALL, position_embeddings_type=kind, rotary_embedding_base=50
    )
    return library, config, made(library.Wav2Vec2ConformerSelfAttention(config))


def test_conformer_rotary(apply):
    library, config, layer = conformer("rotary")
    x, turn = states(), angles(50.0)
    positions = library.Wav2Vec2ConformerRotaryPositionalEmbedding(config)(torch.from_numpy(x))
    want = layer(torch.from_numpy(x), relative_position_embeddings=positions)[0]
    turned = joined(rotated(heads(x), turn))  # this one turns what it projects
    q, k, v = (
        heads(linear(one, a))
        for one, a in ((layer.linear_q, turned), (layer.linear_k, turned), (layer.linear_v, x))
    )
    close(linear(layer.linear_out, joined(apply("attention", q, k, v))), want)


def test_conformer_relative(apply):
    """Transformer-XL: scores are (q + u) k + (q + v) p, p being the position of a source seen from its target."""
    library, config, layer = conformer("relative")
    x = states()
    table = library.Wav2Vec2ConformerRelPositionalEmbedding(config).double()(torch.from_numpy(x))
    want = layer(torch.from_numpy(x), relative_position_embeddings=table)[0]
    q, k, v = (heads(linear(one, x)) for one in (layer.linear_q, layer.linear_k, layer.linear_v))
    places = heads(linear(layer.linear_pos, table.numpy()))[0]  # (head, 2 time - 1, size), from time - 1 down
    u, w = (one.detach().numpy()[None, :, None] for one in (layer.pos_bias_u, layer.pos_bias_v))
    target, source = np.ogrid[:TIME, :TIME]
    seen = places[:, TIME - 1 - (target - source)]  # (head, target, source, size)
    bias = np.einsum("bhts,htus->bhtu", q + w, seen) / np.sqrt(SIZE)
    close(linear(layer.linear_out, joined(apply("attention", q + u, k, v, bias))), want)
