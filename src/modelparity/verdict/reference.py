"""One reference on one input: the truth and the floors, each computed once however many candidates come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np

from ..describe.caches import caches
from ..engine.arithmetic import to_bfloat16
from ..engine.feeds import bound
from ..engine.limits import TooMuch
from ..engine.run import run
from ..errors import GraphError, InputError
from ..graph import Array, Graph, digest
from .floor import EARLY, RUNS, Floor, Measurement, affordable, measuring
from .telling import TOGETHER, Asked, Telling, telling

T = TypeVar("T")
#: Windows of an input that are run at most.
MOST = 32


@dataclass(frozen=True)
class Windows:
    """An input that was given, in windows of one ``size`` along ``axis``, behind each other; ``whole`` is all of it.

    ``last`` is the window that ends where the input does, where the others leave something over.
    """

    whole: Reference
    axis: str
    size: int
    feeds: tuple[dict[str, Array], ...]
    last: dict[str, Array] | None
    count: int


class Unrunnable(GraphError):
    """A reference does not run at sizes that were chosen for it."""


class Reference:
    """A graph and its inputs, with truth (float64 outputs) and floor at any precision on demand.

    ``about`` describes the inputs in reports (recipe, seed, length or file); ``truth`` is the
    recorded one, if there is one. ``again`` makes it at other sizes of free axes, where inputs were not given.
    ``windows`` are those of an input that was given and is longer than what a candidate takes; this is the first.
    ``asked`` is what the cases of its question have found of its weights, which they share; ``runs`` are those by
    which its floor is measured where they are cheap.
    """

    windows: Windows | None = None

    def __init__(
        self,
        graph: Graph,
        feeds: Mapping[str, Array] | Array,
        about: Mapping[str, Any] | None = None,
        *,
        truth: Mapping[str, Array] | None = None,
        again: Callable[[Mapping[str, int]], Reference] | None = None,
        asked: Asked | None = None,
        runs: int = RUNS,
    ) -> None:
        self.graph, self.feeds, self.about = graph, bound(graph, feeds), dict(about or {})
        self._truth = None if truth is None else dict(truth)
        self._floors: dict[str, Floor] = {}
        self._few: list[tuple[Mapping[str, Array], Floor]] = []
        self._kept: dict[object, Any] = {}
        self._again, self._asked, self.runs = again, asked, runs
        self._others: dict[object, Reference] = {}

    @property
    def sizes(self) -> dict[str, int]:
        """{free axis: its size on this input}."""
        return {
            axis.name: size
            for spec in self.graph.inputs
            for axis, size in zip(spec.axes, self.feeds[spec.name].shape, strict=True)
            if axis.size is None
        }

    @property
    def given(self) -> bool:
        """Whether its inputs were given, rather than made by a recipe."""
        return self._again is None

    def at(self, sizes: Mapping[str, int], values: Mapping[str, float | Array]) -> Reference:
        """The same with other ``sizes`` of free axes, and inputs filled with ``values``; each made once.

        Inputs that were given and are longer along one axis are cut into windows. Raises `InputError` where other
        sizes are wanted and inputs were given.
        """
        sizes = {name: size for name, size in sizes.items() if self.sizes[name] != size}
        values = {name: value for name, value in values.items() if (self.feeds[name] != value).any()}
        if not sizes and not values:
            return self
        told = ((name, _told(values[name])) for name in sorted(values))
        key = (*sorted(sizes.items()), *told)
        if key not in self._others:
            self._others[key] = self._made(sizes, values)
        return self._others[key]

    def other(self, key: object, feeds: Callable[[], Mapping[str, Array]]) -> Reference:
        """The same on other ``feeds`` of the same shapes, made once under that key."""
        if key not in self._others:
            self._others[key] = Reference(self.graph, feeds(), self.about, again=self._again, runs=self.runs)
        return self._others[key]

    def rounded(self, dtype: str) -> Reference:
        """The same on inputs that ``dtype``, a half precision, holds; itself where they were given."""
        again = self._again
        if again is None:
            return self
        if dtype not in self._others:
            feeds = {
                name: in_half(array, dtype) if array.dtype.kind == "f" else array
                for name, array in self.feeds.items()
            }
            self._others[dtype] = Reference(
                self.graph,
                feeds,
                {**self.about, "rounded to": dtype},
                again=lambda sizes: again(sizes).rounded(dtype),
                runs=self.runs,
            )
        return self._others[dtype]

    def _made(self, sizes: Mapping[str, int], values: Mapping[str, float | Array]) -> Reference:
        if (
            len(sizes) == 1
            and self.given
            and all(0 < size < self.sizes[name] for name, size in sizes.items())
        ):
            return self._cut(*next(iter(sizes.items()))).at({}, values)
        if sizes and self.given:
            wanted = ", ".join(f"{name}={size}" for name, size in sizes.items())
            raise InputError(
                "the candidate takes other sizes than the inputs that were given have",
                where=self.graph.name,
                found=", ".join(f"{name}={self.sizes[name]}" for name in sizes),
                expected=wanted,
                fix=f"give inputs with {wanted}, or leave them out: recipes take the sizes that the candidate fixes",
            )
        base = self._again(sizes) if sizes and self._again is not None else self
        if not values:
            return base
        feeds = {
            name: np.full_like(array, values[name]) if name in values else array
            for name, array in base.feeds.items()
        }
        made = Reference(self.graph, feeds, base.about, asked=self._asked, runs=self.runs)
        made.windows = base.windows
        return made

    def _cut(self, axis: str, size: int) -> Reference:
        """The first window of that size, with the others."""
        places = {
            spec.name: place
            for spec in self.graph.inputs
            for place, one in enumerate(spec.axes)
            if one.name == axis
        }

        def part(start: int) -> dict[str, Array]:
            return {
                name: np.take(array, range(start, start + size), places[name]) if name in places else array
                for name, array in self.feeds.items()
            }

        have = self.sizes[axis]
        feeds = tuple(part(start) for start in range(0, have - size + 1, size)[:MOST])
        last = part(have - size) if have % size and len(feeds) < MOST else None
        first = Reference(self.graph, feeds[0], self.about, asked=self._asked, runs=self.runs)
        first.windows = Windows(self, axis, size, feeds, last, have // size)
        return first

    @property
    def truth(self) -> dict[str, Array]:
        """{output: array}, computed in float64."""
        if self._truth is None:
            try:
                self._truth = run(self.graph, self.feeds)
            except TooMuch:  # it takes these sizes, but not here
                raise
            except GraphError as error:
                if (sizes := self._chosen()) is None:
                    raise
                advice = (
                    f"the reference itself does not run at {sizes}: if it takes no such size, choose another "
                    "(--length or --size, length= or sizes= in Python, inputs in a parity.toml)"
                )
                raise Unrunnable(
                    error.what,
                    where=error.where,
                    found=error.found,
                    expected=error.expected,
                    fix=f"{advice}; else {error.fix}" if error.fix else advice,
                ) from error
        return self._truth

    @cached_property
    def carried(self) -> dict[str, str]:
        """{input: the output that is its next value} of what a host carries from call to call."""
        return caches(self.graph, self.truth) if len(self.graph.inputs) > 1 else {}

    def _chosen(self) -> str | None:
        """The sizes of the variable axes, as text; None if all are fixed."""
        return ", ".join(f"{name}={size}" for name, size in self.sizes.items()) or None

    def floor(self, precision: str = "float32") -> Floor:
        """The floor at ``precision``."""
        if precision not in self._floors:
            self._floors[precision] = self._measuring(precision).whole()
        return self._floors[precision]

    def floor_for(self, within: Callable[[Mapping[str, Array]], bool]) -> Floor:
        """The floor in float32, by few runs where these show that more would change nothing.

        Floors grow with every run. Where a candidate is ``within`` {output: what they are at least} after the first
        of them, it is so after all: no verdict is another one, but the multiple that is said of it is by fewer runs.
        """
        measurement: Measurement | None = None
        for place, runs in enumerate(EARLY):
            if place == len(self._few):
                if "float32" in self._floors:
                    break
                measurement = self._measuring("float32") if measurement is None else measurement
                if runs >= measurement.planned:
                    break
                measurement.go_on(runs)
                self._few.append((measurement.least(), measurement.so_far()))
            least, floor = self._few[place]
            if within(least):
                return floor
        if "float32" not in self._floors and measurement is not None:
            self._floors["float32"] = measurement.whole()
        return self.floor()

    def _measuring(self, precision: str) -> Measurement:
        return measuring(self.graph, self.feeds, self.truth, precision=precision, most=self.runs)

    @cached_property
    def telling(self) -> Telling:
        """Whether it can tell a right candidate from a wrong one on its inputs."""
        floor = self._few[-1][1] if self._few and "float32" not in self._floors else self.floor()
        runs = min(affordable(floor.cost), self.runs) if floor.cost else floor.runs
        return telling(
            self.graph,
            self.feeds,
            self.truth,
            floor.outputs,
            cost=floor.cost,
            asked=self._asked,
            further=max(TOGETHER, runs // 4),  # what floors may take says what is cheap here
        )

    @property
    def unmoved(self) -> bool:
        """Whether it was asked, at these sizes or others, and does not tell: its inputs do not move the network."""
        asked = [vars(one).get("telling") for one in (self, *self._others.values())]
        found = [one for one in asked if one is not None]
        return bool(found) and all(one.reason is not None and not one.random for one in found)

    def know(self, floor: Floor) -> None:
        """Take a floor that was recorded, at its precision."""
        self._floors[floor.precision] = floor

    def keep(self, name: str, outputs: Mapping[str, Array]) -> None:
        """Take outputs that were recorded under the name that `kept` looks for."""
        self._kept[name] = outputs

    def kept(self, key: object, compute: Callable[[], T]) -> T:
        """What ``compute`` gives, computed once under that key: runs that every candidate is compared with."""
        if key not in self._kept:
            self._kept[key] = compute()
        found: T = self._kept[key]
        return found


def _told(value: float | Array) -> object:
    return digest(value) if isinstance(value, np.ndarray) else value


def in_half(array: Array, dtype: str) -> Array:
    """Floats rounded to a half precision, in the type that they had."""
    if dtype == "bfloat16":
        return to_bfloat16(array).astype(array.dtype)
    with np.errstate(over="ignore"):
        return array.astype(np.float16).astype(array.dtype)


@runtime_checkable
class Recorded(Protocol):
    """What was computed once and kept, with its inputs: a golden."""

    def reference(self, graph: Graph) -> Reference:
        """``graph`` with the recorded inputs, truth and floor. Raises `GoldenError` if it was not made of it."""
