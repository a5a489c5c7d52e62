"""Settings of training: the defaults, and over them those of a TOML file, checked key by key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from modelparity.errors import InputError, near

from ..corpora.features import Features
from ..stack import stacks

SECTIONS = ("data", "features", "training")
#: Settings that may be zero; all other numbers are above it.
ZERO = {"limit", "workers", "weight_decay", "clip", "least", "seed", "threads", "patience"}
DEVICES = ("cpu", "gpu", "auto")


@dataclass(frozen=True)
class Config:
    """Settings by section and key, as ``defaults.toml`` describes them."""

    data: Mapping[str, Any]
    features: Features
    training: Mapping[str, Any]

    def text(self) -> str:
        """The settings as TOML."""
        sections = {"data": self.data, "features": vars(self.features), "training": self.training}
        return "\n".join(
            f"[{name}]\n" + "".join(f"{key} = {_literal(value)}\n" for key, value in values.items())
            for name, values in sections.items()
        )


def defaults_text() -> str:
    """The defaults with what each means."""
    return (files(__package__) / "defaults.toml").read_text("utf-8")


@cache
def _defaults() -> dict[str, Any]:
    return tomllib.loads(defaults_text())


def configured(model: str, path: Path | None = None, **over: Any) -> Config:
    """The settings for a model: defaults, those of ``path``, then ``over`` (of the section training).

    Raises `InputError` for a file that is no TOML, an unknown section or key, and a value of another kind.
    """
    base = _defaults()
    given = _read(path) if path is not None else {}
    for name in given:
        if name not in SECTIONS and name not in stacks():
            raise InputError(
                f"unknown section [{name}]", where=path, expected=near(name, (*SECTIONS, *stacks()))
            )
    merged = {section: dict(base[section]) for section in SECTIONS}
    for source, where in ((base, None), (given, path)):
        for layer in (source, source.get(model, {})):
            _kind(layer, dict, f"{where}, [{model}]")
            for section in layer:
                if section in SECTIONS:
                    _merge(merged[section], layer[section], f"{where}, [{section}]")
                elif layer is not source:
                    raise InputError(
                        f"unknown section {section!r}", where=where, expected=", ".join(SECTIONS)
                    )
    _merge(
        merged["training"],
        {key: value for key, value in over.items() if value is not None},
        "the command line",
    )
    if merged["training"]["device"] not in DEVICES:
        raise InputError("unknown device", found=merged["training"]["device"], expected=", ".join(DEVICES))
    return Config(merged["data"], Features(**merged["features"]), merged["training"])


def _merge(into: dict[str, Any], given: Any, where: str) -> None:
    _kind(given, dict, where)
    for key, value in given.items():
        if key not in into:
            raise InputError(f"unknown key {key!r}", where=where, expected=near(key, into))
        wanted = type(into[key])
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted:
            raise InputError(
                f"{key} is of another kind", where=where, found=repr(value), expected=wanted.__name__
            )
        if wanted in (int, float) and (value < 0 or (value == 0 and key not in ZERO) or value != value):
            raise InputError(f"{key} is out of range", where=where, found=value, expected="a number above 0")
        into[key] = value


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError("cannot be read", where=path, found=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not TOML: {error}", where=path) from error


def _kind(value: Any, kind: type, where: str) -> None:
    if not isinstance(value, kind):
        raise InputError("not a section", where=where, found=repr(value)[:80])


def _literal(value: Any) -> str:
    return (
        f'"{value}"'
        if isinstance(value, str)
        else str(value).lower()
        if isinstance(value, bool)
        else repr(value)
    )
