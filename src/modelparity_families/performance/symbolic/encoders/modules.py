"""The symbolic encoders as PyTorch modules, with the names of weights that the original has."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modelparity.errors import InputError
from modelparity.graph import Array

from ...networks.modules import MaskedEncoder, filled, pooled, pooling, refuse_empty
from .sizes import FrameSizes, Sizes, TokenSizes


class Positions(nn.Module):
    """The table of places as a buffer, which is part of the state."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.pe: Tensor
        self.register_buffer("pe", torch.empty(1, sizes.places, sizes.width))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, place, width), as it comes, with each place's row added."""
        return x + self.pe[:, : x.shape[1]]


class Encoder(MaskedEncoder):
    """What S1 and S3 share: a Transformer over places, pooling by attention, and heads.

    Masks (batch, place) are True, or 1, where a place counts; none if all do. Frames or tokens that do not count are
    attended to by none.
    """

    output_names = ("scores",)

    def __init__(self, sizes: Sizes) -> None:
        width, hidden, half, drop = sizes.width, sizes.hidden, sizes.hidden // 2, sizes.dropout
        super().__init__(hidden, half, sizes.labels, drop)
        self.sizes = sizes
        self.pos_encoding = Positions(sizes)
        self.dropout = nn.Dropout(drop)
        layer = nn.TransformerEncoderLayer(
            width, sizes.heads, 4 * width, drop, "gelu", batch_first=True, norm_first=True
        )
        self.transformer = nn.TransformerEncoder(layer, sizes.layers, enable_nested_tensor=False)
        self.attn_pool = pooling(width)
        self.projection = nn.Sequential(
            nn.Linear(width, hidden), nn.LayerNorm(hidden), nn.GELU(), nn.Dropout(drop)
        )
        self.contrastive_proj = nn.Sequential(nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, half))

    @abstractmethod
    def embedded(self, x: Tensor) -> Tensor:
        """(batch, place, width) of what the network takes."""

    def encoded(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(batch, place, width) behind the last layer.

        Raises `InputError` for more places than there are positions for, and naming a row of which nothing counts.
        """
        shut = None if mask is None else mask == 0
        if not torch.compiler.is_compiling():
            self._refuse(x.shape[1])
            if shut is not None:
                refuse_empty(~shut)
        x = self.dropout(self.pos_encoding(self.embedded(x)))
        found: Tensor = self.transformer(x, src_key_padding_mask=shut)
        return found

    def encode(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """z (batch, hidden). Raises as `encoded`."""
        z: Tensor = self.projection(pooled(self.attn_pool, self.encoded(x, mask), mask))
        return z

    def contrasted(self, z: Tensor) -> Tensor:
        """proj (batch, projection)."""
        proj: Tensor = self.contrastive_proj(z)
        return proj

    def _refuse(self, count: int) -> None:
        if count > self.sizes.places:
            raise InputError(
                f"{count} {self.sizes.PLACE}s are more than there are positions for",
                expected=f"{self.sizes.places} at most",
                fix=f"give the first {self.sizes.places}, or parts of the performance",
            )


class TokenEncoder(Encoder):
    """S1: words of a vocabulary, one of which stands for padding, and one more for what is masked."""

    def __init__(self, sizes: TokenSizes) -> None:
        super().__init__(sizes)
        words, width = sizes.vocabulary + 1, sizes.width
        self.token_embed = nn.Embedding(words, width, padding_idx=0)
        self.mlm_head = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width), nn.Linear(width, words)
        )

    def embedded(self, x: Tensor) -> Tensor:
        """Words (batch, token) -> (batch, token, width)."""
        found: Tensor = self.token_embed(x)
        return found

    def masked(self, input_ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """mlm_logits (batch, token, word): what stood where a word is masked."""
        logits: Tensor = self.mlm_head(self.encoded(input_ids, mask))
        return logits

    def forward(self, input_ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """scores (batch, label) between 0 and 1."""
        scores: Tensor = self.regression_head(self.encode(input_ids, mask))
        return scores


class Convolutions(nn.Module):
    """Of several lengths side by side, then mixed. The mask is not asked: padding reaches what is beside it."""

    def __init__(self, sizes: FrameSizes) -> None:
        super().__init__()
        narrow, drop = sizes.branch, sizes.dropout
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(sizes.channels, narrow, length, padding=length // 2),
                nn.BatchNorm1d(narrow),
                nn.GELU(),
            )
            for length in sizes.kernels
        )
        mixed = nn.Conv1d(narrow * len(sizes.kernels), sizes.width, 1)
        self.proj = nn.Sequential(mixed, nn.BatchNorm1d(sizes.width), nn.GELU(), nn.Dropout(drop))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frame, channel) -> (batch, frame, width)."""
        rows = x.transpose(1, 2)
        y: Tensor = self.proj(torch.cat([branch(rows) for branch in self.branches], dim=1)).transpose(1, 2)
        return y


class Codebook(nn.Module):
    """Frames told by one code of each group: Baevski et al., "wav2vec 2.0", 2020, section 2."""

    def __init__(self, sizes: FrameSizes) -> None:
        super().__init__()
        self.groups, self.codes = sizes.groups, sizes.codes
        self.proj = nn.Linear(sizes.width, sizes.groups * sizes.codes)
        self.codebook = nn.Parameter(torch.empty(sizes.groups, sizes.codes, sizes.width // sizes.groups))

    def forward(self, x: Tensor, temperature: float = 1.0) -> tuple[Tensor, Tensor]:
        """(batch, frame, width) -> the codes' own numbers, as it comes, and ones (batch, frame, group, code).

        The likeliest code; in training one drawn by Gumbel noise, with the gradient of its softmax.
        """
        logits = self.proj(x).unflatten(-1, (self.groups, self.codes))
        if self.training:
            chosen = F.gumbel_softmax(logits, tau=temperature, hard=True)
        else:
            chosen = F.one_hot(logits.argmax(dim=-1), self.codes).to(x.dtype)
        found = torch.einsum("btgv,gvd->btgd", chosen, self.codebook)
        return found.flatten(-2), chosen


class FrameEncoder(Encoder):
    """S3: frames of continuous features."""

    def __init__(self, sizes: FrameSizes) -> None:
        super().__init__(sizes)
        self.cnn = Convolutions(sizes)
        self.codebook = Codebook(sizes)
        self.contrastive_head = nn.Linear(sizes.width, sizes.width)

    def embedded(self, x: Tensor) -> Tensor:
        """Frames (batch, frame, channel) -> (batch, frame, width)."""
        found: Tensor = self.cnn(x)
        return found

    def forward(self, features: Tensor, mask: Tensor | None = None) -> Tensor:
        """scores (batch, label) between 0 and 1."""
        scores: Tensor = self.regression_head(self.encode(features, mask))
        return scores


def module_of(sizes: Sizes, weights: Mapping[str, Array]) -> Encoder:
    """The module with these weights, in eval mode. Raises `ArtefactError` unless they are its own, all of them."""
    sizes.check(weights)
    with torch.device("meta"):  # nothing is drawn, and nothing is there twice
        model = encoder_of(sizes)
    return filled(model, weights)


def encoder_of(sizes: Sizes) -> Encoder:
    """A module of these sizes, with weights that PyTorch draws, and the table of places."""
    if isinstance(sizes, TokenSizes):
        return TokenEncoder(sizes)
    if isinstance(sizes, FrameSizes):
        return FrameEncoder(sizes)
    raise InputError("sizes of no encoder", found=type(sizes).__name__, expected="TokenSizes or FrameSizes")
