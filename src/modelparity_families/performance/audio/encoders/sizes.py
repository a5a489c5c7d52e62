"""What an audio model is made of: sizes, and the names and shapes of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from modelparity.errors import ArtefactError, InputError

from ...names import DIMENSIONS
from ...networks import shapes
from ...networks.shapes import Shapes, layer


@dataclass(frozen=True)
class Sizes:
    """``input`` numbers a frame -> a vector of ``hidden`` -> scores of ``labels`` dimensions.

    ``layers`` is how many layers the model's own backbone has, none if it gets frames that are embedded.
    """

    input: int = 1024
    hidden: int = 512
    projection: int = 256
    labels: int = len(DIMENSIONS)
    layers: int = 0
    dropout: float = 0.2

    def __post_init__(self) -> None:
        own = asdict(self)
        for name in ("input", "hidden", "projection", "labels"):
            if type(value := own[name]) is not int or value < 1:
                raise InputError(f"{name} is no size", found=repr(value), expected="a whole number from 1")

    @classmethod
    def of(cls, weights: Mapping[str, Any], where: object = None) -> Sizes:
        """The sizes of ``weights``, arrays or tensors by name. Raises `ArtefactError` where they do not fit."""

        def axis(name: str, place: int) -> int:
            if name not in weights or len(weights[name].shape) != 2:
                raise ArtefactError(
                    f"these are no weights of an audio model: there is no matrix {name!r}",
                    where=where,
                    found=", ".join(sorted(weights)[:3]) or "nothing",
                )
            return int(weights[name].shape[place])

        layers = {name.split(".")[2] for name in weights if name.startswith("backbone.layers.")}
        made = cls(
            axis("attn.0.weight", 1),
            axis("encoder.0.weight", 0),
            axis("projection.2.weight", 0),
            axis("regression_head.3.weight", 0),
            len(layers),
        )
        made.check(weights, where)
        return made

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """{name: shape} of every weight, in PyTorch's layout."""
        return dict(self._shapes())

    def _shapes(self) -> Shapes:
        source, width, narrow = self.input, self.hidden, self.projection
        for number in range(self.layers):
            own = f"backbone.layers.{number}"
            yield from layer(f"{own}.norm1", source)
            yield from layer(f"{own}.norm2", source)
            for part in "q", "k", "v", "out":
                yield from layer(f"{own}.self_attn.{part}_proj", source, source)
            yield from layer(f"{own}.ffn.0", 4 * source, source)
            yield from layer(f"{own}.ffn.2", source, 4 * source)
        yield from shapes.pooling("attn", source)
        yield from layer("encoder.0", width, source)
        yield from layer("encoder.1", width)
        yield from layer("encoder.4", width, width)
        yield from layer("encoder.5", width)
        yield from layer("projection.0", width, width)
        yield from layer("projection.2", narrow, width)
        yield from shapes.judging(width, narrow, self.labels)

    def check(self, weights: Mapping[str, Any], where: object = None) -> None:
        """Raise `ArtefactError` unless ``weights`` are those of a model of these sizes, all and no others."""
        shapes.check(self.shapes, weights, where)
