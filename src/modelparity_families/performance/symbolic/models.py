"""The models of the symbolic side: how each is found, read, and made from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.family import Anchor, Model

from ..model import SEED, PerformanceModel, called, recording
from ..names import NAME
from ..places import SEEDED, folder

if TYPE_CHECKING:
    from modelparity.graph import Array, Graph

    from .encoders import Sizes

#: The encoder of tokens, and that of frames.
S1, S3 = "s1", "s3"


@dataclass(frozen=True)
class SymbolicModel(PerformanceModel):
    """A symbolic encoder."""

    def module(self) -> object:
        """With the original's names."""
        from .encoders.modules import module_of

        return module_of(*_encoder(self.key, self.path(), SEED))


def model(key: str) -> Model:
    """The model of that key. Raises `FamilyError` naming what is near."""
    return called(key, models())


def models() -> tuple[Model, ...]:
    """All of them, sorted by key."""
    return tuple(
        SymbolicModel(
            key,
            NAME,
            locate=partial(folder, key),
            reader=partial(_read, key),
            own_recipes=("noise",),
            recorded=partial(_recorded, key),
            seeded=partial(_seeded, key),
        )
        for key in (S1, S3)
    )


def small(key: str) -> Sizes:
    """A small encoder, of which the original's outputs were recorded."""
    from .encoders import FrameSizes, TokenSizes

    if key == S1:
        return TokenSizes(width=24, heads=3, layers=2, hidden=16, places=32, vocabulary=40)
    return FrameSizes(width=20, heads=4, layers=2, hidden=20, places=48, codes=7)


def drawn(sizes: Sizes, seed: int) -> dict[str, Array]:
    """Weights from a seed, with the table of places, which is computed."""
    from .. import seeded
    from .encoders.sizes import POSITIONS

    return {**seeded.weights(sizes.shapes, seed), POSITIONS: sizes.positions}


def _encoder(key: str, path: Path, seed: int) -> tuple[Sizes, dict[str, Array]]:
    """Sizes and weights of an encoder: of a folder, or small and seeded."""
    from .encoders import FrameSizes, TokenSizes, reading

    if path != SEEDED:
        return reading.read(path, TokenSizes if key == S1 else FrameSizes)
    return small(key), drawn(small(key), seed)


def _read(key: str, path: Path) -> Graph:
    from .encoders import scores_of

    return scores_of(*_encoder(key, path, SEED))


def _seeded(key: str, seed: int) -> Graph:
    from .encoders import scores_of

    return scores_of(*_encoder(key, SEEDED, seed))


def _recorded(key: str) -> Anchor | None:
    """(inputs, {"scores": array}) as the original computes them with seed 1, as `recording` has them."""
    import numpy as np

    if (place := recording(key)) is None:
        return None
    takes = small(key).TAKES
    with np.load(place, allow_pickle=False) as arrays:
        given = {takes: arrays[f"in_{takes}_a"], "mask": arrays["in_mask_a"].astype(np.float32)}
        return given, {"scores": arrays["scores"]}
