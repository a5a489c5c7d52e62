"""MuQ as the backbone of an audio model: hidden states averaged."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from .layers import numbered
from .lora import LAYERS
from .muq.module import MuQ


class MuqBackbone(nn.Module):
    """logmel (batch, mel, frame) -> the mean of hidden states (batch, vector, width), of the layers 9 to 12.

    ``layers`` of the constructor count from 1, and the 12th is the last hidden state, which is normalised. ``muq``
    may carry adapters. Raises `InputError` for layers that it does not have.
    """

    def __init__(self, muq: MuQ, layers: Sequence[int] = LAYERS) -> None:
        super().__init__()
        numbered(layers, muq.sizes.layers)
        muq.model.states = tuple(layers)
        self.muq = muq

    def forward(self, logmel: Tensor) -> Tensor:
        """The mask is not asked, as for the original's backbone."""
        mean: Tensor = self.muq(logmel).mean(dim=0)
        return mean
