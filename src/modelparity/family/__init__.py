"""Families of models: plugins found by entry point, and folders that a project adds itself."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ..discovery import Plugins
from ..discovery.plugins import kind, misnamed
from ..errors import FamilyError
from .base import Family
from .command import Command
from .model import Anchor, Model
from .progress import Progress, progress
from .training import Trained, Training

__all__ = [
    "Anchor",
    "Command",
    "Family",
    "Model",
    "Progress",
    "Trained",
    "Training",
    "add_folder",
    "families",
    "progress",
]

_folders: dict[str, Family] = {}


def add_folder(name: str, folder: str | PathLike[str], *, alone: tuple[str, ...] = ()) -> None:
    """Make every artefact in ``folder`` a model of a family called ``name``, for this process.

    ``alone`` names models that have no converted form, such as decoders.

    For a project's conftest.py. Adding the same folder again changes nothing; another folder under the same
    name raises `FamilyError`.
    """
    from .folder import Folder

    new = Folder(name, Path(folder).resolve(), alone)
    if _folders.setdefault(name, new) != new:
        raise FamilyError(
            f"two folders are called {name!r}", found=f"{_folders[name]} and {new}", fix="rename one of them"
        )


def _lack(name: str, found: object) -> str | None:
    return misnamed(name, found.name) if isinstance(found, Family) else kind(found)


_plugins = Plugins[Family](
    "family",
    "modelparity.families",
    lack=_lack,
    expected="an object of a class that derives from modelparity.family.Family",
    page="docs/extending/family.md",
    error=FamilyError,
)


def families() -> dict[str, Family]:
    """Every registered family, by name. Raises `FamilyError` for a broken plugin and for a name used twice."""
    found = _plugins.all()
    for name, family in _folders.items():
        if name in found:
            raise FamilyError(
                f"a folder and a package are both called {name!r}",
                found=f"{family} and {_plugins.owner(name)}",
            )
        found[name] = family
    return dict(sorted(found.items()))
