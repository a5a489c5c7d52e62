"""The audio models as PyTorch modules, with the names of weights that the original has."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from modelparity.graph import Array

from ...networks.modules import MaskedEncoder, filled, pooled, pooling, stage
from .sizes import Sizes


class BackboneAttention(nn.Module):
    """Of one head over the full width; nothing is masked."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frame, width), as it comes."""
        scores = self.q_proj(x) @ self.k_proj(x).transpose(-2, -1) / x.shape[-1] ** 0.5
        y: Tensor = self.out_proj(scores.softmax(dim=-1) @ self.v_proj(x))
        return y


class BackboneLayer(nn.Module):
    """Attention, then a feed-forward of four times the width, each behind a normalisation and added."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.self_attn = BackboneAttention(width)
        self.norm2 = nn.LayerNorm(width)
        self.ffn = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frame, width), as it comes."""
        x = x + self.self_attn(self.norm1(x))
        y: Tensor = x + self.ffn(self.norm2(x))
        return y


class Backbone(nn.Module):
    """The original's stand-in for MuQ: layers over frames that are embedded already."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(BackboneLayer(width) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frame, width), as it comes; the mask is not asked."""
        for layer in self.layers:
            x = layer(x)
        return x


class AudioModel(MaskedEncoder):
    """Pooling by attention, an encoder, and its heads.

    ``backbone`` makes the frames that are pooled of what is given, none if they are given. Masks (batch, frame) are
    True, or 1, where a frame counts; none if all do.
    """

    output_names = ("scores",)

    def __init__(self, sizes: Sizes, backbone: nn.Module | None = None) -> None:
        source, width, narrow, drop = sizes.input, sizes.hidden, sizes.projection, sizes.dropout
        super().__init__(width, narrow, sizes.labels, drop)
        self.sizes = sizes
        if backbone is None and sizes.layers:
            backbone = Backbone(source, sizes.layers)
        self.backbone = backbone
        self.attn = pooling(source)
        self.encoder = nn.Sequential(*stage(source, width, drop), *stage(width, width, drop))
        self.projection = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, narrow))

    def encode(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """z (batch, hidden). Raises `InputError` naming a row of which nothing counts."""
        if self.backbone is not None:
            x = self.backbone(x)
        z: Tensor = self.encoder(pooled(self.attn, x, mask))
        return z

    def contrasted(self, z: Tensor) -> Tensor:
        """proj (batch, projection)."""
        proj: Tensor = self.projection(z)
        return proj

    def forward(self, embeddings: Tensor, mask: Tensor | None = None) -> Tensor:
        """scores (batch, label) between 0 and 1."""
        scores: Tensor = self.regression_head(self.encode(embeddings, mask))
        return scores


class Pair(nn.Module):
    """A model on two performances, as the graph `pair_of` has it."""

    output_names = ("ranking_logits", "z_a", "z_b", "proj_a", "proj_b")

    def __init__(self, model: AudioModel) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, embeddings_a: Tensor, mask_a: Tensor, embeddings_b: Tensor, mask_b: Tensor
    ) -> tuple[Tensor, ...]:
        """As `AudioModel.pair`, in the order of ``output_names``."""
        return tuple(self.model.pair(embeddings_a, embeddings_b, mask_a, mask_b).values())


def module_of(sizes: Sizes, weights: Mapping[str, Array]) -> AudioModel:
    """The module with these weights, in eval mode. Raises `ArtefactError` unless they are its own, all of them."""
    sizes.check(weights)
    with torch.device("meta"):  # nothing is drawn, and nothing is there twice
        model = AudioModel(sizes)
    return filled(model, weights)
