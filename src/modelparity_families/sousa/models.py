"""The models: how each is found, read, and made from a seed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.cache import cache
from modelparity.errors import ArtefactError, FamilyError, Unavailable, near
from modelparity.family import Model

from .names import FEATURES, ONSETS

if TYPE_CHECKING:
    from modelparity.graph import Graph

NAME = "sousa"
#: Names a folder of weights: what training exports, or a copy of the repository that the original is published in.
VARIABLE = "MODELPARITY_SOUSA"
#: `FEATURES` as it came first: without a normalisation before its last layer.
FIRST = f"{FEATURES}/first"
#: Files of weights by network: those of this package, then those of the published repository.
FILES = {
    ONSETS: ("onset_transformer.safetensors", "pytorch_model.bin"),
    FEATURES: ("feature_inference.safetensors", "feature_inference_model.bin"),
}
#: Where no weights are: stands for seeded ones.
SEEDED = Path(__file__).with_name("networks") / "sizes.py"
CANDIDATES = ("onnxruntime", "torch", "coreml")


@dataclass(frozen=True)
class SousaModel(Model):
    """One of the networks. Its candidates are made of the PyTorch module, as whoever converts it has it."""

    final_norm: bool = True

    def candidate(self, backend: str) -> object | None:
        """The module for "torch"; ``None`` where the suite shall convert."""
        if backend != "torch" or find_spec("torch") is None:
            return None
        from .networks import Sizes, read, seeded
        from .networks.modules import module_of

        path = self.path()
        sizes = Sizes.default(self.network, final_norm=self.final_norm)
        return module_of(sizes, seeded(sizes)) if path == SEEDED else module_of(*read(path))

    @property
    def network(self) -> str:
        """Which of the two networks it is."""
        return self.key.partition("/")[0]

    def remarks(self) -> Iterable[str]:
        """Whether its weights were trained."""
        if self.path() == SEEDED:
            yield f"{NAME}/{self.key}: weights made from a seed, not trained"


def models(folder: Path | None = None) -> tuple[SousaModel, ...]:
    """Both networks, sorted by key, `FEATURES` in its first form too; their weights lie in ``folder``, or `home`."""
    found = (
        _model(ONSETS, folder),
        _model(FEATURES, folder),
        _model(FEATURES, folder, final_norm=False),
    )
    return tuple(sorted(found, key=lambda model: model.key))


def model(key: str, folder: Path | None = None) -> SousaModel:
    """The model of that key, as `models` has it. Raises `FamilyError` naming what is near."""
    known = {one.key: one for one in models(folder)}
    if key not in known:
        raise FamilyError(f"there is no model {key!r}", where=NAME, expected=near(key, known))
    return known[key]


def home() -> Path:
    """The folder where weights are looked for; it need not exist."""
    given = os.environ.get(VARIABLE)
    return Path(given).expanduser() if given else cache() / NAME


def locate(network: str, folder: Path | None = None) -> Path:
    """The file of a network's weights in ``folder``, or else `home`, or `SEEDED`.

    Raises `Unavailable` if the environment variable names a folder that is not there: nobody means seeded weights.
    """
    if folder is None:
        folder = _named_home(network)
    places = (folder / name for name in FILES[network])
    return next((place for place in places if place.is_file()), SEEDED)


def _named_home(network: str) -> Path:
    folder = home()
    if os.environ.get(VARIABLE) and not folder.is_dir():
        raise Unavailable(
            f"{VARIABLE} names a folder that is not there",
            where=f"{NAME}/{network}",
            found=folder,
            fix="name a folder of weights, or unset it for seeded ones",
        )
    return folder


def _locate_form(network: str, folder: Path | None, final_norm: bool) -> Path:
    """As `locate`, but seeded weights where those that are found are of the other form."""
    path = locate(network, folder)
    if path == SEEDED or network == ONSETS:
        return path
    from .networks.weights import read

    return path if read(path)[0].final_norm == final_norm else SEEDED


def _model(network: str, folder: Path | None, *, final_norm: bool = True) -> SousaModel:
    return SousaModel(
        network if final_norm else FIRST,
        NAME,
        locate=partial(_locate_form, network, folder, final_norm),
        reader=partial(_read, network, final_norm),
        candidates=CANDIDATES,
        seeded=partial(_seeded, network, final_norm),
        final_norm=final_norm,
    )


def _read(network: str, final_norm: bool, path: Path) -> Graph:
    from modelparity.graph import Source
    from modelparity_families.training.checkpoints import sha256

    from .networks import graph_of
    from .networks.weights import read

    if path == SEEDED:
        graph = _seeded(network, final_norm, 0)
        key = network if final_norm else FIRST
        return graph.changed(source=Source("untrained", f"{NAME}/{key}", graph.hash, seed=0))
    sizes, weights = read(path)
    if sizes.network != network:
        raise ArtefactError("weights of another network", where=path, found=sizes.network, expected=network)
    return graph_of(sizes, weights, source=Source("weights", str(path), sha256(path)))


def _seeded(network: str, final_norm: bool, seed: int) -> Graph:
    from .networks import Sizes, graph_of, seeded

    sizes = Sizes.default(network, final_norm=final_norm)
    return graph_of(sizes, seeded(sizes, seed))
