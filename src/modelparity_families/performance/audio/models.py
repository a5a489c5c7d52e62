"""The models of the audio side: how each is found, read, and made from a seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.family import Anchor, Model

from ..names import MUQ, NAME
from ..places import SEEDED, folder

if TYPE_CHECKING:
    from modelparity.graph import Graph

    from .muq import Sizes

#: The seed with which the original's own code was run.
SEED = 1


@dataclass(frozen=True)
class MuqModel(Model):
    """MuQ. Its candidate for PyTorch is the module with the published names, not one made from the graph."""

    def candidate(self, backend: str) -> object | None:
        """The module itself for "torch"; ``None`` where the suite shall convert."""
        if backend != "torch" or find_spec("torch") is None:
            return None
        from .muq.hub import from_pretrained
        from .muq.module import module_of

        if (path := self.path()) != SEEDED:
            return from_pretrained(path).module()
        from .. import seeded

        return module_of(small(), seeded.weights(small().shapes, SEED))

    def remarks(self) -> Iterable[str]:
        """Whether its weights were trained."""
        if self.path() == SEEDED:
            yield f"{NAME}/{self.key}: a small network with weights made from a seed, not trained"


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
    return (muq,)


def small() -> Sizes:
    """A small MuQ, of which the original's outputs were recorded."""
    from .muq import Sizes

    return Sizes(channels=8, width=32, layers=3, heads=4, inner=64)


def _read_muq(path: Path) -> Graph:
    from modelparity.graph import Source

    from .muq.hub import from_pretrained

    if path != SEEDED:
        return from_pretrained(path).graph()
    graph = _seeded_muq(SEED)
    return graph.changed(source=Source("untrained", f"{NAME}/{MUQ}", graph.hash, seed=SEED))


def _seeded_muq(seed: int) -> Graph:
    from .. import seeded
    from .muq import graph_of

    return graph_of(small(), seeded.weights(small().shapes, seed))


def _recorded_muq() -> Anchor | None:
    """({"logmel": array}, {"hidden": array}) as the original computes them with seed 1; ``None`` for other weights,
    and where this package is installed without its tests."""
    import numpy as np

    place = Path(__file__).resolve().parents[4] / "tests" / "anchors" / "performance" / "muq_small.npz"
    if folder(MUQ) != SEEDED or not place.is_file():
        return None
    with np.load(place, allow_pickle=False) as arrays:
        return {"logmel": arrays["logmel_0"]}, {"hidden": arrays["hidden_0"][:, None]}
