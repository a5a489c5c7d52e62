"""Architectures with attention: a Conformer of our own, and those of the transformers library, tiny."""

from __future__ import annotations

import copy
import importlib
import os
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # everything is built here; nothing is ever fetched

import torch
from torch import nn
from torch.nn import functional as F

from .architecture import OTHER, SEQUENCE, architecture, noise, scattered, whole


@architecture("PyTorch's Transformer encoder", free=SEQUENCE, sizes=OTHER, slow=True)
def encoder() -> Any:
    class Encoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layer = nn.TransformerEncoderLayer(8, 2, 16, activation="gelu", batch_first=True, norm_first=True)
            self.layers = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8), enable_nested_tensor=False)
            self.places = nn.Parameter(torch.randn(1, 32, 8))

        def forward(self, x: Any) -> Any:
            padding = torch.arange(x.shape[1]) >= x.shape[1] - 2
            x = x + self.places[:, : x.shape[1]]
            return self.layers(x, src_key_padding_mask=padding.expand(x.shape[0], -1))

    return scattered(Encoder()), lambda batch=2, time=7: {"x": noise(batch, time, 8)}


@architecture("PyTorch's Transformer decoder", free={"x": {0: "batch", 1: "time"}}, sizes=OTHER, slow=True)
def decoder() -> Any:
    class Decoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layer = nn.TransformerDecoderLayer(8, 2, 16, batch_first=True)
            self.layers = nn.TransformerDecoder(layer, 2)

        def forward(self, x: Any, memory: Any) -> Any:
            n = x.shape[1]
            causal = torch.full((n, n), float("-inf")).triu(1)
            return self.layers(x, memory.expand(x.shape[0], -1, -1), tgt_mask=causal, tgt_is_causal=True)

    return scattered(Decoder()), lambda batch=2, time=7: {
        "x": noise(batch, time, 8),
        "memory": noise(1, 5, 8, seed=2),
    }


def half_split(x: Any, cos: Any, sin: Any) -> Any:
    """Rotary positions with the pairs half a head apart."""
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


class Block(nn.Module):
    """A Conformer block: half a feed-forward net, attention, convolution, the other half."""

    def __init__(self, width: int, heads: int, rotary: bool) -> None:
        super().__init__()
        self.heads, self.rotary = heads, rotary
        self.ff1, self.ff2 = self._feed(width), self._feed(width)
        self.norm, self.qkv, self.out = (
            nn.LayerNorm(width),
            nn.Linear(width, 3 * width),
            nn.Linear(width, width),
        )
        self.bias = nn.Embedding(17, heads)
        self.norm2, self.wide = nn.LayerNorm(width), nn.Conv1d(width, 2 * width, 1)
        self.depth = nn.Conv1d(width, width, 5, padding=2, groups=width, bias=False)
        self.batch, self.narrow, self.last = (
            nn.BatchNorm1d(width),
            nn.Conv1d(width, width, 1),
            nn.LayerNorm(width),
        )

    def _feed(self, width: int) -> nn.Module:
        return nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )

    def forward(self, x: Any) -> Any:
        x = x + 0.5 * self.ff1(x)
        batch, time, width = x.shape
        q, k, v = (
            a.view(batch, time, self.heads, -1).transpose(1, 2) for a in self.qkv(self.norm(x)).chunk(3, -1)
        )
        places = torch.arange(time)
        if self.rotary:
            size = width // self.heads
            angles = places[:, None] * 100.0 ** -(torch.arange(0, size, 2) / size)
            cos, sin = (torch.cat([one, one], -1) for one in (angles.cos(), angles.sin()))
            q, k = half_split(q, cos, sin), half_split(k, cos, sin)
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            apart = (places[None, :] - places[:, None]).clamp(-8, 8) + 8
            scores = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5 + self.bias(apart).permute(
                2, 0, 1
            )
            y = scores.softmax(-1) @ v
        x = x + self.out(y.transpose(1, 2).reshape(batch, time, width))
        y = F.glu(self.wide(self.norm2(x).transpose(1, 2)), 1)
        x = x + self.narrow(F.silu(self.batch(self.depth(y)))).transpose(1, 2)
        return self.last(x + 0.5 * self.ff2(x))


@architecture("Conformer, relative positions", free=SEQUENCE, sizes=OTHER, slow=True)
def conformer() -> Any:
    class Conformer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = Block(8, 2, rotary=False)

        def forward(self, x: Any) -> Any:
            return self.block(x)

    return scattered(Conformer()), lambda batch=2, time=9: {"x": noise(batch, time, 8)}


@architecture(
    "MuQ-like: strided convolutions, Conformer with rotary positions",
    free={"x": {1: "time"}},
    sizes={"time": 40},
    slow=True,
)
def muq() -> Any:
    class Muq(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Sequential(
                nn.Conv2d(1, 4, 3, 2, 1),
                nn.BatchNorm2d(4),
                nn.ReLU(),
                nn.Conv2d(4, 4, 3, 2, 1),
                nn.BatchNorm2d(4),
            )
            self.into, self.block = nn.Linear(4 * 4, 8), Block(8, 2, rotary=True)

        def forward(self, x: Any) -> Any:
            y = self.conv(x.unsqueeze(1)).permute(0, 2, 1, 3).flatten(2)
            return self.block(self.into(y))

    return scattered(Muq()), lambda time=32: {"x": noise(2, time, 16)}


def _library(
    name: str,
    kind: str,
    settings: dict[str, Any],
    example: Any,
    *,
    call: str = "",
    scale: float = 1.0,
    **more: Any,
) -> None:
    """A model of the transformers library by the names of its class and configuration, its weights ``scale``d."""

    def make() -> Any:
        import transformers

        config = getattr(transformers, f"{kind}Config")(**settings, attn_implementation="sdpa")
        package = importlib.import_module(getattr(transformers, f"{kind}Model").__module__)
        module = scattered(getattr(package, call or f"{kind}Model")(config))
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.mul_(scale)
        return module, example

    architecture(name, needs="transformers", slow=True, **more)(make)


#: The exporter turns a reshape into a view, which its own way to take attention apart then makes impossible.
VIEW = "Cannot view a tensor"


def eager(module: nn.Module, _: Any) -> nn.Module:
    """The same module with attention written out, in eval mode."""
    other = copy.deepcopy(module)
    other.set_attn_implementation("eager")
    return other


_SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
_library(
    "BERT",
    "Bert",
    {**_SMALL, "vocab_size": 30, "max_position_embeddings": 32},
    lambda batch=2, time=7: {
        "input_ids": whole(30, batch, time),
        "attention_mask": (torch.arange(time) < time - 2).long().expand(batch, -1).contiguous(),
    },
    free={"input_ids": {0: "batch", 1: "time"}, "attention_mask": {0: "batch", 1: "time"}},
    sizes=OTHER,
)
_library(
    "ViT",
    "ViT",
    {**_SMALL, "image_size": 12, "patch_size": 4},
    lambda batch=2: {"pixel_values": noise(batch, 3, 12, 12)},
    free={"pixel_values": {0: "batch"}},
    sizes={"batch": 3},
)
_AUDIO = {
    **_SMALL,
    "conv_dim": (8, 8),
    "conv_stride": (5, 2),
    "conv_kernel": (10, 3),
    "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    "apply_spec_augment": False,
}
_library(
    "wav2vec2",
    "Wav2Vec2",
    _AUDIO,
    lambda sample=200: {"input_values": noise(2, sample)},
    free={"input_values": {1: "sample"}},
    sizes={"sample": 310},
)
for _positions in ("relative", "rotary"):
    _library(
        f"wav2vec2-conformer, {_positions} positions",
        "Wav2Vec2Conformer",
        {
            **_AUDIO,
            "position_embeddings_type": _positions,
            "max_source_positions": 64,
            "conv_depthwise_kernel_size": 5,
        },
        lambda: {"input_values": noise(2, 200)},
        onnx=VIEW if _positions == "relative" else "",
        instead=eager if _positions == "relative" else None,
    )
_library(
    "Whisper encoder",
    "Whisper",
    {
        "d_model": 16,
        "encoder_layers": 1,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
        "num_mel_bins": 8,
        "max_source_positions": 15,
        "decoder_layers": 1,
        "decoder_attention_heads": 2,
        "decoder_ffn_dim": 16,
        "vocab_size": 30,
        "pad_token_id": 0,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "decoder_start_token_id": 0,
    },
    lambda: {"input_features": noise(2, 8, 30)},
    call="WhisperEncoder",
)
_library(
    "T5 encoder",
    "T5",
    {
        "d_model": 16,
        "d_kv": 8,
        "d_ff": 32,
        "num_layers": 2,
        "num_heads": 2,
        "vocab_size": 30,
        "use_cache": False,
    },
    lambda batch=2, time=7: {"input_ids": whole(30, batch, time)},
    call="T5EncoderModel",
    free={"input_ids": {0: "batch", 1: "time"}},
    sizes={"batch": 3, "time": 40},
    onnx=VIEW,
    instead=eager,
    scale=0.3,  # its scores are not divided by the root of the width, so wide weights make attention one-hot
)
_library(
    "Llama: rotary positions, grouped heads, causal",
    "Llama",
    {
        **_SMALL,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": 30,
        "use_cache": False,
        "max_position_embeddings": 64,
    },
    lambda batch=2, time=7: {"input_ids": whole(30, batch, time)},
    free={"input_ids": {0: "batch", 1: "time"}},
    sizes=OTHER,
)
