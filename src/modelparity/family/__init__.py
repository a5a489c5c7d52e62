"""Families of models: plugins found by entry point, and folders that a project adds itself."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from os import PathLike
from pathlib import Path

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

GROUP = "modelparity.families"

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


def families() -> dict[str, Family]:
    """Every registered family, by name. Raises `FamilyError` for a broken plugin and for a name used twice."""
    found: dict[str, Family] = {}
    owners: dict[str, str] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, _package(point))):
        family, owner = _loaded(point), _package(point)
        if family.name in found:
            raise FamilyError(
                f"two packages register a family called {family.name!r}",
                found=f"{owners[family.name]} and {owner}",
                fix="uninstall one of them, or have its author rename the family",
            )
        found[family.name], owners[family.name] = family, owner
    for name, family in _folders.items():
        if name in found:
            raise FamilyError(
                f"a folder and a package are both called {name!r}", found=f"{family} and {owners[name]}"
            )
        found[name] = family
    return dict(sorted(found.items()))


def _package(point: EntryPoint) -> str:
    return (
        f"{point.dist.name} {point.dist.version}"
        if point.dist is not None
        else f"an unknown package ({point.value})"
    )


def _loaded(point: EntryPoint) -> Family:
    where = f"family {point.name!r} of {_package(point)}"
    try:
        family = point.load()
    except Exception as error:  # a plugin may fail in any way, and none may pass for an absent family
        raise FamilyError(
            f"this plugin cannot be imported: {type(error).__name__}: {error}",
            where=where,
            found=point.value,
            fix="repair or uninstall that package",
        ) from error
    if not isinstance(family, Family):
        kind = f"the class {family.__name__}" if isinstance(family, type) else f"a {type(family).__name__}"
        raise FamilyError(
            "this plugin is no family",
            where=where,
            found=f"{point.value} is {kind}",
            expected="an object of a class that derives from modelparity.family.Family",
            fix="class MyFamily(Family): ..., and FAMILY = MyFamily(); see docs/families.md",
        )
    if not isinstance(family.name, str) or not family.name:
        raise FamilyError("this family has no name", where=where, found=repr(family.name))
    return family
