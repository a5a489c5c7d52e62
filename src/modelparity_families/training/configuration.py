"""Settings of training: a family's defaults, and over them those of a TOML file, checked key by key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from modelparity.errors import InputError, near

#: Settings that may be zero; all other numbers are above it.
ZERO = frozenset({"limit", "workers", "weight_decay", "clip", "least", "seed", "threads", "patience"})
DEVICES = ("cpu", "gpu", "auto")


@dataclass(frozen=True)
class Configuration:
    """Settings by section and key, as a family's ``defaults.toml`` describes them.

    `loading` reads excerpt, memory and workers of the section data; `fitting` reads epochs, batch, learning_rate,
    weight_decay, clip, patience, least, seed, device and threads of the section training.
    """

    sections: Mapping[str, Mapping[str, Any]]

    @property
    def data(self) -> Mapping[str, Any]:
        """How the data set is read."""
        return self.sections["data"]

    @property
    def training(self) -> Mapping[str, Any]:
        """How it is learned from."""
        return self.sections["training"]

    def text(self) -> str:
        """The settings as TOML."""
        return "\n".join(
            f"[{name}]\n" + "".join(f"{key} = {_literal(value)}\n" for key, value in values.items())
            for name, values in self.sections.items()
        )


@dataclass(frozen=True)
class Defaults:
    """The settings that a family's training has: its ``defaults.toml``, and the models that may differ.

    Every section of the file is a section of settings, or ``[MODEL.section]``, which speaks of one model alone and
    comes last. ``zero`` names further settings that may be 0.
    """

    path: Path
    models: tuple[str, ...]
    zero: frozenset[str] = field(default=frozenset())

    def text(self) -> str:
        """The defaults with what each means."""
        return self.path.read_text("utf-8")

    @cached_property
    def _read(self) -> dict[str, Any]:
        return tomllib.loads(self.text())

    def configured(self, model: str, path: Path | None = None, **over: Any) -> Configuration:
        """The settings for a model: defaults, those of ``path``, then ``over`` (of the section training).

        Raises `InputError` for a file that is no TOML, an unknown section or key, and a value of another kind.
        """
        base = self._read
        sections = tuple(name for name in base if name not in self.models)
        given = _file(path) if path is not None else {}
        for name in given:
            if name not in sections and name not in self.models:
                known = (*sections, *self.models)
                raise InputError(f"unknown section [{name}]", where=path, expected=near(name, known))
        merged = {section: dict(base[section]) for section in sections}
        for source, where in ((base, None), (given, path)):
            for layer in (source, source.get(model, {})):
                _kind(layer, dict, f"{where}, [{model}]")
                for section in layer:
                    if section in sections:
                        self._merge(merged[section], layer[section], f"{where}, [{section}]")
                    elif layer is not source:
                        raise InputError(
                            f"unknown section {section!r}", where=where, expected=", ".join(sections)
                        )
        told = {key: value for key, value in over.items() if value is not None}
        self._merge(merged["training"], told, "the command line")
        if merged["training"]["device"] not in DEVICES:
            raise InputError(
                "unknown device", found=merged["training"]["device"], expected=", ".join(DEVICES)
            )
        return Configuration(merged)

    def _merge(self, into: dict[str, Any], given: Any, where: str) -> None:
        _kind(given, dict, where)
        zero = ZERO | self.zero
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
            if wanted in (int, float) and (value < 0 or (value == 0 and key not in zero) or value != value):
                raise InputError(
                    f"{key} is out of range", where=where, found=value, expected="a number above 0"
                )
            into[key] = value


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError("not readable", where=path, found=error.strerror) from error
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
