"""What a symbolic encoder is made of: sizes, and the names and shapes of its weights."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from modelparity.errors import InputError
from modelparity.graph import Array

from ...names import DIMENSIONS
from ...networks import shapes
from ...networks.shapes import Shapes, layer
from ..tokens import WORDS

#: Positions are added to what a network embeds: this is their table.
POSITIONS = "pos_encoding.pe"
#: A larger size is no network's.
MOST = 100_000
#: The base of their wavelengths.
BASE = 10_000.0


@dataclass(frozen=True)
class Sizes(ABC):
    """What both have: ``layers`` of a Transformer, ``width`` numbers a place, of which there are ``places`` at most.

    What is pooled becomes z of ``hidden`` numbers; half as many are contrasted, and compared.
    """

    width: int = 512
    heads: int = 8
    layers: int = 6
    hidden: int = 512
    labels: int = len(DIMENSIONS)
    places: int = 2048
    dropout: float = 0.1
    #: What the network takes, and the name of its axis of places.
    TAKES: ClassVar[str] = ""
    PLACE: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name not in ("dropout", "kernels") and (type(value) is not int or not 1 <= value <= MOST):
                raise InputError(
                    f"{name} is no size", found=repr(value), expected=f"a whole number, 1 to {MOST:,}"
                )
        if self.width % self.heads or self.width % 2:
            raise InputError(
                "the width is no even multiple of the heads",
                found=f"width {self.width}, {self.heads} heads",
            )
        if self.hidden < 2:
            raise InputError("hidden is too small to be halved", found=self.hidden, expected="2 or more")

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """{name: shape} of every weight and table, in PyTorch's layout."""
        return {**dict(self._before()), **dict(self._common())}

    @property
    def positions(self) -> Array:
        """(1, place, width) float32: even columns the sine, odd ones the cosine of place / base^(column / width).

        Vaswani et al., "Attention is all you need", 2017, section 3.5. Rounded to float32 where the original rounds:
        at place 2000 an exact table would differ by 1e-4.
        """
        powers = np.arange(0, self.width, 2, dtype=np.float32) * np.float32(-math.log(BASE) / self.width)
        rates = np.exp(powers.astype(np.float64)).astype(np.float32)
        angles = np.arange(self.places, dtype=np.float32)[:, None] * rates
        table = np.stack((np.sin(angles), np.cos(angles)), axis=-1)
        return table.reshape(1, self.places, self.width)

    def check(self, weights: Mapping[str, Any], where: object = None) -> None:
        """Raise `ArtefactError` unless ``weights`` are those of a model of these sizes, all and no others."""
        shapes.check(self.shapes, weights, where)

    @abstractmethod
    def _before(self) -> Shapes:
        """What makes ``width`` numbers a place of the input, and what pretraining has of its own."""

    def _common(self) -> Shapes:
        width, hidden, half = self.width, self.hidden, self.hidden // 2
        yield POSITIONS, (1, self.places, width)
        for number in range(self.layers):
            own = f"transformer.layers.{number}"
            yield f"{own}.self_attn.in_proj_weight", (3 * width, width)
            yield f"{own}.self_attn.in_proj_bias", (3 * width,)
            yield from layer(f"{own}.self_attn.out_proj", width, width)
            yield from layer(f"{own}.linear1", 4 * width, width)
            yield from layer(f"{own}.linear2", width, 4 * width)
            yield from layer(f"{own}.norm1", width)
            yield from layer(f"{own}.norm2", width)
        yield from shapes.pooling("attn_pool", width)
        yield from layer("projection.0", hidden, width)
        yield from layer("projection.1", hidden)
        yield from layer("contrastive_proj.0", hidden, hidden)
        yield from layer("contrastive_proj.2", half, hidden)
        yield from shapes.judging(hidden, half, self.labels)


@dataclass(frozen=True)
class TokenSizes(Sizes):
    """S1: ``vocabulary`` words, and one more that stands for what is masked in pretraining."""

    vocabulary: int = WORDS
    TAKES: ClassVar[str] = "input_ids"
    PLACE: ClassVar[str] = "token"

    def _before(self) -> Shapes:
        yield "token_embed.weight", (self.vocabulary + 1, self.width)
        yield from layer("mlm_head.0", self.width, self.width)
        yield from layer("mlm_head.2", self.width)
        yield from layer("mlm_head.3", self.vocabulary + 1, self.width)


@dataclass(frozen=True)
class FrameSizes(Sizes):
    """S3: ``channels`` numbers a frame through convolutions of several lengths, side by side.

    ``codes`` in each of ``groups`` are what pretraining tells frames by. z is as wide as a frame is inside.
    """

    layers: int = 4
    channels: int = 5
    kernels: tuple[int, ...] = (3, 7, 15)
    codes: int = 320
    groups: int = 2
    TAKES: ClassVar[str] = "features"
    PLACE: ClassVar[str] = "frame"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hidden != self.width or self.width % self.groups:
            raise InputError(
                "a frame is as wide inside as z, and is cut into groups",
                found=f"width {self.width}, hidden {self.hidden}, {self.groups} groups",
            )
        if not self.kernels or any(size < 1 or size % 2 == 0 for size in self.kernels):
            raise InputError("lengths of kernels are odd", found=self.kernels, expected="such as (3, 7, 15)")

    @property
    def branch(self) -> int:
        """Channels of one of the convolutions: together they may be fewer than ``width``."""
        return self.width // len(self.kernels)

    def _before(self) -> Shapes:
        for number, length in enumerate(self.kernels):
            yield from layer(f"cnn.branches.{number}.0", self.branch, self.channels, length)
            yield from shapes.batch_norm(f"cnn.branches.{number}.1", self.branch)
        yield from layer("cnn.proj.0", self.width, self.branch * len(self.kernels), 1)
        yield from shapes.batch_norm("cnn.proj.1", self.width)
        yield "codebook.codebook", (self.groups, self.codes, self.width // self.groups)
        yield from layer("codebook.proj", self.groups * self.codes, self.width)
        yield from layer("contrastive_head", self.width, self.width)
