"""What a stage is, a named step before, in or after networks: given, numeric, a function, networks, a decoder."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ..errors import InputError, PluginError
from ..graph import Array, Graph
from .blocks import Blocks
from .decoded import Decoded
from .settings import Setting, settings_of

#: What belongs to the signal that is given, and is no setting: its element type, how many channels it has (None for
#: no axis), its rate.
FACTS = ("dtype", "channels", "rate")


@dataclass(frozen=True)
class Stage:
    """A named step: ``takes`` are the names of the stages that it is computed from, ``about`` a sentence on it."""

    name: str
    takes: tuple[str, ...] = ()
    about: str = field(default="", kw_only=True)

    @property
    def settings(self) -> dict[str, Setting]:
        """What may be chosen, by name."""
        return {}

    @property
    def kind(self) -> str:
        """The kind of stage in a word."""
        return type(self).__name__.lower()


def as_it_is(value: Any) -> Array:
    """A value as an array of numbers. Raises `InputError` for what is none."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise InputError("not an array of numbers", found=array.dtype)
    return array


@dataclass(frozen=True)
class Given(Stage):
    """What a caller gives, such as sound or times of beats.

    ``read`` makes of it what the stages behind it take, and refuses what they cannot; keyword parameters of it, such
    as ``rate``, are given beside it. Numbers that are ``exact`` carry no rounding, such as times that tell frames:
    they are the same in every perturbed run.
    """

    read: Callable[..., Array] = field(default=as_it_is, kw_only=True)
    exact: bool = field(default=False, kw_only=True)

    @property
    def beside(self) -> dict[str, Setting]:
        """What is given beside it, by name."""
        return settings_of(self.read)


@dataclass(frozen=True)
class Numeric(Stage):
    """Numbers from numbers: ``graph`` is a function of settings that returns a `Graph` of engine operators.

    Its inputs are called as the outputs of the stages that it takes (or there is one for each of them, in order); a
    stage with several outputs, such as one for each frame size, has them by name. Settings are the keyword-only
    parameters of ``graph``, but for `FACTS`, which are those of the signal that is given.
    A stage that is ``fine`` is a part of a coarser one behind it: it is computed together with that, unless it is
    asked for by name. ``blocks`` says how it is computed block by block where its input is long: as `Blocks`, or as a
    function that is called as ``graph`` is and returns those, or None where these settings allow none.
    """

    graph: Callable[..., Graph] = field(kw_only=True)
    fine: bool = field(default=False, kw_only=True)
    blocks: Blocks | Callable[..., Blocks | None] | None = field(default=None, kw_only=True)

    @property
    def settings(self) -> dict[str, Setting]:
        """What may be chosen, by name."""
        return {name: one for name, one in settings_of(self.graph).items() if name not in FACTS}

    def made(self, chosen: Mapping[str, Any], facts: Mapping[str, Any]) -> Graph:
        """Its graph with settings ``chosen``, for a signal of which ``facts`` are known."""
        return self.graph(**self._keywords(self.graph, chosen, facts))

    def in_blocks(self, chosen: Mapping[str, Any], facts: Mapping[str, Any]) -> Blocks | None:
        """How it is computed block by block with settings ``chosen``, if it can be."""
        if self.blocks is None or isinstance(self.blocks, Blocks):
            return self.blocks
        return self.blocks(**self._keywords(self.blocks, chosen, facts))

    def _keywords(
        self, function: Callable[..., Any], chosen: Mapping[str, Any], facts: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a function of settings and of the signal is called with."""
        wanted = inspect.signature(function).parameters
        own = {name: chosen[name] for name in self.settings if name in chosen and name in wanted}
        return {**own, **{name: facts[name] for name in FACTS if name in wanted and name in facts}}


@dataclass(frozen=True)
class Function(Stage):
    """Numbers from numbers where a graph of operators would be artificial, as for a filter run to and fro.

    ``function`` takes the stages' values in order, and settings as keyword-only parameters. Its floor is measured by
    perturbing what it is given and what it returns; ``variants`` takes the same and returns further results that
    legitimate ways of computing it give (such as with coefficients of another release), by which perturbed runs then
    differ.
    """

    function: Callable[..., Array] = field(kw_only=True)
    variants: Callable[..., Sequence[Array]] | None = field(default=None, kw_only=True)
    dtype: str = field(default="float64", kw_only=True)

    @property
    def settings(self) -> dict[str, Setting]:
        """What may be chosen, by name."""
        return settings_of(self.function)

    def bound(self, chosen: Mapping[str, Any]) -> Callable[..., Array]:
        """The function with settings ``chosen``."""
        return partial(self.function, **{name: chosen[name] for name in self.settings if name in chosen})

    def ways(self, chosen: Mapping[str, Any]) -> Callable[..., Sequence[Array]] | None:
        """The variants with settings ``chosen``, if there are any."""
        if self.variants is None:
            return None
        return partial(self.variants, **{name: chosen[name] for name in self.settings if name in chosen})


@runtime_checkable
class Member(Protocol):
    """A network of an ensemble, such as a `modelparity.family.Model`: what it is called, and what reads it."""

    @property
    def key(self) -> str:
        """Its name."""

    def load(self) -> Graph:
        """The network. Raises `Unavailable` if it is not here."""


@dataclass(frozen=True)
class Networks(Stage):
    """One network, or an ensemble whose outputs are averaged in the order of ``members``.

    ``joint`` is what is made of several: "mean" or "median". ``after`` makes the value of the stage of that: a
    function that returns a graph, as for `Numeric`. Raises `PluginError` for another ``joint``.
    """

    members: tuple[Member, ...] = field(default=(), kw_only=True)
    after: Callable[..., Graph] | None = field(default=None, kw_only=True)
    joint: str = field(default="mean", kw_only=True)

    def __post_init__(self) -> None:
        if self.joint not in ("mean", "median"):
            raise PluginError(
                f"stage {self.name!r} makes something else of its networks",
                found=self.joint,
                expected="mean or median",
            )

    @property
    def settings(self) -> dict[str, Setting]:
        """What may be chosen, by name."""
        return {} if self.after is None else settings_of(self.after)

    def behind(self, chosen: Mapping[str, Any]) -> Graph | None:
        """What makes the stage's value of the mean of the networks, if anything does."""
        if self.after is None:
            return None
        return self.after(**{name: chosen[name] for name in self.settings if name in chosen})


@dataclass(frozen=True)
class Decoder(Stage):
    """Events, segments or a label from numbers: a plain function of the stages' values, in order.

    Its settings are the keyword-only parameters of ``function``; ``gives`` says what comes out and how two of it are
    compared. ``online`` makes of these settings what does the same block by block, by its method ``push``: the next
    values of the stages -> what they give and was not given before.
    """

    function: Callable[..., Any] = field(kw_only=True)
    gives: Decoded = field(kw_only=True)
    online: Callable[..., Any] | None = field(default=None, kw_only=True)

    @property
    def settings(self) -> dict[str, Setting]:
        """What may be chosen, by name."""
        return settings_of(self.function)

    def bound(self, chosen: Mapping[str, Any]) -> Callable[..., Any]:
        """The function with settings ``chosen``."""
        return partial(self.function, **{name: chosen[name] for name in self.settings if name in chosen})


def gives(part: Stage) -> Decoded | None:
    """What kind of result a decoder gives; None of any other stage."""
    return part.gives if isinstance(part, Decoder) else None
