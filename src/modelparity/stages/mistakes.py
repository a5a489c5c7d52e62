"""Known mistakes in settings: other values that programs have, declared where the setting is, and changes by them.

``window: Annotated[str, Mistakes({"hann-periodic": "periodic Hann window"})]`` declares one. Truth values turned
round, numbers that are a little or much more or less, lists in another order are tried without being declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin

from .description import Description
from .settings import Setting, fits
from .stage import Networks

#: A number is tried times these.
FACTORS = (2.0, 0.5, 10.0, 0.1)


class Mistakes:
    """{other value of a setting: what it is, in a few words}, in `typing.Annotated`; likelier ones first."""

    def __init__(self, known: Mapping[Any, str]) -> None:
        self.known = MappingProxyType(dict(known))

    def __repr__(self) -> str:
        return f"Mistakes({dict(self.known)!r})"


@dataclass(frozen=True)
class Change:
    """One change to a pipeline: ``made`` returns the changed one.

    ``touches`` are the stages whose computation it may change; ``fault`` names it, ``variant`` says which way,
    ``text`` says it to a person, ``repair`` what to do.
    """

    fault: str
    variant: str
    text: str
    repair: str
    touches: frozenset[str]
    made: Callable[[Description], Description] = field(repr=False)
    known: bool = True

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.fault}={self.variant}"


def changes(pipeline: Description, within: Sequence[str]) -> list[Change]:
    """Every change of a setting, or of an ensemble, that stages ``within`` have; known ones first."""
    found: list[Change] = []
    for name, setting in pipeline.known.items():
        of = [part.name for part in pipeline.parts if part.name in within and name in part.settings]
        if of:
            kinds = [pipeline.stage(one).settings[name].kind for one in of]
            found += _of_setting(pipeline, setting, kinds, of)
    for part in pipeline.parts:
        if part.name in within and isinstance(part, Networks):
            found += _of_networks(pipeline, part)
    return sorted(found, key=lambda one: not one.known)


def _of_setting(
    pipeline: Description, setting: Setting, kinds: Sequence[Any], of: Sequence[str]
) -> Iterator[Change]:
    name = setting.name
    right = pipeline.settings[name]
    told = {other: text for kind in kinds for one in _declared(kind) for other, text in one.known.items()}
    values = [(other, text, True) for other, text in told.items()]
    tried = [*told, right]
    for other in _others(setting, right):
        if not any(_same(other, one) for one in tried):
            values.append((other, "", False))
            tried.append(other)
    where = f"{'stage' if len(of) == 1 else 'stages'} {', '.join(of)}"
    for other, text, known in values:
        if _same(other, right) or not all(fits(other, kind) for kind in kinds):
            continue
        said = f"{name}={other!r} in {where}, where the original has {right!r}"
        yield Change(
            fault=f"setting {name}",
            variant=repr(other),
            text=f"{text} ({said})" if text else said,
            repair=f"compute {', '.join(of)} with {name}={right!r}, as the original does",
            touches=frozenset(of),
            made=lambda whole, name=name, other=other: whole.with_settings(**{name: other}),  # type: ignore[misc]
            known=known,
        )


def _declared(kind: Any) -> list[Mistakes]:
    if get_origin(kind) is not Annotated:
        return []
    return [one for one in get_args(kind)[1:] if isinstance(one, Mistakes)]


def _others(setting: Setting, right: Any) -> Iterator[Any]:
    """Values that are tried without being declared."""
    yield setting.default
    if isinstance(right, bool):
        yield not right
    elif isinstance(right, int):
        yield from (right + 1, max(right - 1, 0), right * 2, right // 2)
    elif isinstance(right, float):
        yield from (0.0, -right) if right else (0.01, 0.1, 1.0)
        yield from (right * factor for factor in FACTORS)
    elif isinstance(right, Sequence) and not isinstance(right, str) and len(right) > 1:
        yield type(right)(right[::-1])  # type: ignore[call-arg]
        yield type(right)(sorted(right))  # type: ignore[call-arg]


def _of_networks(pipeline: Description, part: Networks) -> Iterator[Change]:
    """An ensemble of one network only, or without one, or its median; what is made of the mean left out."""
    many = range(len(part.members))
    for place in many if len(many) > 1 else ():
        yield _ensemble(part, (place,), f"only network {place + 1} of {len(many)} in {part.name}")
    for place in many if len(many) > 2 else ():
        some = tuple(one for one in many if one != place)
        yield _ensemble(part, some, f"network {place + 1} of {len(many)} is left out of {part.name}")
    if len(many) > 2:
        other = "median" if part.joint == "mean" else "mean"

        def joined(whole: Description) -> Description:
            return _with_part(whole, replace(part, joint=other), tuple(many))

        yield Change(
            "ensemble",
            other,
            f"the {other} of the networks in {part.name}, where the original takes their {part.joint}",
            f"take the {part.joint} of all {len(part.members)} networks",
            frozenset({part.name}),
            joined,
        )
    if part.after is not None:

        def bare(whole: Description) -> Description:
            return _with_part(whole, replace(part, after=None), tuple(many))

        text = f"what {part.name} makes of the {part.joint} of its networks is left out"
        yield Change(
            "ensemble",
            "bare",
            text,
            f"make it, as the original does: {part.about}",
            frozenset({part.name}),
            bare,
        )


def _ensemble(part: Networks, places: tuple[int, ...], text: str) -> Change:
    def made(whole: Description) -> Description:
        return _with_part(whole, replace(part, members=tuple(part.members[one] for one in places)), places)

    repair = f"take the {part.joint} of all {len(part.members)} networks"
    variant = "networks " + ", ".join(str(one + 1) for one in places)
    return Change("ensemble", variant, text, repair, frozenset({part.name}), made)


def _with_part(whole: Description, part: Networks, places: Sequence[int]) -> Description:
    """The pipeline with another part, whose networks are loaded already."""
    loaded = whole.members(part.name)
    kept = {key: value for key, value in whole._kept.items() if key[1] == "members"}
    kept[part.name, "members"] = tuple(loaded[place] for place in places)
    parts = tuple(part if one.name == part.name else one for one in whole.parts)
    return replace(whole, parts=parts, _kept=kept)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
