"""Named stages in order, from what is given to events, with settings, and the steps that compute them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from ..describe.text_table import layout
from ..errors import InputError, PluginError, near
from ..graph import Array, Graph
from .ensembles import ensemble
from .settings import Setting, validated
from .stage import Decoder, Function, Given, Networks, Numeric, Stage
from .steps import DecodeStep, FunctionStep, GraphStep, Step, chain, fused, renamed

#: Names of options, which no stage may have.
OPTIONS = ("until", "networks", "expect", "explain", "runtime", "fit", "progress", "halves")


@dataclass(frozen=True, eq=False)
class Description:
    """A directed graph of stages: what a `Pipeline` is made of.

    Args:
        name: what it is called, ``family/pipeline``.
        parts: its stages, each behind those that it takes; the first ones are `Given`.
        about: what it computes, in a sentence.
        chosen: settings that differ from their defaults, by name; a setting belongs to every stage that has it.
        causal: whether the original works block by block.
        needs: what a reader should know of its results.
    """

    name: str
    parts: tuple[Stage, ...]
    about: str = ""
    chosen: Mapping[str, Any] = field(default_factory=dict)
    causal: bool = False
    needs: str = ""
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        known: set[str] = set()
        for part in self.parts:
            if part.name in known or part.name in OPTIONS or not part.name.isidentifier():
                raise PluginError(
                    f"{part.name!r} is no name for a stage", where=self.name, expected="a name of its own"
                )
            if lacking := [name for name in part.takes if name not in known]:
                raise PluginError(
                    f"stage {part.name!r} takes {lacking[0]!r}, which no stage before it gives",
                    where=self.name,
                    expected=near(lacking[0], known),
                )
            known.add(part.name)
        object.__setattr__(
            self, "chosen", validated(self.name, self.known, self.chosen, others=(*self.stages, *self.beside))
        )

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of its stages in order, without fine ones."""
        return tuple(part.name for part in self.parts if not _fine(part))

    @property
    def fine(self) -> tuple[str, ...]:
        """The names of fine stages, which are computed by themselves only where they are asked for."""
        return tuple(part.name for part in self.parts if _fine(part))

    @cached_property
    def known(self) -> dict[str, Setting]:
        """{name: setting} of all that may be chosen; the first stage that has it gives the default."""
        found: dict[str, Setting] = {}
        for part in self.parts:
            for name, one in part.settings.items():
                found.setdefault(name, one)
        return found

    @cached_property
    def beside(self) -> dict[str, Setting]:
        """{name: what is given beside a given stage}, such as the rate of a sound."""
        return {
            name: one for part in self.parts if isinstance(part, Given) for name, one in part.beside.items()
        }

    @property
    def settings(self) -> dict[str, Any]:
        """{name: value} of every setting, as chosen or by default."""
        return {name: self.chosen.get(name, one.default) for name, one in self.known.items()}

    def stage(self, name: str) -> Stage:
        """The stage of that name. Raises `InputError` that names what is near."""
        found = next((part for part in self.parts if part.name == name), None)
        if found is None:
            names = [part.name for part in self.parts]
            raise InputError(f"there is no stage {name!r}", where=self.name, expected=near(name, names))
        return found

    def with_settings(self, **settings: Any) -> Self:
        """The same pipeline with other settings. Raises `InputError` for one that it does not have."""
        networks = {key: value for key, value in self._kept.items() if key[1] == "members"}
        return replace(self, chosen={**self.chosen, **settings}, _kept=networks)

    def describe(self) -> str:
        """A text: every stage, what it takes and does, and every setting with its value."""
        rows = [["stage", "kind", "takes", "what"]]
        rows += [
            [("  " if _fine(part) else "") + part.name, part.kind, ", ".join(part.takes), part.about]
            for part in self.parts
        ]
        text = [f"{self.name}: {self.about}" if self.about else self.name, "", *layout(rows)]
        if self.known:
            of = {
                name: ", ".join(part.name for part in self.parts if name in part.settings)
                for name in self.known
            }
            values = self.settings
            table = [["setting", "value", "of", "type"]]
            table += [[name, repr(values[name]), of[name], one.told] for name, one in self.known.items()]
            text += ["", *layout(table)]
        return "\n".join([*text, *(["", self.needs] if self.needs else [])])

    def graph(self, until: str, *, dtype: str = "float32", channels: int | None = None) -> Graph:
        """The numeric stages and networks up to a stage as one `Graph`, for a signal of that type.

        What no graph computes is an input of it.
        """
        steps = self.steps((), [until], {"dtype": dtype, "channels": channels})
        last = next((step for step in steps if step.name == until), None)
        if not isinstance(last, GraphStep):
            raise InputError(f"stage {until!r} is no graph", where=self.name, found=self.stage(until).kind)
        return chain(f"{self.name} {until}", steps, last.gives)

    def steps(self, given: Sequence[str], wanted: Sequence[str], facts: Mapping[str, Any]) -> list[Step]:
        """What is computed, in order, for ``wanted`` stages where others are ``given``.

        Fine stages that nobody wants by name are parts of the coarser ones behind them.
        """
        needed, order = set(wanted) - set(given), []
        for part in reversed(self.parts):
            if part.name in needed:
                needed |= set(part.takes) - set(given)
                order.append(part)
        steps: list[Step] = []
        for part in reversed(order):
            if isinstance(part, Given) or (_fine(part) and part.name not in wanted):
                continue
            steps.append(self._step(part, [*given, *wanted], facts))
        return steps

    def _step(self, part: Stage, whole: Sequence[str], facts: Mapping[str, Any]) -> Step:
        before = self._before(part, whole)
        key = (part.name, tuple(one.name for one in before), tuple(sorted(facts.items(), key=str)))
        if key not in self._kept:
            self._kept[key] = self._made(part, before, facts)
        step: Step = self._kept[key]
        return step

    def _made(self, part: Stage, before: Sequence[Numeric], facts: Mapping[str, Any]) -> Step:
        takes = tuple(name for one in part.takes for name in self.tensors(one, facts))
        if isinstance(part, Numeric):
            chain = (*before, part)
            blocks = [one.in_blocks(self.chosen, facts) for one in chain]
            return fused(part.name, [self._graph(one, facts) for one in chain], blocks)
        if isinstance(part, Networks):
            return ensemble(
                part.name, takes[0], self.members(part.name), part.behind(self.chosen), part.joint
            )
        if isinstance(part, Function):
            given = [one for one in map(self.stage, part.takes) if isinstance(one, Given)]
            exactly = frozenset(one.name for one in given if one.exact)
            function, ways = part.bound(self.chosen), part.ways(self.chosen)
            return FunctionStep(part.name, takes, function, ways, part.dtype, exactly)
        assert isinstance(part, Decoder)
        return DecodeStep(part.name, takes, part.bound(self.chosen))

    def _before(self, part: Stage, whole: Sequence[str]) -> list[Numeric]:
        """The fine stages that are computed together with a stage, in order."""
        needed = set(part.takes)
        found: list[Numeric] = []
        for one in reversed(self.parts):
            if one.name in needed and isinstance(one, Numeric) and one.fine and one.name not in whole:
                found.append(one)
                needed |= set(one.takes)
        return found[::-1]

    def _graph(self, part: Numeric, facts: Mapping[str, Any]) -> Graph:
        """The graph of a numeric stage; its inputs and outputs are called as the tensors of the pipeline."""
        key = (part.name, "graph", tuple(sorted(facts.items(), key=str)))
        if key in self._kept:
            kept: Graph = self._kept[key]
            return kept
        graph = part.made(self.chosen, facts)
        takes = [name for one in part.takes for name in self.tensors(one, facts)]
        own = [spec.name for spec in graph.inputs]
        names: dict[str, str] = {}
        if not set(own) <= set(takes):
            if len(own) != len(takes):
                raise PluginError(
                    f"the graph of stage {part.name!r} takes other tensors than the stages before it give",
                    where=self.name,
                    found=", ".join(own),
                    expected=", ".join(takes),
                )
            names.update(zip(own, takes, strict=True))
        if len(graph.outputs) == 1 and not graph.outputs[0].startswith(part.name):
            names[graph.outputs[0]] = part.name
        made = renamed(graph.changed(name=part.name), names) if names else graph
        self._kept[key] = made
        return made

    def tensors(self, name: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """The names of the values of a stage: its own, or one for each output of its graph."""
        part = self.stage(name)
        return self._graph(part, facts).outputs if isinstance(part, Numeric) else (name,)

    def members(self, name: str) -> tuple[Graph, ...]:
        """The networks of a stage, loaded once. Raises `Unavailable` for one that is not here."""
        part = self.stage(name)
        assert isinstance(part, Networks)
        if (name, "members") not in self._kept:
            self._kept[name, "members"] = tuple(member.load() for member in part.members)
        loaded: tuple[Graph, ...] = self._kept[name, "members"]
        return loaded

    def __repr__(self) -> str:
        chosen = "".join(f", {name}={value!r}" for name, value in self.chosen.items())
        return f"<{type(self).__name__} {self.name}: {' -> '.join(self.stages)}{chosen}>"


def facts_of(value: Array) -> dict[str, Any]:
    """What graphs are made for: the element type of a signal, and how many channels it has, if it has an axis."""
    array = np.asarray(value)
    return {"dtype": array.dtype.name, "channels": array.shape[1] if array.ndim == 2 else None}


def _fine(part: Stage) -> bool:
    return isinstance(part, Numeric) and part.fine
