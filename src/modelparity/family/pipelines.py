"""Pipelines of all families, by name: ``family/pipeline``."""

from __future__ import annotations

from typing import Any

from ..errors import FamilyError, InputError, near
from ..stages import Pipeline
from . import families, family, family_names


def pipeline(name: str, **settings: Any) -> Pipeline:
    """The pipeline of that name, such as ``madmom/onsets_brnn``, with ``settings`` in place of its defaults.

    Raises `InputError`, naming what is near, for a name or a setting that is not there.
    """
    first, _, rest = str(name).partition("/")
    if first not in family_names():
        known = list(pipelines())
        ours = [one for one in known if one.rpartition("/")[2] == name]
        raise InputError(
            f"there is no pipeline {name!r}",
            expected=ours[0] if ours else near(name, known),
            fix="mp.pipelines() lists them",
        )
    found = _of(first)
    if rest not in found:
        known = [f"{first}/{one}" for one in found]
        raise InputError(
            f"there is no pipeline {name!r}",
            expected=near(name, known),
            fix="mp.pipelines() lists them",
        )
    return found[rest].with_settings(**settings) if settings else found[rest]


def pipelines() -> tuple[str, ...]:
    """The names of the pipelines of all families, sorted. Raises `FamilyError` for a broken plugin."""
    return tuple(sorted(f"{name}/{one}" for name in families() for one in _of(name)))


def _of(name: str) -> dict[str, Pipeline]:
    """A family's pipelines. Raises `FamilyError` for what is none."""
    found = dict(family(name).pipelines())
    for key, one in found.items():
        if not isinstance(one, Pipeline):
            raise FamilyError(
                f"pipeline {key!r} is none",
                where=f"family {name!r}",
                found=type(one).__name__,
                expected="modelparity.stages.Pipeline",
            )
    return {key: one for key, one in found.items() if isinstance(one, Pipeline)}
