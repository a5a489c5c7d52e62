"""One reference on one input: the truth and the floors, each computed once however many candidates come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..engine.feeds import bound
from ..engine.run import run
from ..errors import GraphError
from ..graph import Array, Graph
from .floor import Floor, measure


class Reference:
    """A graph and its inputs, with truth (float64 outputs) and floor at any precision on demand.

    ``about`` describes the inputs in reports (recipe, seed, length or file); ``truth`` is the
    recorded one, if there is one.
    """

    def __init__(
        self,
        graph: Graph,
        feeds: Mapping[str, Array] | Array,
        about: Mapping[str, Any] | None = None,
        *,
        truth: Mapping[str, Array] | None = None,
    ) -> None:
        self.graph, self.feeds, self.about = graph, bound(graph, feeds), dict(about or {})
        self._truth = None if truth is None else dict(truth)
        self._floors: dict[str, Floor] = {}
        self._kept: dict[str, Mapping[str, Array]] = {}

    @property
    def truth(self) -> dict[str, Array]:
        """{output: array}, computed in float64."""
        if self._truth is None:
            try:
                self._truth = run(self.graph, self.feeds)
            except GraphError as error:
                if (sizes := self._chosen()) is None:
                    raise
                advice = (
                    f"the reference itself does not run at {sizes}: if it takes no such size, choose another "
                    "(--length or --size, length= or sizes= in Python, inputs in a parity.toml)"
                )
                raise GraphError(
                    error.what,
                    where=error.where,
                    found=error.found,
                    expected=error.expected,
                    fix=f"{advice}; else {error.fix}" if error.fix else advice,
                ) from error
        return self._truth

    def _chosen(self) -> str | None:
        """The sizes of the variable axes, as text; None if all are fixed."""
        sizes = {
            axis.name: size
            for spec in self.graph.inputs
            for axis, size in zip(spec.axes, self.feeds[spec.name].shape, strict=True)
            if axis.size is None
        }
        return ", ".join(f"{name}={size}" for name, size in sizes.items()) or None

    def floor(self, precision: str = "float32") -> Floor:
        """The floor at ``precision``."""
        if precision not in self._floors:
            self._floors[precision] = measure(self.graph, self.feeds, self.truth, precision=precision)
        return self._floors[precision]

    def know(self, floor: Floor) -> None:
        """Take a floor that was recorded, at its precision."""
        self._floors[floor.precision] = floor

    def keep(self, name: str, outputs: Mapping[str, Array]) -> None:
        """Take outputs that were recorded under the name that `kept` looks for."""
        self._kept[name] = outputs

    def kept(self, name: str, compute: Callable[[], Mapping[str, Array]]) -> Mapping[str, Array]:
        """What ``compute`` gives, computed once under that name: runs that every candidate is compared with."""
        if name not in self._kept:
            self._kept[name] = compute()
        return self._kept[name]
