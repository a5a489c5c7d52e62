"""The model: where its weights are, how it is read, and what upstream computed with those of seed 0."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.cache import cache
from modelparity.errors import Unavailable
from modelparity.family import Anchor, Model

from .layers import Layers

if TYPE_CHECKING:
    from modelparity.graph import Graph

    from .weights import Weights

NAME = "orca"
KEY = "detector"
#: Names a file of weights, or a folder that holds one.
VARIABLE = "MODELPARITY_ORCA"
FILE = "model.safetensors"


@dataclass(frozen=True)
class DetectorModel(Model):
    """The detector. Its candidate for PyTorch is the module with upstream's names, not one made from the graph."""

    def candidate(self, backend: str) -> object | None:
        """The module itself for "torch"; ``None`` where the suite shall convert."""
        if backend != "torch" or find_spec("torch") is None:
            return None
        from .network import module_of

        return module_of(Layers(), weights(self.path()))


def model(place: Callable[[], Path] | None = None) -> DetectorModel:
    """The detector, with the weights that ``place`` finds: those that are on this machine, if left out."""
    return DetectorModel(
        KEY,
        NAME,
        locate=place or locate,
        reader=read,
        recorded=_nothing if place else recorded,
        seeded=_seeded,
    )


def untrained() -> Path:
    """What stands for seeded weights where a path is asked for: upstream's configuration, which has none."""
    from .configuration import DEFAULTS

    return DEFAULTS


def trained() -> Path | None:
    """The file of trained weights, if there is one: what the environment names, or what was fetched.

    Raises `Unavailable` if the environment names what is not there: nobody means seeded weights.
    """
    given = os.environ.get(VARIABLE)
    place = Path(given).expanduser() if given else cache() / NAME
    found = place / FILE if place.is_dir() else place
    if found.is_file():
        return found
    if given:
        raise Unavailable(
            f"{VARIABLE} names weights that are not there",
            where=f"{NAME}/{KEY}",
            found=found,
            fix="modelparity orca extract FILE --to FOLDER, or unset it for seeded weights",
        )
    return None


def locate() -> Path:
    """Trained weights, or what stands for seeded ones."""
    return trained() or untrained()


def weights(path: Path) -> Weights:
    """The weights that a path stands for. Raises `ArtefactError` for a file that has others."""
    if path == untrained():
        from .weights import seeded

        return seeded(Layers())
    from .reading import read as state

    return state(path)


def read(path: Path) -> Graph:
    """The network, from the weights that a path stands for; those from a seed are marked."""
    from modelparity.graph import Source
    from modelparity_families.training.checkpoints import sha256

    from .graph import graph_of

    graph = graph_of(Layers(), weights(path))
    if path == untrained():
        return graph.changed(source=Source("untrained", f"{NAME}/{KEY}", graph.hash, seed=0))
    return graph.changed(source=Source("state dict", str(path), sha256(path)))


def _nothing() -> Anchor | None:
    """Nobody recorded what others' weights compute."""
    return None


def _seeded(seed: int) -> Graph:
    from .graph import graph_of
    from .weights import seeded

    return graph_of(Layers(), seeded(Layers(), seed))


def recorded() -> Anchor | None:
    """({"image": array}, {"logits": array}) as the port computes them with the weights of seed 0.

    ``None`` for other weights, and where this package is installed without its tests.
    """
    import numpy as np

    from .weights import image

    place = Path(__file__).resolve().parents[3] / "tests" / "anchors" / "orca" / "network.npz"
    if trained() is not None or not place.is_file():
        return None
    with np.load(place, allow_pickle=False) as arrays:
        return {"image": image(0, 2, 312)}, {"logits": arrays["noise312/logits"]}
