"""Families of models: plugins found by entry point, and folders that a project adds itself."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ..discovery import Plugins
from ..discovery.plugins import kind, misnamed
from ..errors import FamilyError, InputError, near
from .base import Family
from .command import Command
from .model import Anchor, Model
from .progress_bar import Progress, progress
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
    "family",
    "family_names",
    "progress",
]

_folders: dict[str, Family] = {}
#: Families whose own recipes are known to `modelparity.inputs`.
_heard: dict[str, Family] = {}


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


def family_names() -> tuple[str, ...]:
    """Names of all families, sorted; nothing of them is imported. Raises `FamilyError` for a name used twice."""
    names = _plugins.names()
    for name in _folders:
        if name in names:
            raise FamilyError(
                f"a folder and a package are both called {name!r}",
                found=f"{_folders[name]} and {_plugins.owner(name)}",
            )
    return tuple(sorted((*names, *_folders)))


def family(name: str) -> Family:
    """The family of that name. Raises `FamilyError` for one that is not there, naming what is near, or is broken."""
    names = family_names()
    found = _folders.get(name) or _plugins.get(name)
    if found is None:
        raise FamilyError(f"there is no family {name!r}", expected=near(name, names))
    if _heard.get(name) is not found:
        _hear(found)
        _heard[name] = found
    return found


def _hear(family: Family) -> None:
    """Make the family's own recipes known. Families that have none load no numpy for it."""
    if own := family.recipes():
        from ..inputs import add_recipes

        try:
            add_recipes(family.name, own)
        except InputError as error:
            where = f"family {family.name!r} of {_plugins.owner(family.name) or 'a folder'}"
            raise FamilyError(error.what, where=where, found=error.found, fix=error.fix) from error


def families() -> dict[str, Family]:
    """Every family, by name. Raises `FamilyError` for a broken plugin and for a name used twice."""
    return {name: family(name) for name in family_names()}
