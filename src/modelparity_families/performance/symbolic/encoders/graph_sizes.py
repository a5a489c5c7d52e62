"""What the encoder of score graphs is made of: sizes, and the names and shapes of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from modelparity.errors import InputError

from ...names import DIMENSIONS
from ...networks import shapes
from ...networks.shapes import Shapes, layer
from .sizes import MOST


@dataclass(frozen=True)
class GraphSizes:
    """S2: ``features`` numbers a note, ``hidden`` inside, which ``heads`` share; half as many are compared."""

    features: int = 6
    hidden: int = 512
    layers: int = 4
    heads: int = 4
    labels: int = len(DIMENSIONS)
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name != "dropout" and (type(value) is not int or not 1 <= value <= MOST):
                raise InputError(
                    f"{name} is no size", found=repr(value), expected=f"a whole number, 1 to {MOST:,}"
                )
        if self.hidden % self.heads or self.hidden < 2:
            raise InputError(
                "hidden is no multiple of the heads", found=f"hidden {self.hidden}, {self.heads} heads"
            )

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """{name: shape} of every weight, in PyTorch's layout."""
        return dict(self._shapes())

    def check(self, weights: Mapping[str, Any], where: object = None) -> None:
        """Raise `ArtefactError` unless ``weights`` are those of a model of these sizes, all and no others."""
        shapes.check(self.shapes, weights, where)

    def _shapes(self) -> Shapes:
        hidden, half, heads = self.hidden, self.hidden // 2, self.heads
        yield from layer("node_embed.0", hidden, self.features)
        yield from layer("node_embed.1", hidden)
        for number in range(self.layers):
            own = f"gat_layers.{number}"
            yield f"{own}.att_src", (1, heads, hidden // heads)
            yield f"{own}.att_dst", (1, heads, hidden // heads)
            yield f"{own}.bias", (hidden,)
            yield f"{own}.lin.weight", (hidden, hidden)
            yield from layer(f"gat_norms.{number}", hidden)
        yield from layer("global_pool.gate_nn.0", 1, hidden)
        yield from layer("projection.0", hidden, hidden)
        yield from layer("projection.1", hidden)
        yield from layer("contrastive_proj.0", hidden, hidden)
        yield from layer("contrastive_proj.2", half, hidden)
        yield from layer("link_pred_head.0", hidden, 2 * hidden)
        yield from layer("link_pred_head.2", 1, hidden)
        yield from shapes.judging(hidden, half, self.labels)
