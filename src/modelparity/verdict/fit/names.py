"""Which of a candidate's names stands for which of the reference's: exporters rename inputs and outputs at will."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...errors import InputError, near
from ...graph import Graph

#: What exporters put around a name.
_AROUND = re.compile(r"^serving_default_|:0$")


@dataclass(frozen=True)
class Sides:
    """Both signatures as text, as every refusal shows them side by side."""

    where: str
    reference: str
    candidate: str

    def refusal(self, what: str, fix: str | None = None) -> InputError:
        """The error that says what does not fit, both signatures, and the option to give."""
        return InputError(what, where=self.where, found=self.candidate, expected=self.reference, fix=fix)


def plain(name: str) -> str:
    """A name without what exporters put around it: ``serving_default_x:0`` is ``x``."""
    return _AROUND.sub("", _AROUND.sub("", name)) or name


def by_name(
    kind: str, wanted: Sequence[str], found: Sequence[str], given: Mapping[str, str], sides: Sides
) -> tuple[dict[str, str], list[str], list[str]]:
    """({the reference's name: the candidate's}, names of the reference left over, those of the candidate).

    Names that ``given`` maps come first, then names that both have, then those that are one without what exporters
    put around them. Raises `InputError` for names that are not there, and where two names become one.
    """
    for name, other in given.items():
        for one, known, whose in ((name, wanted, "the reference"), (other, found, "the candidate")):
            if one not in known:
                raise InputError(
                    f"{whose} has no {kind} {one!r}",
                    where=sides.where,
                    found=f"{name!r} = {other!r}",
                    expected=near(one, known),
                )
    pairs = {**{name: name for name in wanted if name in found and name not in given}, **given}
    if len(set(pairs.values())) < len(pairs):
        raise InputError(f"one {kind} of the candidate is taken twice", where=sides.where, found=pairs)
    left = [name for name in wanted if name not in pairs]
    over = [name for name in found if name not in pairs.values()]
    for name in list(left):
        alike = [other for other in over if plain(other) == plain(name)]
        twins = [other for other in left if plain(other) == plain(name)]
        if not alike:
            continue
        if len(alike) > 1 or len(twins) > 1:
            raise sides.refusal(
                f"{kind} {name!r} may be {' or '.join(map(repr, alike))} of the candidate", which([name])
            )
        pairs[name] = alike[0]
        left.remove(name)
        over.remove(alike[0])
    return {name: pairs[name] for name in wanted if name in pairs}, left, over


def which(left: Sequence[str]) -> str:
    """How to say which is which, on every face."""
    pairs = ", ".join(f"{name!r}: ..." for name in left)
    return (
        f"say which is which: --name {left[0]}=... (modelparity check), names={{{pairs}}} (Python), "
        f"names.{left[0]} (parity.toml)"
    )


def filling(names: Sequence[str]) -> str:
    """How to give an input that only one side has its value, on every face."""
    options = " ".join(f"--fill {name}=..." for name in names)
    values = ", ".join(f"{name!r}: ..." for name in names)
    first = f"fill.{names[0]}"
    return (
        f"give it a value: {options} (modelparity check), fill={{{values}}} (Python), {first} (parity.toml)"
    )


def leaving(names: Sequence[str]) -> str:
    """How to say that outputs are meant to be missing, on every face."""
    options = " ".join(f"--ignore {name}" for name in names)
    return (
        f"if it is meant to be missing: {options} (modelparity check), ignore={list(names)} (Python), "
        f"ignore = {list(names)} (parity.toml); else {which(names)}"
    )


def refuse_unknown(names: Mapping[str, str], graph: Graph) -> None:
    """Raise `InputError` if ``names`` says something of an input or output that ``graph`` does not have."""
    known = (*(spec.name for spec in graph.inputs), *graph.outputs)
    for name, other in names.items():
        if name not in known:
            raise InputError(
                f"the reference has no input and no output {name!r}",
                where=graph.name,
                found=f"{name!r} = {other!r}",
                expected=near(name, known),
            )
