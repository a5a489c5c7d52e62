"""The two networks as PyTorch modules, with the names of weights that the original has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn

from modelparity.errors import InputError
from modelparity.graph import Array

from ..names import FEATURES, ONSETS
from .sizes import Sizes


class Network(nn.Module):
    """What both share: strokes are projected, get their positions, and pass layers of a Transformer encoder.

    A mask (batch, stroke) is 1 for a stroke and 0 for padding. Where a row is nothing but padding it attends to all
    of it, none of which is counted; so no path of PyTorch raises or gives NaN. Behind the layers padding is 0,
    whatever the path left there.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.input_proj = nn.Linear(sizes.input, sizes.width)
        self.pos_embedding = nn.Embedding(sizes.strokes, sizes.width)
        layer = nn.TransformerEncoderLayer(
            sizes.width, sizes.heads, sizes.inner, sizes.dropout, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, sizes.layers)

    def encoded(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """(batch, stroke, feature) -> (batch, stroke, width), 0 in padding.

        Raises `InputError` for no stroke, and for more than there are positions for.
        """
        count = x.shape[1]
        if not torch.compiler.is_compiling():
            self._refuse(count)
        h = self.input_proj(x) + self.pos_embedding(torch.arange(count, device=x.device))
        if mask is None:
            encoded: Tensor = self.encoder(h)
            return encoded
        padding = mask == 0
        shut = padding & (~padding).any(dim=1, keepdim=True)
        encoded = self.encoder(h, src_key_padding_mask=shut)
        return encoded.masked_fill(padding.unsqueeze(-1), 0.0)

    def _refuse(self, count: int) -> None:
        if count > self.sizes.strokes:
            raise InputError(
                f"{count} strokes are more than there are positions for",
                where=self.sizes.network,
                expected=f"{self.sizes.strokes} at most",
                fix=f"give the first {self.sizes.strokes}",
            )
        if count < 1:
            raise InputError("no strokes", where=self.sizes.network, expected="one at least")

    def start(self) -> None:
        """Every weight of more than one axis as the original draws it, positions and packed projections included."""
        for one in self.parameters():
            if one.dim() > 1:
                nn.init.xavier_uniform_(one)

    def get_config(self) -> dict[str, Any]:
        """The sizes, as the original's configuration files have them."""
        return self.sizes.config


class OnsetTransformer(Network):
    """onset_features (batch, stroke, 12), attention_mask (batch, stroke) -> logits (batch, 40)."""

    output_names = ("logits",)

    def __init__(self, sizes: Sizes | None = None) -> None:
        sizes = sizes or Sizes.default(ONSETS)
        super().__init__(sizes)
        self.layer_norm = nn.LayerNorm(sizes.width)
        self.classifier = nn.Linear(sizes.width, sizes.output)
        self.start()

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new network of these sizes; ``pretrained`` is taken and ignored. Raises `ArtefactError`."""
        return cls(Sizes.from_config(ONSETS, config))

    def forward(self, onset_features: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Logits of the rudiments, of the mean of what the strokes were encoded as."""
        h = self.encoded(onset_features, attention_mask)
        if attention_mask is None:
            pooled = h.mean(dim=1)
        else:
            weights = attention_mask.unsqueeze(-1)
            pooled = (h * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
        logits: Tensor = self.classifier(self.layer_norm(pooled))
        return logits


class FeatureInference(Network):
    """raw_onsets (batch, stroke, 3), attention_mask (batch, stroke) -> features (batch, stroke, 12).

    A stroke is given as milliseconds since the one before, strength from 0 to 1, and the tempo in beats a minute. Of
    the features, binary ones are logits and the others values. Without ``final_norm`` it is the network's first form.
    """

    output_names = ("features",)

    def __init__(self, sizes: Sizes | None = None) -> None:
        sizes = sizes or Sizes.default(FEATURES)
        super().__init__(sizes)
        if sizes.final_norm:
            self.layer_norm = nn.LayerNorm(sizes.width)
        self.output_proj = nn.Linear(sizes.width, sizes.output)
        self.start()

    @classmethod
    def from_config(cls, config: Mapping[str, Any], *, final_norm: bool = True) -> Self:
        """A new network of these sizes. Raises `ArtefactError`."""
        return cls(Sizes.from_config(FEATURES, config, final_norm=final_norm))

    def forward(self, raw_onsets: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Twelve features of each stroke; in padding what a row of zeros gives."""
        h = self.encoded(raw_onsets, attention_mask)
        features: Tensor = self.output_proj(self.layer_norm(h) if self.sizes.final_norm else h)
        return features


def new(sizes: Sizes) -> Network:
    """A network of these sizes with first weights, as PyTorch's generator stands."""
    return OnsetTransformer(sizes) if sizes.network == ONSETS else FeatureInference(sizes)


def module_of(sizes: Sizes, weights: Mapping[str, Array]) -> Network:
    """The module with these weights, in eval mode. Raises `ArtefactError` unless they are its own, all of them."""
    sizes.check(weights)
    state = torch.random.get_rng_state()
    network = new(sizes)
    torch.random.set_rng_state(state)
    network.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    return network.eval()
