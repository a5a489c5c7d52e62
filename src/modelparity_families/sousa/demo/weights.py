"""Whose weights: those of a folder, of a repository, or of the cache; written as the Space has them."""

from __future__ import annotations

import json
from pathlib import Path

from modelparity.errors import ArtefactError, Unavailable
from modelparity_families.hub import got, is_folder

from ..models import FILES, NAME, SEEDED, VARIABLE, home, locate
from ..names import FEATURES, ONSETS
from ..networks import read

#: The repository in which the original is published.
PUBLISHED = "zkeown/sousaphone"
NETWORKS = (FEATURES, ONSETS)


def complete(folder: Path) -> Path:
    """The folder, in which weights of both networks lie. Raises `ArtefactError` where some lack."""
    if not folder.is_dir():
        raise ArtefactError("there is no such folder of weights", where=folder)
    for network in NETWORKS:
        if locate(network, folder) == SEEDED:
            raise ArtefactError(
                f"there are no weights of {network}", where=folder, expected=" or ".join(FILES[network])
            )
    return folder


def chosen(place: str | None, *, what: str) -> Path:
    """The folder of weights at ``place``, a folder or a repository, or else where the family finds them.

    Raises `ArtefactError` where some lack, `InputError` for what is no place, and `Unavailable` for ``what`` if there
    are none here.
    """
    if place is not None:
        folder = Path(place).expanduser()
        return complete(folder if is_folder(place) else fetched(place))
    if all(locate(network) == SEEDED for network in NETWORKS):
        raise Unavailable(
            "there are no trained weights on this machine",
            where=what,
            fix=f"--weights FOLDER, --weights {PUBLISHED} to download them, or {VARIABLE}=FOLDER",
        )
    return complete(home())


def fetched(repository: str, revision: str | None = None) -> Path:
    """The folder of a repository's weights and configurations, from the hub or as it is kept.

    Raises `ArtefactError` where some lack, `InputError` and `Unavailable`.
    """
    names = [name for network in NETWORKS for name in (*FILES[network], f"{network}_config.json")]
    found = got(repository, names, family=NAME, revision=revision)
    here = [path.parent for path in found.values() if path.is_file()]
    if not here:
        raise ArtefactError("there are no weights", where=repository, expected=", ".join(names))
    return here[0]


def written(folder: Path, to: Path) -> list[Path]:
    """The weights in ``folder`` as safetensors in the folder ``to``, each with its configuration.

    What somebody pickled is so read here and nowhere else. Raises `ArtefactError` for weights that are damaged.
    """
    from safetensors.numpy import save_file

    to.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for network in NETWORKS:
        sizes, weights = read(locate(network, complete(folder)))
        own = to / FILES[network][0], to / f"{network}_config.json"
        save_file(weights, own[0], metadata={"format": "pt"})
        own[1].write_text(json.dumps(sizes.config, indent=2) + "\n", "utf-8")
        files += own
    return files
