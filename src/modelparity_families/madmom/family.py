"""The family: which models there are, which belong together, and how each is found and read."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modelparity.errors import ArtefactError, Unavailable
from modelparity.family import Family, Model, Progress

from .anchors import recorded
from .listing import Entry, folder, listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelparity.graph import Graph
    from modelparity.stages import Pipeline

NAME = "madmom"
FETCH = "modelparity fetch madmom"
NOTICE = (
    "madmom's models are (c) their authors, licensed CC BY-NC-SA 4.0: free to use and share with attribution, "
    "not commercially, and under the same license. They are kept in your cache and are no part of modelparity."
)
_NUMBER = re.compile(r"_\d+$")


class Madmom(Family):
    """madmom 0.16.1's models, keyed family/year/name as in its ``madmom/models``."""

    name = NAME
    notice = NOTICE

    def models(self) -> tuple[Model, ...]:
        """All 67, sorted by key, whether they were fetched or not."""
        return tuple(_model(entry) for entry in listing().models.values())

    def ensembles(self) -> dict[str, tuple[str, ...]]:
        """{ensemble: keys of its members}: networks whose outputs madmom averages."""
        groups: dict[str, list[str]] = {}
        for key in listing().models:
            groups.setdefault(ensemble(key), []).append(key)
        return {name: tuple(members) for name, members in groups.items() if len(members) > 1}

    def pipelines(self) -> Mapping[str, Pipeline]:
        """The twelve processors, from sound to events; their networks are looked for when one of them runs."""
        from .pipelines import pipelines

        return pipelines(members)

    def fetch(self, progress: Progress | None = None) -> Path:
        """Get madmom's release, check it and keep its models; returns their folder.

        A valid cache is left alone. Raises `Unavailable` with the line to type if the release is not to be had,
        and `ArtefactError` if it is not the release that it should be.
        """
        from .fetching import fetch

        return fetch(progress)


def members(group: str) -> tuple[Model, ...]:
    """The networks of an ensemble in the order of their files' names, or the one of that name."""
    return tuple(model for model in FAMILY.models() if model.group == group)


def ensemble(key: str) -> str:
    """The ensemble that a model belongs to: its key without the number at the end."""
    return _NUMBER.sub("", key)


def _model(entry: Entry) -> Model:
    # A CRF's result is a path of labels, which no converted network has yet.
    crf = entry.kind == "crf"
    return Model(
        entry.key,
        NAME,
        locate=partial(locate, entry),
        reader=partial(_read, entry),
        candidates=() if crf else Model.candidates,
        recorded=partial(recorded, entry.key),
        fetched=True,
        group=ensemble(entry.key),
        seeded=None if crf else partial(_seeded, entry.key),
        sha256=entry.sha256,
        front_end={} if entry.frequency is None else {"frequency": entry.frequency},
    )


def locate(entry: Entry) -> Path:
    """The fetched pickle, its SHA-256 verified. Raises `Unavailable` if absent, `ArtefactError` if changed."""
    path = folder() / f"{entry.key}.pkl"
    if not path.is_file():
        raise Unavailable("this network is not on this machine", where=f"{NAME}/{entry.key}", fix=FETCH)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != entry.sha256:
        raise ArtefactError(
            "this file is not the one that madmom published",
            where=path,
            found=found,
            expected=entry.sha256,
            fix=f"{FETCH} (it replaces what is damaged)",
        )
    return path


def _read(entry: Entry, path: Path) -> Graph:
    from modelparity import load

    return load(path, format="madmom", name=entry.key, frequency=entry.frequency)


def _seeded(key: str, seed: int) -> Graph:
    from .architectures import seeded

    return seeded(key, ensemble(key), seed)


FAMILY = Madmom()
