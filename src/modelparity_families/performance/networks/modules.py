"""Pooling, scores and comparing, as PyTorch modules with the names of weights that the original has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from modelparity.errors import InputError
from modelparity.graph import Array

from .shapes import POOLING

Module = TypeVar("Module", bound=nn.Module)


class Judge(nn.Module):
    """What scores an encoded performance z (batch, width), and compares two. The base of every encoder."""

    def __init__(self, width: int, narrow: int, labels: int, dropout: float) -> None:
        super().__init__()
        last = (nn.Linear(width, narrow), nn.GELU(), nn.Dropout(dropout))
        self.comparator = nn.Sequential(*stage(4 * width, width, dropout), *last)
        self.ranking_heads = nn.ModuleList(nn.Linear(narrow, 1) for _ in range(labels))
        head = (nn.Linear(width, narrow), nn.GELU(), nn.Dropout(dropout), nn.Linear(narrow, labels))
        self.regression_head = nn.Sequential(*head, nn.Sigmoid())

    def compare(self, z_a: Tensor, z_b: Tensor) -> Tensor:
        """ranking_logits (batch, label)."""
        y = self.comparator(torch.cat((z_a, z_b, z_a - z_b, z_a * z_b), dim=-1))
        return torch.cat([head(y) for head in self.ranking_heads], dim=-1)


class MaskedEncoder(Judge, ABC):
    """An encoder of rows of places, such as frames, of which a mask tells which count."""

    @abstractmethod
    def encode(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """z (batch, width) of performances. Raises `InputError` naming a row of which nothing counts."""

    @abstractmethod
    def contrasted(self, z: Tensor) -> Tensor:
        """proj (batch, narrow): what is contrasted."""

    def pair(
        self, a: Tensor, b: Tensor, mask_a: Tensor | None = None, mask_b: Tensor | None = None
    ) -> dict[str, Tensor]:
        """ranking_logits, z_a, z_b, proj_a and proj_b of two performances."""
        z_a, z_b = self.encode(a, mask_a), self.encode(b, mask_b)
        found = {"ranking_logits": self.compare(z_a, z_b), "z_a": z_a, "z_b": z_b}
        return {**found, "proj_a": self.contrasted(z_a), "proj_b": self.contrasted(z_b)}


def pooling(source: int) -> nn.Sequential:
    """What scores frames (batch, frame, source) -> (batch, frame, 1) for `pooled`."""
    return nn.Sequential(nn.Linear(source, POOLING), nn.Tanh(), nn.Linear(POOLING, 1))


def pooled(scoring: nn.Module, x: Tensor, mask: Tensor | None) -> Tensor:
    """(batch, frame, feature) -> (batch, feature), by the softmax of scores over frames that count, all without mask.

    Raises `InputError` naming a row of which nothing counts.
    """
    scores = scoring(x)[..., 0]
    if mask is not None:
        counted = mask != 0
        if not torch.compiler.is_compiling():
            refuse_empty(counted)
        scores = scores.masked_fill(~counted, float("-inf"))
    found: Tensor = (x * scores.softmax(dim=-1)[..., None]).sum(dim=1)
    return found


def refuse_empty(counted: Tensor) -> None:
    """Raise `InputError` naming the first row (batch, frame) of a mask of which nothing counts."""
    empty = (~counted.any(dim=1)).nonzero()
    if len(empty):
        raise InputError(
            f"row {int(empty[0, 0])} of the mask is empty: nothing of that performance counts",
            fix="leave the performance out, or mark its frames",
        )


def stage(source: int, width: int, dropout: float) -> tuple[nn.Module, ...]:
    """A dense layer, normalised, active, with dropout."""
    return nn.Linear(source, width), nn.LayerNorm(width), nn.GELU(), nn.Dropout(dropout)


def filled(module: Module, weights: Mapping[str, Array]) -> Module:
    """A module made on PyTorch's "meta" device with these weights, by name, in eval mode."""
    found = {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    module.load_state_dict(found, assign=True)
    return module.eval()
