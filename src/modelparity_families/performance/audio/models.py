"""The models of the audio side: how each is found, read, and made from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.family import Anchor, Model

from ..model import SEED, PerformanceModel, called, recording
from ..names import MUQ, NAME
from ..places import SEEDED, folder

if TYPE_CHECKING:
    from modelparity.graph import Array, Graph

    from .encoders.sizes import Sizes as EncoderSizes
    from .muq import Sizes

#: The model on top of MuQ that scores: A1, or A2, whose network is the same; and A3, which has its own backbone.
A1, A3 = "a1", "a3"
#: Of MuQ's layers these many, the last ones, are averaged: 9 to 12 of the published network.
AVERAGED = 4


@dataclass(frozen=True)
class MuqModel(PerformanceModel):
    """MuQ."""

    def module(self) -> object:
        """With the published names."""
        from .muq.hub import from_pretrained
        from .muq.module import module_of

        if (path := self.path()) != SEEDED:
            return from_pretrained(path).module()
        from .. import seeded

        return module_of(small(), seeded.weights(small().shapes, SEED))


@dataclass(frozen=True)
class EncoderModel(PerformanceModel):
    """An audio model, frames to scores."""

    def module(self) -> object:
        """With the original's names."""
        from .encoders.modules import module_of

        return module_of(*_encoder(self.key, self.path(), SEED))


def model(key: str) -> Model:
    """The model of that key. Raises `FamilyError` naming what is near."""
    return called(key, models())


def models() -> tuple[Model, ...]:
    """All of them, sorted by key."""
    muq = MuqModel(
        MUQ,
        NAME,
        locate=partial(folder, MUQ),
        reader=_read_muq,
        own_recipes=("noise",),
        recorded=_recorded_muq,
        seeded=_seeded_muq,
    )
    encoders = (
        EncoderModel(
            key,
            NAME,
            locate=partial(folder, key),
            reader=partial(_read_encoder, key),
            own_recipes=("noise",),
            seeded=partial(_seeded_encoder, key),
        )
        for key in (A1, A3)
    )
    return (*encoders, muq)


def muq_averaged() -> Graph:
    """MuQ, which gives the hidden states that are averaged. Raises as `Model.load`."""
    from .muq import graph_of
    from .muq.hub import from_pretrained

    def states(layers: int) -> range:
        return range(max(1, layers + 1 - AVERAGED), layers + 1)

    if (path := folder(MUQ)) != SEEDED:
        found = from_pretrained(path)
        return found.graph(states=states(found.sizes.layers))
    from .. import seeded

    weights = seeded.weights(small().shapes, SEED)
    return graph_of(small(), weights, states=states(small().layers))


def small() -> Sizes:
    """A small MuQ, of which the original's outputs were recorded."""
    from .muq import Sizes

    return Sizes(channels=8, width=32, layers=3, heads=4, inner=64)


def _read_muq(path: Path) -> Graph:
    from .muq.hub import from_pretrained

    return from_pretrained(path).graph()


def _seeded_muq(seed: int) -> Graph:
    from .. import seeded
    from .muq import graph_of

    return graph_of(small(), seeded.weights(small().shapes, seed))


def _recorded_muq() -> Anchor | None:
    """({"logmel": array}, {"hidden": array}) as the original computes them with seed 1, as `recording` has them."""
    import numpy as np

    if (place := recording(MUQ)) is None:
        return None
    with np.load(place, allow_pickle=False) as arrays:
        return {"logmel": arrays["logmel_0"]}, {"hidden": arrays["hidden_0"][:, None]}


def _encoder(key: str, path: Path, seed: int) -> tuple[EncoderSizes, dict[str, Array]]:
    """Sizes and weights of an audio model: of a folder, or small and seeded."""
    from .. import seeded
    from .encoders import reading
    from .encoders.sizes import Sizes as Own

    if path != SEEDED:
        return reading.read(path / reading.FILE)
    sizes = Own(input=small().width, hidden=24, projection=12, layers=2 if key == A3 else 0)
    return sizes, seeded.weights(sizes.shapes, seed)


def _read_encoder(key: str, path: Path) -> Graph:
    from .encoders import scores_of

    return scores_of(*_encoder(key, path, SEED))


def _seeded_encoder(key: str, seed: int) -> Graph:
    from .encoders import scores_of

    return scores_of(*_encoder(key, SEEDED, seed))
