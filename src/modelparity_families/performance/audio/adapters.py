"""Low-rank adapters as arrays: beside the weights that they change, or merged into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from modelparity.errors import ArtefactError
from modelparity.graph import Array

#: What stands behind the name of the layer that a factor belongs to.
FACTORS = (".lora_A.weight", ".lora_B.weight")


@dataclass(frozen=True)
class Adapters:
    """y = W x + b + scale B (A x) of each layer in ``pairs``: A (rank, in), B (out, rank); scale is alpha / rank.

    Hu et al., "LoRA: low-rank adaptation of large language models", 2021.
    """

    scale: float
    pairs: Mapping[str, tuple[Array, Array]]

    @classmethod
    def of(cls, weights: Mapping[str, Array], *, alpha: float) -> Adapters:
        """Those of arrays called as their layer with `FACTORS` behind. Raises `ArtefactError` for others."""
        layers = sorted({_layer(name) for name in weights})
        if not layers:
            raise ArtefactError("there are no adapters")
        lacking = [layer + part for layer in layers for part in FACTORS if layer + part not in weights]
        if lacking:
            raise ArtefactError(f"adapter {lacking[0]!r} is missing")
        first, second = FACTORS
        pairs = {layer: (weights[layer + first], weights[layer + second]) for layer in layers}
        ranks = {(a.shape[0], b.shape[1]) for a, b in pairs.values()}
        if len(ranks) != 1 or len(set(next(iter(ranks)))) != 1:
            raise ArtefactError("adapters are not of one rank", found=sorted(ranks))
        return cls(alpha / next(iter(ranks))[0], pairs)

    def check(self, weights: Mapping[str, Array]) -> None:
        """Raise `ArtefactError` naming a layer that these ``weights`` do not have, or have of another shape."""
        for layer, (a, b) in self.pairs.items():
            weight = weights.get(f"{layer}.weight")
            if weight is None:
                raise ArtefactError(f"an adapter is of no layer: {layer!r}")
            if weight.shape != (b.shape[0], a.shape[1]):
                raise ArtefactError(
                    f"the adapter of {layer!r} does not fit",
                    found=(b.shape[0], a.shape[1]),
                    expected=weight.shape,
                )

    def merged(self, weights: Mapping[str, Array]) -> dict[str, Array]:
        """``weights`` with W + scale B A in place of W, computed in float64. Raises as `check`."""
        self.check(weights)
        made = dict(weights)
        for layer, (a, b) in self.pairs.items():
            own = weights[f"{layer}.weight"]
            low = self.scale * (b.astype(np.float64) @ a.astype(np.float64))
            made[f"{layer}.weight"] = (own + low).astype(own.dtype)
        return made


def _layer(name: str) -> str:
    for part in FACTORS:
        if name.endswith(part):
            return name.removesuffix(part)
    raise ArtefactError(f"{name!r} is no part of an adapter", expected=" or ".join(FACTORS))
