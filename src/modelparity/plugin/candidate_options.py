"""What may be said of how candidates are compared, for all of them or for one: as `check` takes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..errors import InputError
from ..verdict.fit import Fit


@dataclass(frozen=True)
class CandidateOptions:
    """Options of `check` under its names (``fills`` for ``fill``); nothing of them was said where they are empty.

    Pairs stand for mappings, so that it is hashable.
    """

    names: tuple[tuple[str, str], ...] = ()
    fills: tuple[tuple[str, float], ...] = ()
    ignore: tuple[str, ...] = ()
    fit: Fit | None = None
    expect: str | None = None
    sizes: tuple[tuple[str, int], ...] = ()
    below: tuple[tuple[str, int], ...] = ()
    limits: tuple[tuple[str, float], ...] = ()

    def with_own(self, own: CandidateOptions) -> CandidateOptions:
        """These, and in their place what was said of one candidate."""
        return CandidateOptions(
            _merged(self.names, own.names),
            _merged(self.fills, own.fills),
            own.ignore or self.ignore,
            self.fit if own.fit is None else own.fit,
            self.expect if own.expect is None else own.expect,
            _merged(self.sizes, own.sizes),
            _merged(self.below, own.below),
            _merged(self.limits, own.limits),
        )

    @property
    def of_inputs(self) -> CandidateOptions:
        """What decides what the reference is run on: candidates that share it share the reference's runs."""
        return replace(self, names=(), fills=(), ignore=(), fit=None, expect=None)


#: Where nothing was said.
NOTHING = CandidateOptions()
V = TypeVar("V")


def _merged(common: tuple[tuple[str, V], ...], own: tuple[tuple[str, V], ...]) -> tuple[tuple[str, V], ...]:
    return tuple({**dict(common), **dict(own)}.items())


def from_texts(
    given: Mapping[str, Sequence[str]], candidates: Iterable[str]
) -> tuple[CandidateOptions, dict[str, CandidateOptions]]:
    """(what holds for all, {candidate: its own}) of ``{field: texts}`` as a command line has them.

    A text is ``NAME=VALUE`` (of ignored outputs ``NAME``), ``CANDIDATE:NAME=VALUE`` where it holds for one.
    Raises `InputError` for a text of another form, and where two texts contradict each other.
    """
    known = sorted(candidates, key=len, reverse=True)
    found: dict[str, dict[str, dict[str, object]]] = {}
    for field, texts in given.items():
        for text in texts:
            owner = next((name for name in known if text.startswith(f"{name}:")), "")
            name, value = _split(field, text.removeprefix(f"{owner}:") if owner else text)
            said = found.setdefault(owner, {}).setdefault(field, {})
            if said.setdefault(name, value) != value:
                raise InputError(
                    f"{name!r} is given twice",
                    where=f"--parity-{_OPTION.get(field, field)}",
                    found=f"{said[name]} and {value}",
                    fix="say it once, or CANDIDATE:NAME=VALUE for one of several candidates",
                )
    made = {
        owner: CandidateOptions(
            **{
                field: tuple(said) if field == "ignore" else tuple(said.items())  # type: ignore[arg-type]
                for field, said in fields.items()
            }
        )
        for owner, fields in found.items()
    }
    return made.pop("", CandidateOptions()), made


#: Fields whose options on the command line are called in the singular.
_OPTION = {"names": "name", "fills": "fill", "sizes": "size", "limits": "limit"}
#: Field -> what makes its value of a text, and what it is.
_VALUES: dict[str, tuple[Callable[[str], object], str]] = {
    "names": (str, "a name"),
    "fills": (float, "a number"),
    "limits": (float, "a number"),
    "sizes": (int, "a whole number from 1 on"),
    "below": (int, "a whole number from 1 on"),
}


def _split(field: str, text: str) -> tuple[str, object]:
    if field == "ignore":
        return text, True
    name, _, said = text.partition("=")
    read, kind = _VALUES[field]
    try:
        value = read(said)
    except ValueError:
        value = None
    whole = field in ("sizes", "below")
    if not (name and said) or value is None or (isinstance(value, int | float) and not _fine(value, whole)):
        raise InputError(
            "not understood",
            where=f"--parity-{_OPTION.get(field, field)}",
            found=text,
            expected=f"NAME={kind}",
        )
    return name, value


def _fine(value: float, whole: bool) -> bool:
    return math.isfinite(value) and (not whole or value >= 1)
