"""What a candidate says of itself before it runs, and both signatures as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any, cast

from ...engine.feeds import as_array
from ...errors import ModelparityError
from ...formats import load
from ...formats.registry import sniff
from ...graph import Array, Graph, TensorSpec
from ...runtimes import Runtime
from ...runtimes.engine import stamp
from .image import Pixels, images
from .names import Sides

#: The file that was read last: its "state", and what was "found": its graph, or the error.
_last: dict[str, Any] = {}


def read_file(path: str | PathLike[str]) -> Graph:
    """What a file computes: case after case, and each question why it is wrong, asks for the same file.

    Raises as `load`.
    """
    state = stamp(Path(path))
    if _last.get("state") != state:
        found: Graph | ModelparityError
        try:
            found = load(path)
        except ModelparityError as error:
            found = error
        _last.update(state=state, found=found)
    if isinstance(_last["found"], ModelparityError):
        raise _last["found"]
    return cast("Graph", _last["found"])


@dataclass(eq=False)
class Candidate:
    """A candidate with the runtime that runs it; ``where`` is what errors call it.

    ``given`` are arrays for inputs that the reference does not have; ``own`` is the graph of its file where that was
    read already, as the reference's.
    """

    engine: Runtime
    artefact: object
    where: str
    given: Mapping[str, Array] = field(default_factory=dict)
    own: Graph | None = None

    @cached_property
    def inputs(self) -> tuple[str, ...] | None:
        """The inputs that must be given; None if it cannot say."""
        return self.engine.inputs(self.artefact)

    @cached_property
    def specs(self) -> Mapping[str, TensorSpec]:
        """{input: axes and type}, as far as it says."""
        return self.engine.specs(self.artefact)

    @cached_property
    def carried(self) -> Mapping[str, str]:
        """{input: output} of the states that it keeps if they are not given."""
        return self.engine.carried(self.artefact)

    @cached_property
    def graph(self) -> Graph | None:
        """What it computes, as this package reads it; None where it is not readable."""
        if isinstance(self.artefact, Graph):
            return self.artefact
        if self.own is not None:
            return self.own
        if not isinstance(self.artefact, str | PathLike):
            return None
        try:
            return read_file(self.artefact)
        except ModelparityError:
            return None

    @cached_property
    def images(self) -> Mapping[str, Pixels]:
        """{input that is an image: what the file makes of its pixels}."""
        if not any(spec.dtype == "uint8" for spec in self.specs.values()):
            return {}
        return images(self.graph)

    @cached_property
    def lacks(self) -> Mapping[str, tuple[str, ...]]:
        """{type that its format has no outputs of: types that stand in for it}."""
        if not isinstance(self.artefact, str | PathLike):
            return {}
        try:
            return sniff(Path(self.artefact)).lacks
        except ModelparityError:
            return {}

    def run(self, feeds: Mapping[str, Array]) -> dict[str, Array]:
        """Its outputs. Raises as `Runtime.outputs`."""
        return self.engine.outputs(self.artefact, feeds)

    def session(self) -> AbstractContextManager[Callable[[Mapping[str, Array]], dict[str, Array]]]:
        """Runs in a row: what it keeps to itself goes from one to the next."""
        return self.engine.session(self.artefact)

    def kept(self, feeds: Mapping[str, Array]) -> tuple[str, ...]:
        """What it keeps to itself from run to run."""
        return self.engine.kept(self.artefact, feeds)

    def sides(self, graph: Graph, outputs: Mapping[str, Array] | None = None) -> Sides:
        """The signatures of ``graph`` and of this; ``outputs`` are what it gave, once it ran."""
        names = self.inputs or ()
        own = "; ".join(_text(self.specs.get(name), name) for name in names) or "inputs that it does not name"
        gave = "" if outputs is None else f" -> {', '.join(_shaped(outputs))}"
        reference = f"{'; '.join(map(str, graph.inputs))} -> {', '.join(graph.outputs)}"
        return Sides(self.where, reference, own + gave)


def given_arrays(given: Mapping[str, Array] | None) -> dict[str, Array]:
    """What was given, as arrays."""
    return {name: as_array(value) for name, value in (given or {}).items()}


def _text(spec: TensorSpec | None, name: str) -> str:
    if spec is None:
        return name
    axes = ", ".join(axis.name or "any" if axis.size is None else str(axis.size) for axis in spec.axes)
    return f"{name} ({axes}) {spec.dtype}".rstrip()


def _shaped(outputs: Mapping[str, Array]) -> list[str]:
    return [f"{name} {tuple(array.shape)}" for name, array in outputs.items()]
