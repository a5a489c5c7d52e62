"""A folder of artefacts as a family: for a project's own files, and for the fixtures of a source checkout."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..errors import FamilyError
from ..graph import Graph
from .base import Family
from .model import Anchor, Model
from .progress_bar import Progress

#: Recorded inputs and outputs of ``name.pkl`` stand beside it in this file, as ``x|<input>`` and ``y|<output>``.
ANCHOR_SUFFIX = ".anchor.npz"


@dataclass(frozen=True)
class Folder(Family):
    """Every artefact under ``root`` that modelparity can read as a reference. Keys are paths without suffix.

    Models whose key is in ``alone`` have no converted form: they are compared with their anchor only.
    """

    name: str = field()  # no default, unlike the base class's
    root: Path
    alone: tuple[str, ...] = ()

    def models(self) -> tuple[Model, ...]:
        """The artefacts, sorted by key. Raises `FamilyError` for a missing folder and for two with one key."""
        from ..formats.registry import claimed, formats

        if not self.root.is_dir():
            raise FamilyError("the folder of this family is not there", where=self.name, found=self.root)
        readable = [one for one in formats().values() if one.read is not None]
        suffixes = {suffix for one in readable for suffix in one.suffixes}
        shared = {suffix for one in readable if one.shared for suffix in one.suffixes}
        found: dict[str, Path] = {}
        for path in sorted(self.root.rglob("*")):
            if path.suffix.lower() not in suffixes or _hidden(path.relative_to(self.root)):
                continue
            if path.suffix.lower() in shared and not claimed(path):
                continue
            key = path.relative_to(self.root).with_suffix("").as_posix()
            if key in found:
                raise FamilyError(
                    f"two artefacts would be the model {key!r}",
                    where=self.name,
                    found=f"{found[key]} and {path}",
                )
            found[key] = path
        return tuple(
            Model(
                key,
                self.name,
                locate=partial(_same, path),
                reader=partial(_load, key),
                candidates=() if key in self.alone else _candidates(path),
                recorded=partial(_recorded, path),
                file=path,
            )
            for key, path in sorted(found.items())
        )

    def fetch(self, progress: Progress | None = None) -> Path:
        """Nothing is to be fetched: the folder itself."""
        return self.root


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _same(path: Path) -> Path:
    return path


def _candidates(path: Path) -> tuple[str, ...]:
    """The usual ones; what RTNeural can read, it can also be written for."""
    from ..formats.rtneural import FORMAT

    own = ("rtneural", "rtneural-json") if path.suffix.lower() in FORMAT.suffixes else ()
    return (*Model.candidates, *own)


def _load(key: str, path: Path) -> Graph:
    from ..formats import load

    return load(path).changed(name=key)


def _recorded(path: Path) -> Anchor | None:
    import numpy as np

    beside = path.with_suffix(ANCHOR_SUFFIX)
    if not beside.is_file():
        return None
    with np.load(beside, allow_pickle=False) as arrays:
        inputs = {name[2:]: arrays[name] for name in arrays.files if name.startswith("x|")}
        outputs = {name[2:]: arrays[name] for name in arrays.files if name.startswith("y|")}
    return inputs, outputs
